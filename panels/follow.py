# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows the way of what is selected by keys: forward to what came of it, back to its cause, aside to its siblings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut

from app.way import Stop, after, before, beside, stop_of

if TYPE_CHECKING:
    from panels.window import Window


class Follow(QObject):
    """Ctrl and the arrow keys in a window; where the way ends nothing happens."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self._add(Qt.Key_Right, "Follow the way of what is selected: to what came of it", self.on)
        self._add(Qt.Key_Left, "Follow it back: to what led to it", self.back)
        self._add(Qt.Key_Down, "The next of several that came of the same", self.next)
        self._add(Qt.Key_Up, "The one before it", self.previous)

    def _add(self, key: Qt.Key, what: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(Qt.CTRL | key), self.window)
        shortcut.setWhatsThis(what)
        shortcut.activated.connect(act)

    def on(self) -> None:
        """Select what came of it, of several the first."""
        self._step(after)

    def back(self) -> None:
        """Select what led to it."""
        self._step(before)

    def next(self) -> None:
        """Select the next that came of the same cause."""
        self._aside(1)

    def previous(self) -> None:
        """Select the one before it."""
        self._aside(-1)

    @property
    def _here(self) -> Stop:
        return stop_of(self.window.stage.store.state.selected)

    def _step(self, step: Callable[..., list[Stop]]) -> None:
        if stops := step(self.window.stage.store.state, self._here):
            self.window.inspector.select(*stops[0])

    def _aside(self, by: int) -> None:
        here = self._here
        stops = list(beside(self.window.stage.store.state, here))
        if here in stops and (place := min(max(stops.index(here) + by, 0), len(stops) - 1)) != stops.index(here):
            self.window.inspector.select(*stops[place])
