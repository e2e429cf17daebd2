# SPDX-License-Identifier: GPL-3.0-or-later
"""How the parts of the window share its room, until the user has moved a border."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDockWidget, QMainWindow, QSplitter, QWidget

from panels.theme import Theme

WIDTHS = {"lesson": (0.2, 284, 300), "inspector": (0.255, 348, 400)}  # part of the width; least and most at scale 1
STAGE, STAGE_LEAST, BENCH_LEAST = 0.43, 344, 250  # part of the height; three workers in full; a few rows
SLACK = 3  # pixels that Qt may give to a dock beyond what was asked for
ANY_HEIGHT = (1 << 24) - 1  # Qt's QWIDGETSIZE_MAX


class Proportions:
    """Shares out widths to the docks at the sides and heights to the two halves of the centre."""

    def __init__(self, window: QMainWindow, centre: QSplitter, docks: dict[str, QDockWidget], theme: Theme) -> None:
        self.window, self.centre, self.docks, self.theme = window, centre, docks, theme
        self.head_height: Callable[[], int] | None = None  # of a capture, while one is open
        self._given: dict[str, int] = {}
        self._is_moved = False
        centre.splitterMoved.connect(self._note_move)

    def _note_move(self) -> None:
        self._is_moved = True

    def forget(self) -> None:
        """Forget what the user has moved."""
        self._given.clear()
        self._is_moved = False

    def keep(self) -> None:
        """Take the widths of now as the user's: they were remembered."""
        self._given = dict.fromkeys(WIDTHS, -1)

    def share(self) -> None:
        """Share out both."""
        self.share_width()
        self.share_height()

    def share_width(self) -> None:
        """Give the docks their parts of the width; one that the user has resized keeps its own."""
        px = self.theme.px
        for name, (part, least, most) in WIDTHS.items():
            dock = self.docks[name]
            is_moved = abs(self._given.get(name, dock.width()) - dock.width()) > SLACK
            if is_moved or not dock.isVisible() or dock.isFloating():
                continue
            width = round(min(max(self.window.width() * part, px(least)), px(most)))
            self.window.resizeDocks([dock], [width], Qt.Horizontal)
            self._given[name] = width

    def share_height(self) -> None:
        """Give the head of a capture just the height it needs, or the Stage its part."""
        height, top, px = self.centre.height(), self.top, self.theme.px
        if self.head_height is not None:
            wanted = self.head_height()
            top.setFixedHeight(wanted)
            self.centre.setSizes([wanted, height - wanted])
            return
        if top.maximumHeight() != ANY_HEIGHT:  # a capture was open
            top.setMinimumHeight(0)
            top.setMaximumHeight(ANY_HEIGHT)
            self._is_moved = False
        if not self._is_moved:
            wanted = max(round(height * STAGE), min(px(STAGE_LEAST), height - px(BENCH_LEAST)))
            self.centre.setSizes([wanted, height - wanted])

    @property
    def top(self) -> QWidget:
        """The upper half of the centre."""
        return self.centre.widget(0)
