# SPDX-License-Identifier: GPL-3.0-or-later
"""Travel in time: the playhead of the live session, moved by the Timeline or step by step; the whole window follows."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, QTimer, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut, QWidget

from app import events as e
from app.keys_then import keys_then
from app.store import Store

PAUSE = 40  # milliseconds between two moves while the playhead is dragged

# Made many times a second because somebody looks: a step goes over them.
UNTOLD = (e.KeysSeen, e.ChannelMeasured, e.CountersSeen, e.BytesSeen, e.Selected)
# What happens to messages; the longer steps stop here.
STORY = (e.MessageSent, e.MessageReceived, e.MessageExpired, e.MessageRefused, e.MessageLost, e.MessagesWiped)


class Travel(QObject):
    """Moves a store's playhead; `moved` says that everything must be shown anew."""

    moved = pyqtSignal()

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self.store = store
        self._wanted: int | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._go)
        self._shortcut(window, "F7", "One event back in time", lambda: self.step(-1))
        self._shortcut(window, "F8", "One event forward", lambda: self.step(1))
        self._shortcut(window, "Shift+F7", "Back to what last happened to a message", lambda: self.step(-1, STORY))
        self._shortcut(window, "Shift+F8", "Forward to what next happens to a message", lambda: self.step(1, STORY))

    def _shortcut(self, window: QWidget, keys: str, what: str, do: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), window)
        shortcut.setWhatsThis(what)
        shortcut.activated.connect(do)

    @property
    def is_past(self) -> bool:
        """Whether the window shows the past."""
        return not self.store.is_live

    def go_to_time(self, t: float) -> None:
        """Move the playhead to a time; many moves in a row become a few."""
        self._wanted = self.store.sequence_at(t)
        if not self._pause.isActive():
            self._pause.start()

    def _go(self) -> None:
        if self._wanted is not None:
            self._seek(self._wanted)
            self._wanted = None

    def step(self, by: int, kinds: tuple[type[e.Event], ...] = ()) -> None:
        """Move over one event (-1 back, 1 forward), or to the next of some kinds; from the newest on, back to live."""
        here = self.store.playhead
        ahead = self.store.newest_since(here) if by > 0 else self.store.since(self.store.start)[::-1]
        for count, event in enumerate(ahead, 1):
            if isinstance(event, kinds or e.Event) and not isinstance(event, UNTOLD):
                # Forward the event found is the last that has happened; backward it is the first that has not.
                self._seek(here + count * by)
                return
        if by > 0:
            self.to_live()

    def to_live(self) -> None:
        """Follow the newest event again."""
        self._wanted = None
        if self.is_past:
            self._seek(None)

    def _seek(self, sequence: int | None) -> None:
        self.store.seek(sequence)
        state = self.store.state
        if not self.store.is_live:
            state.apply(keys_then(state, self.store.now))
        elif state.keys and state.keys.source == "events":
            state.keys = None  # it is looked at again at once
        self.moved.emit()
