# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries events from an inbox to its store on the GUI thread: one signal for all that came since the last tick."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.events import CaptureProgress, Event, Selected
from app.inbox import Inbox
from app.settings import TICK
from app.store import Store

PROGRESS = 80  # events: so much work are the rows that a CaptureProgress tells of
BEHIND = 100_000  # events: when so many wait here, others stay in the inbox, which counts what it must drop


class Pump(QObject):
    """Drains an inbox about 30 times a second; `advanced(since)` says from which sequence number on there is news.

    Args:
        inbox: where events wait.
        store: where they go.
        most: events in one tick, where a CaptureProgress counts for PROGRESS of them; the rest comes with the next
            ones, but nobody waits for what the user selected.
        share: of what waits, so much comes with one tick even if it is more than `most`: who fell behind catches up.
    """

    advanced = pyqtSignal(int)

    def __init__(
        self, inbox: Inbox, store: Store, parent: QObject | None = None, most: int | None = None, share: float = 0.0
    ) -> None:
        super().__init__(parent)
        self._most, self._share = most, share
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
        if waiting:
            waiting.extendleft(event for event in reversed(came) if type(event) is Selected)
            came = [event for event in came if type(event) is not Selected]
        waiting.extend(came)
        if waiting:
            self.store.extend(self._portion())
            self.advanced.emit(since)

    def _portion(self) -> Iterator[Event]:
        """Take from what waits as much as one tick has time for."""
        waiting, done = self._waiting, 0
        most = max(self._most or float("inf"), len(waiting) * self._share)
        while waiting and done < most:
            event = waiting.popleft()
            done += PROGRESS if type(event) is CaptureProgress else 1
            yield event
