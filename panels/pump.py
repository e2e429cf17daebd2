# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries events from an inbox to its store on the GUI thread: one signal for all that came since the last tick."""

from __future__ import annotations

import time
from collections import deque

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.events import Event
from app.inbox import Inbox
from app.settings import TICK
from app.store import Store

AT_ONCE = 128  # events between two looks at the clock


class Pump(QObject):
    """Drains an inbox about 30 times a second; `advanced(since)` says from which sequence number on there is news.

    Args:
        inbox: where events wait.
        store: where they go.
        budget: seconds that a tick may spend on them; the rest comes with the next one.
    """

    advanced = pyqtSignal(int)

    def __init__(self, inbox: Inbox, store: Store, parent: QObject | None = None, budget: float = float("inf")) -> None:
        super().__init__(parent)
        self._budget = budget
        self._waiting: deque[Event] = deque()
        self.inbox = inbox
        self.store = store
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.PreciseTimer)
        self._timer.setInterval(round(TICK * 1000))
        self._timer.timeout.connect(self.drain)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """End; what is in the inbox stays there."""
        self._timer.stop()

    def drain(self) -> None:
        """Bring what waits to the store, as much as the budget allows."""
        waiting, since = self._waiting, self.store.end
        waiting.extend(self.inbox.take())
        until = time.perf_counter() + self._budget
        while waiting and time.perf_counter() < until:
            self.store.extend([waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))])
        if self.store.end > since:
            self.advanced.emit(since)
