# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that panels look at ten times a second, some at a time: all at once they would hold the window up."""

from __future__ import annotations

import time

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

TICK = 100  # milliseconds between two looks of a panel at the clock: rings, bars and rates
APART = 7  # milliseconds after news: what is painted then is done before the next news come


class Turns(QTimer):
    """Says whose turn it is to look at the clock: `came` has one of the groups.

    While there is news again and again, turns are taken in between, so that no frame has both to do.
    """

    came = pyqtSignal(tuple)

    def __init__(self, groups: tuple[tuple[QObject, ...], ...], parent: QObject) -> None:
        super().__init__(parent)
        self._groups, self._next = groups, 0
        self._taken = time.monotonic()
        self._between = TICK // len(groups)
        self.setTimerType(Qt.PreciseTimer)
        self.setInterval(self._between)
        self.timeout.connect(self._take)

    def keep_apart(self) -> None:
        """There was news: the next turn comes a moment later, but never more than one turn late."""
        if self.isActive():
            late = (time.monotonic() - self._taken) * 1000 - self._between
            self.start(APART if late < self._between else 0)

    def _take(self) -> None:
        self._taken = time.monotonic()
        group, self._next = self._groups[self._next], (self._next + 1) % len(self._groups)
        self.came.emit(group)
        self.start(self._between)
