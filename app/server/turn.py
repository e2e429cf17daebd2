# SPDX-License-Identifier: GPL-3.0-or-later
"""Work put off to the end of a turn of the event loop, so that many small pieces of it become one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Turn:
    """Calls back once, when everything else that is due now has been done.

    As a with block it is a stretch of work that has an end of its own, which costs no turn of the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._call_soon = loop.call_soon
        self._due: list[Callable[[], None]] = []
        self._is_in_block = False

    def at_end(self, work: Callable[[], None]) -> None:
        """Do this at the end of the turn, in the order it was asked for."""
        if not self._due and not self._is_in_block:
            self._call_soon(self._run)
        self._due.append(work)

    def __enter__(self) -> None:
        self._is_in_block = True

    def __exit__(self, *_: object) -> None:
        self._is_in_block = False
        self._run()

    def _run(self) -> None:
        due, self._due = self._due, []
        for work in due:
            work()
