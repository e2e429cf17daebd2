# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of tasks that may not hear the first word."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

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
