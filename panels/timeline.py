# SPDX-License-Identifier: GPL-3.0-or-later
"""The Timeline: how busy the session was, and marks for what should be found again."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from PyQt5.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import events as e
from app.store import Store
from panels.density import Density
from panels.lit import span_of
from panels.markers import Marker, markers_of, paint_markers, told
from panels.panel import MANY, Panel
from panels.theme import Theme
from panels.times import clock_second, span

if TYPE_CHECKING:
    from app.lab import Lab

HEIGHT = 52  # pixels at scale 1
SHORTEST = 30.0  # seconds that the strip shows at least
MARKS = 2000  # kept
NEAR = 6  # pixels
REPAINT = 0.5  # seconds between two paintings when only the clock moves, or when news are too many to be told apart

# What happens all the time because somebody looks is not activity.
QUIET = frozenset(
    (e.KeysSeen, e.ChannelMeasured, e.CountersSeen, e.CaptureProgress, e.BytesSeen, e.LogLine, e.Selected)
)


@dataclass(frozen=True)
class Scale:
    """Where times lie on the strip."""

    plot: QRectF
    start: float
    end: float

    def x(self, t: float) -> float:
        """Return where a time is."""
        return float(self.plot.left() + (t - self.start) / (self.end - self.start) * self.plot.width())

    def time(self, x: float) -> float:
        """Return the time at a place."""
        return float(self.start + (x - self.plot.left()) / self.plot.width() * (self.end - self.start))


class TimelinePanel(Panel):
    """Bars of event density over the session's time, and the playhead, which a click or a drag moves.

    Left and right go from mark to mark, Enter selects a mark's thing.
    """

    id = "timeline"
    title = "Timeline"
    asked = pyqtSignal(float)  # show the window as it was at this time

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.density = Density()
        self.markers: list[Marker] = []
        self._begun = store.begun
        self._news = 0  # events since the last painting
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
        if self.store.begun > self._begun:  # another run: what was before is gone
            self.reset()
            return
        events = self.store.newest_since(since)
        self.density.add([event.t for event in events if type(event) not in QUIET])
        self.markers += markers_of(events)
        del self.markers[:-MARKS]
        self._news += len(events)
        self._describe()

    def reset(self) -> None:
        """Count again from the oldest event kept."""
        self.density, self.markers, self._current = Density(), [], -1
        self._begun = self.store.begun
        self._now = time.time()
        self.advance(self.store.start)
        self.update()

    def tick(self, now: float) -> None:
        """Let the strip grow with the clock, a few times a second."""
        self._now = now
        if 0 < self._news < MANY or now - self._painted > REPAINT:
            self._news = 0
            self.update()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        text = f"{self.density.total} events, marks: {len(self.markers)}"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    # --- measures ---

    def _scale(self) -> Scale:
        """Return where times lie now: the session until now, or a capture until its last event."""
        is_over = self.store.state.capture is not None or self.store.is_file
        end = self.density.end if is_over else max(self._now, self.density.end)
        start = min(self.density.start or end, end - SHORTEST)
        side = self.theme.px(14) * 2 + QFontMetricsF(self.theme.mono("small")).horizontalAdvance("00:00:00")
        plot = QRectF(side, self.theme.px(4), self.width() - 2 * side, self.height() - self.theme.px(12))
        return Scale(plot, start, end)

    def _near(self, x: float) -> list[Marker]:
        scale, near = self._scale(), self.theme.px(NEAR)
        return [marker for marker in self.markers if abs(scale.x(marker.t) - x) <= near]

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
        scale = self._scale()
        t = scale.time(x)
        if not self.density.start <= t <= scale.end:
            return ""
        place = min(int((t - self.density.start) / self.density.width), len(self.density.counts) - 1)
        return f"{clock_second(t)}  {self.density.counts[place]} events in {span(self.density.width)}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what the mark under the mouse is about; travel there."""
        if near := self._near(event.pos().x()):
            self._select(near[0])
        if event.button() == Qt.LeftButton:
            self._ask(near[0].t if near else self._scale().time(event.pos().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead."""
        if event.buttons() & Qt.LeftButton:
            self._ask(self._scale().time(event.pos().x()))

    def _ask(self, t: float) -> None:
        if self.store.state.capture is None:
            self.asked.emit(t)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from mark to mark, or select what one is about."""
        step = {Qt.Key_Left: -1, Qt.Key_Right: 1}.get(event.key())
        if step is not None and self.markers:
            self._current = min(max(self._current + step, 0), len(self.markers) - 1)
            marker = self.markers[self._current]
            place = QPoint(round(self._scale().x(marker.t)), 0)
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
        painter, scale = QPainter(self), self._scale()
        painter.setRenderHint(QPainter.Antialiasing)
        painter.fillRect(self.rect(), self.theme.color("panel"))
        painter.fillRect(0, 0, self.width(), max(self.theme.px(1), 1), self.theme.color("line"))
        self._paint_times(painter, scale)
        if self.density.total:
            self._paint_bars(painter, scale)
        self._paint_lit(painter, scale)
        self._paint_marks(painter, scale)
        if not self.store.is_live:
            self._paint_playhead(painter, scale)
        if self.hasFocus():
            painter.fillRect(0, 0, self.width(), self.theme.px(2), self.theme.color("accent"))

    def _paint_times(self, painter: QPainter, scale: Scale) -> None:
        painter.setFont(self.theme.mono("small"))
        painter.setPen(self.theme.color("muted"))
        rect = self.rect().adjusted(self.theme.px(14), 0, -self.theme.px(14), 0)
        painter.drawText(rect, Qt.AlignVCenter | Qt.AlignLeft, clock_second(scale.start))
        painter.drawText(rect, Qt.AlignVCenter | Qt.AlignRight, clock_second(scale.end))

    def _paint_bars(self, painter: QPainter, scale: Scale) -> None:
        plot, density = scale.plot, self.density
        left = scale.x(density.start)
        width = scale.x(density.start + density.width) - left
        # The root lets a single event be seen beside a burst of hundreds.
        most, room = max(density.counts), plot.height() - self.theme.px(10)
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.color("accent"))
        wide = max(width - min(2.0, width * 0.3), 2.0)
        highs = ((place, max((count / most) ** 0.5 * room, 2.0)) for place, count in enumerate(density.counts) if count)
        bars = [QRectF(left + place * width, plot.bottom() - high, wide, high) & plot for place, high in highs]
        painter.drawRects(*bars)  # all at once: one by one, with round corners, they took twice as long

    def _paint_lit(self, painter: QPainter, scale: Scale) -> None:
        """Paint when what is selected was: a line from its beginning to its end along the top."""
        px, (start, end) = self.theme.px, self.lit_span
        if not start or end < scale.start or start > scale.end:
            return
        left, right = scale.x(max(start, scale.start)), scale.x(min(end, scale.end))
        wide = max(right - left, px(3))
        painter.fillRect(QRectF(left, px(3), wide, scale.plot.bottom() - px(3)), self.theme.color("accent", 40))
        painter.fillRect(QRectF(left, px(3), wide, px(3)), self.theme.color("accent"))

    @property
    def lit_span(self) -> tuple[float, float]:
        """When what is selected began and ended, (0.0, 0.0) while nothing is."""
        return span_of(self.store.state, self.store.index.time_of, self._now)

    def _paint_marks(self, painter: QPainter, scale: Scale) -> None:
        bottom, near = round(scale.plot.bottom()), self.theme.px(3)
        left, per = scale.x(0.0), scale.x(1.0) - scale.x(0.0)  # pixels
        # Of thousands only those are painted that can be told apart: the first of its sort at a place.
        places = {(marker.sort, round((left + marker.t * per) / near)): marker.t for marker in reversed(self.markers)}
        for sort, run in groupby(reversed(places.items()), key=lambda place: place[0][0]):
            paint_markers(painter, sort, [scale.x(t) for _, t in run], bottom, self.theme)
        if self.hasFocus() and 0 <= self._current < len(self.markers):
            x = scale.x(self.markers[self._current].t)
            painter.setPen(self.theme.color("accent"))
            painter.setBrush(Qt.NoBrush)
            painter.drawRect(QRectF(x - self.theme.px(7), 1, self.theme.px(14), bottom))

    def _paint_playhead(self, painter: QPainter, scale: Scale) -> None:
        """Paint what is still to come behind a veil, and the line before it."""
        x, px = scale.x(self.store.now), self.theme.px
        painter.fillRect(QRectF(x, px(1), scale.plot.right() - x, self.height()), self.theme.color("panel", 170))
        painter.setPen(QPen(self.theme.color("text"), px(2)))
        painter.drawLine(QPointF(x, px(6)), QPointF(x, scale.plot.bottom()))
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.color("text"))
        top = px(1)
        painter.drawPolygon(QPolygonF([QPointF(x - px(6), top), QPointF(x + px(6), top), QPointF(x, top + px(9))]))
