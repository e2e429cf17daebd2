# SPDX-License-Identifier: GPL-3.0-or-later
"""Travel in time: the playhead of a session, moved by the Timeline, by steps or by the clock; the window follows."""

from __future__ import annotations

import time
from collections.abc import Callable

from PyQt5.QtCore import QObject, QTimer, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut, QWidget

from app import events as e
from app.keys_then import keys_then
from app.store import Store

PAUSE = 40  # milliseconds between two moves while the playhead is dragged
BEAT = 33  # milliseconds between two moves while it plays
SPEEDS = {"¼×": 0.25, "1×": 1.0, "4×": 4.0, "16×": 16.0}

# Made many times a second because somebody looks: a step goes over them.
UNTOLD = (e.KeysSeen, e.ChannelMeasured, e.CountersSeen, e.BytesSeen, e.Selected)
# What happens to messages; the longer steps stop here.
STORY = (e.MessageSent, e.MessageReceived, e.MessageExpired, e.MessageRefused, e.MessageLost, e.MessagesWiped)


class Travel(QObject):
    """Moves a store's playhead; `moved` says that everything must be shown anew."""

    moved = pyqtSignal()
    pushed = pyqtSignal()  # the moment that was shown is no longer kept
    advanced = pyqtSignal(int)  # the playhead went on from here while it plays
    playing = pyqtSignal(bool)

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self.store = store
        self.speed = 1.0
        self._wanted = 0.0
        self._pushed = store.pushed
        self._clock, self._at = 0.0, 0.0  # while it plays: a time of the session, and when it was that time here
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT)
        self._beat.timeout.connect(self._play_on)
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

    @property
    def is_playing(self) -> bool:
        """Whether the playhead moves by itself."""
        return self._beat.isActive()

    @property
    def now(self) -> float:
        """What time it is in the window."""
        return self.store.now

    def use(self, store: Store) -> None:
        """Travel in another store from now on."""
        self.pause()
        self._wanted = 0.0
        self.store, self._pushed = store, store.pushed

    def keep_up(self) -> None:
        """Show where the store has moved the playhead: events fall off, and where it stood nothing is left."""
        if self.store.pushed == self._pushed:
            return
        self._pushed = self.store.pushed
        self._clock = max(self._clock, self.store.now)
        self._name_keys()
        self.moved.emit()
        if self.is_past:
            self.pushed.emit()

    # --- playing ---

    def play(self) -> None:
        """Let the playhead run with the clock; from the end of a file, from its beginning."""
        if self.store.is_live:
            if not self.store.is_file:
                return
            self._seek(self.store.start)
        self._clock, self._at = self.store.now, time.monotonic()
        self._beat.start()
        self.playing.emit(True)

    def pause(self) -> None:
        """Let it stand."""
        if self.is_playing:
            self._beat.stop()
            self._name_keys()
            self.advanced.emit(self.store.playhead)
            self.playing.emit(False)

    def set_speed(self, speed: float) -> None:
        """Let it run so many times as fast as it was."""
        self.speed = speed

    def _play_on(self) -> None:
        now = time.monotonic()
        self._clock, self._at = self._clock + (now - self._at) * self.speed, now
        here = self.store.playhead
        ahead = max(self.store.sequence_at(self._clock), here)
        if ahead >= self.store.end:
            self.to_live()
        else:
            self.store.seek(ahead, self._clock)
            if ahead > here:
                self._name_keys()
            self.advanced.emit(here)

    # --- moving ---

    def go_to_time(self, t: float) -> None:
        """Move the playhead to a time, at once; many moves in a row become a few."""
        self.pause()
        self._wanted = t
        if not self._pause.isActive():
            self._go()

    def _go(self) -> None:
        if self._wanted:
            t, self._wanted = self._wanted, 0.0
            self._seek(self.store.sequence_at(t), t)
            self._pause.start()

    def step(self, by: int, kinds: tuple[type[e.Event], ...] = ()) -> None:
        """Move over one event (-1 back, 1 forward), or to the next of some kinds; from the newest on, back to live."""
        self.pause()
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
        self.pause()
        self._wanted = 0.0
        if self.is_past:
            self._seek(None)

    def _seek(self, sequence: int | None, t: float = 0.0) -> None:
        self.store.seek(sequence, t)
        self._name_keys()
        self.moved.emit()

    def _name_keys(self) -> None:
        """Say what was in Redis: it can be looked at only now."""
        state = self.store.state
        if self.is_past or self.store.is_file:
            state.apply(keys_then(state, self.store.now))
        elif state.keys and state.keys.source == "events":
            state.keys = None  # it is looked at again at once
