# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of two threads goes first where both want Python: the window's, because somebody would see it wait.

Only one thread of a process runs Python at a time, and one that asks for it waits for a millisecond. A frame of the
window asks many times; if the lab's thread decodes hundreds of events just then, the frame takes twice as long.
"""

from __future__ import annotations

import threading
import time

PATIENCE = 0.008  # seconds that the other waits at most
WORK = 0.004  # seconds that it may then go on in any case: it must not starve
STALE = 0.05  # seconds after which the window no longer counts as being at work, whatever it said


class RightOfWay:
    """The window takes it when it begins to work and leaves it when it has done; the other gives it."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self._free.set()
        self._taken = self._asked = 0.0

    def take(self) -> None:
        """The window begins to work."""
        self._taken = time.monotonic()
        self._free.clear()

    def leave(self) -> None:
        """The window has done what there was to do."""
        self._free.set()

    def give(self) -> None:
        """Wait for a moment if the window is at work; to be called between two pieces of work."""
        if self._free.is_set():
            return
        now = time.monotonic()
        if now - self._taken < STALE and now > self._asked + WORK:
            self._free.wait(PATIENCE)
            self._asked = time.monotonic()
