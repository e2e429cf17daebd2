# SPDX-License-Identifier: GPL-3.0-or-later
"""A plot over time in the theme's colours: lines up to now, and marks for kills and expiries. pyqtgraph draws it.

This module is imported when the first plot is shown: pyqtgraph takes half a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.metrics import Series
from panels.panel import set_role
from panels.plot_line import Line
from panels.theme import Theme

MARKS = {"kill": ("bad", Qt.SolidLine), "expiry": ("flight", Qt.DotLine)}
STYLES = (Qt.SolidLine, Qt.DashLine, Qt.DotLine, Qt.DashDotLine)  # never meaning by colour alone
STEPS = (5, 10, 20, 60, 240, 600, 1800, 3600)  # seconds between two ticks
BOLDER = 8  # pixels at scale 1 that bold digits are wider
GAP = 1.5  # intervals apart: two points further from each other are not joined
SHORTEST = 1e-4  # seconds that a plot of times shows
DECADES = ("0.1 ms", "1 ms", "10 ms", "0.1 s", "1 s", "10 s", "100 s")  # from SHORTEST on
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
        for label in (self.title, self.legend):  # what is shown takes no room from the rest of the window
            label.setMinimumWidth(1)
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
        self._span = 0.0
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
        # Of one width, or it would depend on what was drawn before.
        self.canvas.getAxis("left").setWidth(self.theme.px(8) + QFontMetrics(self.theme.mono("small")).width("000000"))
        self.canvas.showGrid(y=True, alpha=0.12)
        for curve in self._curves:
            self.canvas.removeItem(curve)
        self._curves = []
        self.legend.setMinimumHeight(QFontMetrics(self.theme.sans("small")).height() * 3)

    def show_lines(self, lines: Sequence[Line], marks: Sequence[tuple[float, str]], span: float, now: float) -> None:
        """Draw lines and marks of the last `span` seconds before `now`."""
        self._lines = tuple(lines)
        drawn = [(_look(number, line), line.series, False) for number, line in enumerate(lines)]
        drawn += [(_look(number, line), line.thin, True) for number, line in enumerate(lines) if line.thin]
        while len(self._curves) < len(drawn):
            self._curves.append(self.canvas.plot())
        for curve in self._curves[len(drawn) :]:
            curve.setData([], [])
        for curve, (look, series, is_thin) in zip(self._curves, drawn, strict=False):
            self._draw(curve, series, self._pen(look, is_thin), now)
        self._show_marks([mark for mark in marks if mark[0] > now - span], now)
        if span != self._span:
            self._show_span(span)
        self._share_height([value for _, series, _ in drawn for value in series.values])
        self.legend.setText("<br>".join(self._entry(_look(number, line), line) for number, line in enumerate(lines)))
        self.setAccessibleDescription(", ".join(f"{line.name} {line.now}" for line in lines))

    def _show_span(self, span: float) -> None:
        self._span = span
        self.canvas.setXRange(-span, 0, padding=0.02)
        step = next((step for step in STEPS if span / step <= 4), span / 3)
        ticks = [(-step * number, _ago(step * number)) for number in range(1, int(span / step) + 1)]
        self.canvas.getAxis("bottom").setTicks([ticks])

    def _draw(self, curve: Any, series: Series, pen: Any, now: float) -> None:
        """Draw a curve; where nothing was measured it has a gap, and what stands alone is a dot."""
        apart = np.diff(series.times)
        joined = np.append(apart <= apart.min() * GAP, False) if len(apart) else np.zeros(len(series.times), bool)
        alone = bool(len(joined)) and not np.all(joined | np.append(False, joined[:-1]))
        curve.setData(
            np.array(series.times) - now, self._heights(series.values), connect=joined.astype(np.int32), pen=pen,
            symbol="o" if alone else None, symbolSize=self.theme.px(4), symbolPen=None, symbolBrush=pen.color(),
        )  # fmt: skip

    def _heights(self, values: Sequence[float]) -> Any:
        """Return how high values are drawn."""
        return np.array(values)

    def _share_height(self, values: Sequence[float]) -> None:
        """Give all values room."""
        self.canvas.setYRange(0, max(values, default=0.0) * 1.1 or 1.0, padding=0)

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

    def _entry(self, look: int, line: Line) -> str:
        color = self.theme.color(COLORS[look % len(COLORS)]).name()
        sign = ("━━", "╍╍", "┅┅", "━ ·")[look % len(STYLES)]
        metrics, now = QFontMetrics(self.theme.sans("small")), line.now
        if metrics.width(f"{sign} {line.name} {now}") + self.theme.px(BOLDER) > self.legend.width():
            now = now.partition(",")[0]  # the newest value is what matters most
        return f'<nobr><span style="color:{color}">{sign}</span> {line.name} <b>{now}</b></nobr>'

    def _pen(self, look: int, is_thin: bool) -> Any:
        color = self.theme.color(COLORS[look % len(COLORS)])
        return pg.mkPen(color, width=1 if is_thin else 2, style=STYLES[look % len(STYLES)])


class TimePlot(Plot):
    """A plot of lengths of time in seconds, where a tenth and ten times as much are equally far apart."""

    def _heights(self, values: Sequence[float]) -> Any:
        return np.log10(np.maximum(values, SHORTEST)) if values else np.array(())

    def _share_height(self, values: Sequence[float]) -> None:
        heights = self._heights(values) if values else np.array((-3.0, -2.0))
        least = math.floor(heights.min())
        most = max(math.ceil(heights.max()), least + 1)
        lowest = round(math.log10(SHORTEST))
        ticks = [(place, name) for place, name in enumerate(DECADES, lowest) if least <= place <= most]
        self.canvas.getAxis("left").setTicks([ticks])
        self.canvas.setYRange(least, most, padding=0.05)


def _look(place: int, line: Line) -> int:
    return line.look if line.look >= 0 else place


def _ago(seconds: float) -> str:
    if seconds < 0.5:
        return "now"
    if seconds < 120:
        return f"−{seconds:.0f} s"
    return f"−{seconds / 60:.0f} min" if seconds < 7200 else f"−{seconds / 3600:.1f} h"
