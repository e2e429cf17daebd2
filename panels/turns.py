# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that panels look at ten times a second, some at a time: all at once they would hold the window up."""

from __future__ import annotations

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

TICK = 100  # milliseconds between two looks of a panel at the clock: rings, bars and rates


class Turns(QTimer):
    """Says whose turn it is to look at the clock: `came` has one of the groups."""

    came = pyqtSignal(tuple)

    def __init__(self, groups: tuple[tuple[QObject, ...], ...], parent: QObject) -> None:
        super().__init__(parent)
        self._groups, self._next = groups, 0
        self.setInterval(TICK // len(groups))
        self.timeout.connect(self._take)

    def _take(self) -> None:
        group, self._next = self._groups[self._next], (self._next + 1) % len(self._groups)
        self.came.emit(group)
