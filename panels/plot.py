# SPDX-License-Identifier: GPL-3.0-or-later
"""A plot over time in the theme's colours: lines up to now, and marks for kills and expiries. pyqtgraph draws it.

This module is imported when the first plot is shown: pyqtgraph takes half a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.metrics import Series
from panels.panel import set_role
from panels.plot_line import Line
from panels.theme import Theme

MARKS = {"kill": ("bad", Qt.SolidLine), "expiry": ("flight", Qt.DotLine)}
STYLES = (Qt.SolidLine, Qt.DashLine, Qt.DotLine, Qt.DashDotLine)  # never meaning by colour alone
STEPS = (5, 10, 20, 60, 240, 600, 1800, 3600)  # seconds between two ticks
COLORS = ("opcode_text", "masking_key_text", "length_text", "mask_text", "fin")


class _Plain(pg.AxisItem):
    """Names values without exponents, and only whole numbers where steps are whole."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Return the values as short numbers."""
        return [f"{value:g}" for value in values]


class Plot(QWidget):
    """A title, a legend that shows the newest values, and the lines."""

    def __init__(self, title: str, unit: str, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setAccessibleName(title)
        self.title, self.legend = QLabel(title), QLabel()
        set_role(self.title, role="section")
        self.legend.setTextFormat(Qt.RichText)
        self.legend.setMinimumWidth(1)
        set_role(self.legend, role="small")
        self.title.setToolTip(unit)
        self.canvas = pg.PlotWidget(axisItems={"left": _Plain("left")})
        self.canvas.setMouseEnabled(x=False, y=False)
        self.canvas.hideButtons()
        self.canvas.setMenuEnabled(False)
        self.canvas.setFocusPolicy(Qt.NoFocus)
        self.canvas.setFrameShape(0)
        self._curves: list[Any] = []
        self._marks: list[Any] = []
        self._lines: tuple[Line, ...] = ()
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(10), px(8), px(6), px(2))
        column.setSpacing(px(2))
        column.addWidget(self.title)
        column.addWidget(self.legend)
        column.addWidget(self.canvas, 1)
        self.restyle()

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self.canvas.setBackground(self.theme.color("panel"))
        for name in ("bottom", "left"):
            axis = self.canvas.getAxis(name)
            axis.setPen(self.theme.color("line"))
            axis.setTextPen(self.theme.color("muted"))
            axis.setTickFont(self.theme.mono("small"))
            axis.setStyle(tickLength=0)
        self.canvas.showGrid(y=True, alpha=0.12)
        for curve in self._curves:
            self.canvas.removeItem(curve)
        self._curves = []
        self.legend.setMinimumHeight(self.legend.fontMetrics().height() * 3)

    def show_lines(self, lines: Sequence[Line], marks: Sequence[tuple[float, str]], span: float, now: float) -> None:
        """Draw lines and marks of the last `span` seconds before `now`."""
        self._lines = tuple(lines)
        while len(self._curves) < len(lines):
            self._curves.append(self.canvas.plot(pen=self._pen(len(self._curves))))
        for number, curve in enumerate(self._curves):
            series = lines[number].series if number < len(lines) else Series((), ())
            curve.setData([t - now for t in series.times], list(series.values))
        self._show_marks([mark for mark in marks if mark[0] > now - span], now)
        self.canvas.setXRange(-span, 0, padding=0.02)
        step = next((step for step in STEPS if span / step <= 4), span / 3)
        ticks = [(-step * number, _ago(step * number)) for number in range(1, int(span / step) + 1)]
        self.canvas.getAxis("bottom").setTicks([ticks])
        top = max((value for line in lines for value in line.series.values), default=0.0)
        self.canvas.setYRange(0, top * 1.1 or 1.0, padding=0)
        self.legend.setText("<br>".join(self._entry(number, line) for number, line in enumerate(lines)))
        self.setAccessibleDescription(", ".join(f"{line.name} {line.now}" for line in lines))

    def _show_marks(self, marks: Sequence[tuple[float, str]], now: float) -> None:
        places = list({(round(t - now, 1), sort): None for t, sort in marks})[-100:]
        while len(self._marks) < len(places):
            self._marks.append(self.canvas.addLine(x=0))
        for mark, place in zip(self._marks, places, strict=False):
            color, style = MARKS[place[1]]
            mark.setPen(pg.mkPen(self.theme.color(color, 150), width=1, style=style))
            mark.setValue(place[0])
            mark.show()
        for mark in self._marks[len(places) :]:
            mark.hide()

    def _entry(self, number: int, line: Line) -> str:
        color = self.theme.color(COLORS[number % len(COLORS)]).name()
        sign = ("━━", "╍╍", "┅┅", "━ ·")[number % len(STYLES)]
        return f'<nobr><span style="color:{color}">{sign}</span> {line.name} <b>{line.now}</b></nobr>'

    def _pen(self, number: int) -> Any:
        color = self.theme.color(COLORS[number % len(COLORS)])
        return pg.mkPen(color, width=2, style=STYLES[number % len(STYLES)])


def _ago(seconds: float) -> str:
    if seconds < 0.5:
        return "now"
    if seconds < 120:
        return f"−{seconds:.0f} s"
    return f"−{seconds / 60:.0f} min" if seconds < 7200 else f"−{seconds / 3600:.1f} h"
