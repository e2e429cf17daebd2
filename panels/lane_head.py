# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands above the lanes: the times, and buttons that show more or less of it, or what happens now."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from panels.lane_axis import LaneAxis
from panels.markers import Marker
from panels.panel import set_role
from panels.span import Span
from panels.theme import Theme
from panels.times import span

SIDE, BUTTONS = 178, 152  # pixels at scale 1 that a row's sides take; its lane has the rest
STEP = 2.0  # so many times as long or as short


class LaneHead(QWidget):
    """Title, times, and the part of time that is shown (`time`)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.time, self._now = theme, Span(self), 0.0
        self.axis = LaneAxis(self.time, theme)
        self.length = QLabel()
        self.length.setAlignment(Qt.AlignCenter)
        self.near = self._button("+", "Show a shorter time", lambda: self._zoom(1 / STEP))
        self.far = self._button("−", "Show a longer time", lambda: self._zoom(STEP))
        self.newest = self._button("▸|", "Follow what happens now (End)", self.time.follow)
        self._title, self._side = title, side = QLabel("Runs over time"), QWidget()
        title.setToolTip(
            "A bar is a run of a consumer. Wheel: zoom, drag: move, click: select its message; "
            "with the keys: ← → from run to run, + − zoom, End: now"
        )
        inner = QHBoxLayout(side)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.px(4))
        inner.addWidget(self.far)
        inner.addWidget(set_role(self.length, role="small"), 1)
        inner.addWidget(self.near)
        inner.addWidget(self.newest)
        row = QHBoxLayout(self)
        row.addWidget(set_role(title, role="section"))
        row.addWidget(self.axis, 1)
        row.addWidget(side)
        self.time.moved.connect(self._say)
        self.restyle()
        self._say()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.layout().setContentsMargins(self.theme.px(12), 0, self.theme.px(12), 0)
        self.layout().setSpacing(self.theme.px(8))
        self._title.setFixedWidth(self.theme.px(SIDE))
        self._side.setFixedWidth(self.theme.px(BUTTONS))
        for button in (self.near, self.far, self.newest):
            button.setFixedWidth(self.theme.px(28))

    def _button(self, text: str, what: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(what)
        button.setAccessibleName(what)
        button.clicked.connect(do)
        set_role(button, kind="small")
        return button

    def _zoom(self, factor: float) -> None:
        self.time.zoom(factor, self.time.right(self._now) - self.time.length / 2, self._now)

    def _say(self) -> None:
        self.length.setText(span(self.time.length))
        self.newest.setEnabled(not self.time.follows)

    def show_time(self, now: float, marks: tuple[Marker, ...]) -> None:
        """Show the times up to now."""
        self._now = now
        self.axis.show_time(now, marks)
