# SPDX-License-Identifier: GPL-3.0-or-later
"""The times above the lanes, and marks where a worker was killed or a message expired."""

from __future__ import annotations

from datetime import datetime

from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from panels.markers import Marker, paint_marker, told
from panels.span import Span
from panels.theme import Theme
from panels.times import clock, clock_second

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
HEIGHT = 30  # pixels at scale 1
GAP = 24  # pixels between two times
NEAR = 5


def ticks(left: float, right: float, most: int) -> tuple[float, list[float]]:
    """Return the seconds between ticks, and the whole multiples of them in this time of day: at most `most`."""
    step = next((step for step in STEPS if (right - left) / step <= max(most, 1)), STEPS[-1])
    midnight = datetime.fromtimestamp(left).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    first = int((left - midnight) / step) + 1
    count = int((right - midnight) / step) - first + 1
    return step, [midnight + (first + number) * step for number in range(max(count, 0))]


class LaneAxis(QWidget):
    """Painted from values prepared by `show_time`."""

    def __init__(self, time: Span, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.time, self.theme = time, theme
        self._now = 0.0
        self.marks: tuple[Marker, ...] = ()
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName("Times of the lanes")
        time.moved.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a strip's height."""
        return QSize(self.theme.px(200), self.theme.px(HEIGHT))

    def show_time(self, now: float, marks: tuple[Marker, ...]) -> None:
        """Show the times up to now, or where it was moved."""
        self._now, self.marks = now, marks
        text = ", ".join(filter(None, (f"{sum(m.sort == s for m in marks)} {s}" for s in ("kill", "expiry"))))
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
        self.update()

    def _x(self, t: float) -> float:
        return (t - self.time.left(self._now)) / self.time.length * self.width()

    def text_at(self, x: float) -> str:
        """Return what the marks at a place say, else the time there."""
        near = [mark for mark in self.marks if abs(self._x(mark.t) - x) <= self.theme.px(NEAR)]
        return told(near) if near else clock(self.time.left(self._now) + x / max(self.width(), 1) * self.time.length)

    def event(self, event: QEvent) -> bool:
        """Say what is marked."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(event.pos().x()), self)
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ticks, times and marks."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setFont(theme.mono("small"))
        left, right, height = self.time.left(self._now), self.time.right(self._now), self.height()
        is_fine = self.time.length < 5
        room = QFontMetricsF(theme.mono("small")).horizontalAdvance("00:00:00.000" if is_fine else "00:00:00")
        step, places = ticks(left, right, int(self.width() / (room + theme.px(GAP))))
        for t in places:
            x = self._x(t)
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(x, height - theme.px(4)), QPointF(x, height))
            box = QRectF(x - room / 2, 0, room, height - theme.px(4))
            if box.left() >= 0 and box.right() <= self.width():
                painter.setPen(theme.color("muted"))
                said = clock(t + step / 1000) if step < 1 else clock_second(t + step / 1000)
                painter.drawText(box, int(Qt.AlignBottom | Qt.AlignHCenter), said)
        for place in {(mark.sort, round(self._x(mark.t) / theme.px(3)) * theme.px(3)) for mark in self.marks}:
            if 0 <= place[1] <= self.width():
                paint_marker(painter, place[0], place[1], theme.px(14), theme)
