# SPDX-License-Identifier: GPL-3.0-or-later
"""The Timeline: how busy the session was, and marks for what should be found again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, QPoint, QRectF, QSize, Qt
from PyQt5.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import events as e
from app.store import Store
from panels.density import Density
from panels.markers import Marker, marker_of, paint_marker, told
from panels.panel import Panel
from panels.theme import Theme
from panels.times import clock_second, span

if TYPE_CHECKING:
    from app.lab import Lab

HEIGHT = 52  # pixels at scale 1
SHORTEST = 30.0  # seconds that the strip shows at least
MARKS = 2000  # kept
NEAR = 6  # pixels
REPAINT = 0.5  # seconds between two paintings when only the clock moves

# What happens all the time because somebody looks is not activity.
QUIET = (e.KeysSeen, e.ChannelMeasured, e.CountersSeen, e.CaptureProgress, e.BytesSeen, e.LogLine, e.Selected)


class TimelinePanel(Panel):
    """Bars of event density over the session's time; left and right go from mark to mark, Enter selects its thing."""

    id = "timeline"
    title = "Timeline"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.density = Density()
        self.markers: list[Marker] = []
        self._now = 0.0
        self._painted = 0.0
        self._current = -1
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setFocusPolicy(Qt.TabFocus)
        self.reset()

    def sizeHint(self) -> QSize:
        """Return a strip's height."""
        return QSize(self.theme.px(400), self.theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(self.theme.px(200), self.theme.px(HEIGHT))

    # --- news ---

    def advance(self, since: int) -> None:
        """Count new events and mark what is worth it."""
        events = self.store.since(since)
        self.density.add([event.t for event in events if not isinstance(event, QUIET)])
        self.markers += [marker for event in events if (marker := marker_of(event))]
        del self.markers[:-MARKS]
        self._describe()
        self.update()

    def reset(self) -> None:
        """Count again from the oldest event kept."""
        self.density, self.markers, self._current = Density(), [], -1
        self._now = time.time()
        self.advance(self.store.start)

    def tick(self, now: float) -> None:
        """Let the strip grow with the clock, a few times a second."""
        self._now = now
        if now - self._painted > REPAINT:
            self.update()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        text = f"{self.density.total} events, {len(self.markers)} marks"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    # --- measures ---

    @property
    def _range(self) -> tuple[float, float]:
        """First and last moment of the strip: the session until now; a capture until its last event."""
        is_over = self.store.state.capture is not None or not self.store.is_live
        end = self.density.end if is_over else max(self._now, self.density.end)
        return min(self.density.start or end, end - SHORTEST), end

    @property
    def _plot(self) -> QRectF:
        side = self.theme.px(14) * 2 + QFontMetricsF(self.theme.mono("small")).horizontalAdvance("00:00:00")
        return QRectF(side, self.theme.px(4), self.width() - 2 * side, self.height() - self.theme.px(12))

    def _x(self, t: float) -> float:
        start, end = self._range
        return self._plot.left() + (t - start) / (end - start) * self._plot.width()

    def _near(self, x: float) -> list[Marker]:
        return [marker for marker in self.markers if abs(self._x(marker.t) - x) <= self.theme.px(NEAR)]

    # --- gestures ---

    def event(self, event: QEvent) -> bool:
        """Say what is marked, or how much happened, where the mouse rests."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(event.pos().x()), self)
            return True
        return bool(super().event(event))

    def text_at(self, x: float) -> str:
        """Return what there is to say of a place: its marks, else its number of events."""
        if near := self._near(x):
            return told(near)
        start, end = self._range
        t = start + (x - self._plot.left()) / self._plot.width() * (end - start)
        place = int((t - self.density.start) / self.density.width)
        if not 0 <= place < len(self.density.counts) or not self.density.start <= t <= end:
            return ""
        return f"{clock_second(t)}  {self.density.counts[place]} events in {span(self.density.width)}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what the mark under the mouse is about."""
        if near := self._near(event.pos().x()):
            self._select(near[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from mark to mark, or select what one is about."""
        step = {Qt.Key_Left: -1, Qt.Key_Right: 1}.get(event.key())
        if step is not None and self.markers:
            self._current = min(max(self._current + step, 0), len(self.markers) - 1)
            marker = self.markers[self._current]
            place = QPoint(round(self._x(marker.t)), 0)
            QToolTip.showText(self.mapToGlobal(place), told([marker]), self)
            self.update()
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter) and 0 <= self._current < len(self.markers):
            self._select(self.markers[self._current])
        else:
            super().keyPressEvent(event)

    def _select(self, marker: Marker) -> None:
        if marker.kind:
            self.select(marker.kind, marker.item)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, times, bars and marks."""
        self._painted = self._now
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.fillRect(self.rect(), self.theme.color("panel"))
        painter.fillRect(0, 0, self.width(), max(self.theme.px(1), 1), self.theme.color("line"))
        self._paint_times(painter)
        if self.density.total:
            self._paint_bars(painter)
        self._paint_marks(painter)
        if self.hasFocus():
            painter.fillRect(0, 0, self.width(), self.theme.px(2), self.theme.color("accent"))

    def _paint_times(self, painter: QPainter) -> None:
        start, end = self._range
        painter.setFont(self.theme.mono("small"))
        painter.setPen(self.theme.color("muted"))
        rect = self.rect().adjusted(self.theme.px(14), 0, -self.theme.px(14), 0)
        painter.drawText(rect, Qt.AlignVCenter | Qt.AlignLeft, clock_second(start))
        painter.drawText(rect, Qt.AlignVCenter | Qt.AlignRight, clock_second(end))

    def _paint_bars(self, painter: QPainter) -> None:
        plot, density = self._plot, self.density
        width = self._x(density.start + density.width) - self._x(density.start)
        # The root lets a single event be seen beside a burst of hundreds.
        heights = (density.counts / density.counts.max()) ** 0.5 * (plot.height() - self.theme.px(10))
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.color("accent"))
        gap = min(2.0, width * 0.3)
        left = self._x(density.start)
        for place in density.counts.nonzero()[0]:
            high = max(float(heights[place]), 2.0)
            bar = QRectF(left + place * width, plot.bottom() - high, width - gap, high)
            painter.drawRoundedRect(bar & plot, 1, 1)

    def _paint_marks(self, painter: QPainter) -> None:
        painted: set[tuple[str, int]] = set()
        bottom = round(self._plot.bottom())
        for number, marker in enumerate(self.markers):
            x = self._x(marker.t)
            place = (marker.sort, round(x / self.theme.px(3)))
            if place not in painted:
                painted.add(place)
                paint_marker(painter, marker.sort, x, bottom, self.theme)
            if number == self._current and self.hasFocus():
                painter.setPen(self.theme.color("accent"))
                painter.setBrush(Qt.NoBrush)
                painter.drawRect(QRectF(x - self.theme.px(7), 1, self.theme.px(14), bottom))
