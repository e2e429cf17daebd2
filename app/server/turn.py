# SPDX-License-Identifier: GPL-3.0-or-later
"""Work put off to the end of a turn of the event loop, so that many small pieces of it become one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Turn:
    """Calls back once, when everything else that is due now has been done.

    A stretch of work that is `has_end` meanwhile calls `end` itself, which costs no turn of the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._call_soon = loop.call_soon
        self._due: list[Callable[[], None]] = []
        self.has_end = False

    def at_end(self, work: Callable[[], None]) -> None:
        """Do this at the end of the turn, in the order it was asked for."""
        if not self._due and not self.has_end:
            self._call_soon(self.end)
        self._due.append(work)

    def end(self) -> None:
        """Do now what was put off."""
        self.has_end = False
        due, self._due = self._due, []
        for work in due:
            work()
