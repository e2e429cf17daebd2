# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that run as long as the lab, and the end of those that may not hear the first word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from app.events import Event, SourceFailed

TRIES = 20
PAUSE = 0.1  # seconds between two


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended: redis-py may take a cancelling for one of its own time-outs and go on."""
    pending = set(tasks)
    for _ in range(TRIES):
        if not pending:
            return
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=PAUSE)


def kept(work: Coroutine[Any, Any, None], name: str, emit: Callable[[Event], None]) -> asyncio.Task[None]:
    """Start what is to run as long as the lab; if it ends by an error of ours, that is said and not lost."""
    task = asyncio.create_task(work, name=name)

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            reason = f"{name} ended by an error of the program: {error!r}"
            emit(SourceFailed(t=time.time(), source="lab", name=name, reason=reason))

    task.add_done_callback(ended)
    return task
