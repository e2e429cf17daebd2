# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries events from an inbox to its store on the GUI thread: one signal for all that came since the last tick."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.events import CaptureProgress, Event, Selected
from app.inbox import Inbox
from app.settings import TICK
from app.store import Store

PROGRESS = 80  # events: so much work are the rows that a CaptureProgress tells of
BEHIND = 100_000  # events: when so many wait here, others stay in the inbox, which counts what it must drop
PACE = 60_000.0  # events in a second of work, before it is known
LEAST = 100  # events that a tick brings in any case
BACKLOG, LONGEST = 5_000, 0.1  # events that wait: for each so many the time again that a tick has, up to so much


class Pump(QObject):
    """Drains an inbox about 30 times a second; `advanced(since)` says from which sequence number on there is news.

    Args:
        inbox: where events wait.
        store: where they go.
        most: events in one tick, where a CaptureProgress counts for PROGRESS of them; the rest comes with the next
            ones, but nobody waits for what the user selected.
        seconds: of work in one tick, as the ticks before let expect; more of it the more waits, up to LONGEST.
    """

    advanced = pyqtSignal(int)

    def __init__(
        self, inbox: Inbox, store: Store, parent: QObject | None = None, most: int | None = None, seconds: float = 0.0
    ) -> None:
        super().__init__(parent)
        self._most, self._seconds = most, seconds
        self._pace = PACE
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
        """Bring what waits to the store, now."""
        waiting, since = self._waiting, self.store.end
        came = self.inbox.take() if len(waiting) < BEHIND else []
        hurries = bool(waiting) and any(type(event) is Selected for event in came)
        waiting.extend(came)
        if hurries:  # with those that wait already, or what was selected first would stay selected
            chosen = [event for event in waiting if type(event) is Selected]
            rest = [event for event in waiting if type(event) is not Selected]
            waiting.clear()
            waiting.extend((*chosen, *rest))
        if waiting:
            began = time.perf_counter()
            self.store.extend(self._portion())
            self.advanced.emit(since)
            self._learn(self.store.end - since, time.perf_counter() - began)

    def _learn(self, count: int, took: float) -> None:
        """Expect more or fewer events in a second of work, from what some of them took."""
        if count >= LEAST:
            self._pace += (count / took - self._pace) / 4

    @property
    def _room(self) -> float:
        """How many events one tick may bring."""
        if not self._seconds:
            return self._most or float("inf")
        seconds = min(self._seconds * (1 + len(self._waiting) / BACKLOG), LONGEST)
        return max(self._pace * seconds, LEAST)

    def _portion(self) -> Iterator[Event]:
        """Take from what waits as much as one tick has time for."""
        waiting, most, done = self._waiting, self._room, 0
        while waiting and done < most:
            event = waiting.popleft()
            done += PROGRESS if type(event) is CaptureProgress else 1
            yield event
