# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries events from an inbox to its store on the GUI thread: one signal for all that came since the last tick."""

from __future__ import annotations

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

from app.inbox import Inbox
from app.settings import TICK
from app.store import Store


class Pump(QObject):
    """Drains an inbox about 30 times a second; `advanced(since)` says from which sequence number on there is news."""

    advanced = pyqtSignal(int)

    def __init__(self, inbox: Inbox, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
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
        events = self.inbox.take()
        if events:
            since = self.store.end
            self.store.extend(events)
            self.advanced.emit(since)
