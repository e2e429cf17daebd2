# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints a ladder: two ends and an arrow for every step; only the steps on the screen are made and painted."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRect, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PyQt5.QtWidgets import QAbstractScrollArea, QWidget

from panels.cells import Cell, pill
from panels.ladder_rows import LadderRows, Step
from panels.theme import Theme

# Measures in pixels at scale 1.
HEAD = 36  # the names of the two ends
ROW = 38
LEFT = 96  # where the client's end stands: times are left of it
EDGE = 18
EMPTY = "No WebSocket connection yet. When there is one, its frames stand here, one arrow each."


class LadderView(QAbstractScrollArea):
    """The picture; `chosen` tells the place of the step that the user clicked or went to by keys."""

    chosen = pyqtSignal(int)

    def __init__(self, rows: LadderRows, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = rows
        self.theme = theme
        self.current = -1
        self.ends = ("", "")
        self.setAccessibleName("Ladder of a connection")
        self.setFrameShape(QAbstractScrollArea.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.StrongFocus)
        self.verticalScrollBar().valueChanged.connect(lambda: self.viewport().update())

    # --- what is shown ---

    def grow(self) -> None:
        """Show steps that came; who looks at the last one stays with the last one, anybody else stays where he is."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum()
        self._measure()
        if follows:
            bar.setValue(bar.maximum())
        self.viewport().update()

    def restart(self, rows: LadderRows) -> None:
        """Show other steps from their beginning."""
        self.rows = rows
        self.current = -1
        self.verticalScrollBar().setRange(0, 0)
        self._measure()
        self.viewport().update()

    def show_place(self, place: int) -> None:
        """Mark a step and bring it into view; -1 marks none."""
        if place == self.current:
            return
        self.current = place
        if place >= 0:
            self._bring_into_view(place)
            step = self.rows.step(place)
            self.setAccessibleDescription(f"{step.direction}: {step.pill} {step.text}")
        self.viewport().update()

    def place_at(self, y: int) -> int:
        """Return the place of the step at a height of the viewport, -1 where there is none."""
        place = (y - self.theme.px(HEAD) + self.verticalScrollBar().value()) // self.theme.px(ROW)
        return place if y >= self.theme.px(HEAD) and 0 <= place < len(self.rows) else -1

    def rect_of(self, place: int) -> QRect:
        """Return where a step is painted."""
        px = self.theme.px
        top = px(HEAD) + place * px(ROW) - self.verticalScrollBar().value()
        return QRect(0, top, self.viewport().width(), px(ROW))

    def _bring_into_view(self, place: int) -> None:
        bar, rect = self.verticalScrollBar(), self.rect_of(place)
        if rect.top() < self.theme.px(HEAD):
            bar.setValue(bar.value() + rect.top() - self.theme.px(HEAD))
        elif rect.bottom() > self.viewport().height():
            bar.setValue(_whole(bar.value() + rect.bottom() - self.viewport().height() + 1, self.theme.px(ROW)))

    def _measure(self) -> None:
        px, bar = self.theme.px, self.verticalScrollBar()
        room = max(self.viewport().height() - px(HEAD), px(ROW))
        most = max(len(self.rows) * px(ROW) + px(8) - room, 0)
        bar.setRange(0, _whole(most, px(ROW)))  # at the end too, the first step on the screen is a whole one
        bar.setPageStep(room)
        bar.setSingleStep(px(ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the marked step in view."""
        super().resizeEvent(event)
        self._measure()
        if self.current >= 0:
            self._bring_into_view(self.current)

    # --- what the user does ---

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the step under the mouse."""
        if event.button() == Qt.LeftButton and (place := self.place_at(event.pos().y())) >= 0:
            self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from step to step."""
        page = max(self.verticalScrollBar().pageStep() // self.theme.px(ROW) - 1, 1)
        last = len(self.rows) - 1
        goal = {
            Qt.Key_Up: self.current - 1, Qt.Key_Down: self.current + 1, Qt.Key_PageUp: self.current - page,
            Qt.Key_PageDown: self.current + page, Qt.Key_Home: 0, Qt.Key_End: last,
        }.get(event.key())  # fmt: skip
        if goal is None:
            super().keyPressEvent(event)
        elif last >= 0:
            self._choose(min(max(goal, 0), last))

    def _choose(self, place: int) -> None:
        self.show_place(place)
        self.chosen.emit(place)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ends and the steps on the screen."""
        painter, theme = QPainter(self.viewport()), self.theme
        painter.setRenderHint(QPainter.Antialiasing)
        painter.fillRect(self.viewport().rect(), theme.color("background"))
        if not len(self.rows):
            self._paint_empty(painter)
            return
        px, size = theme.px, self.viewport().size()
        painter.setPen(QPen(theme.color("line"), 1))
        for x in (self._left, self._right):
            painter.drawLine(QPointF(x, px(HEAD)), QPointF(x, size.height()))
        first = self.verticalScrollBar().value() // px(ROW)
        last = (self.verticalScrollBar().value() + size.height() - px(HEAD)) // px(ROW)
        painter.setClipRect(0, px(HEAD), size.width(), size.height())
        for place in range(first, min(last + 1, len(self.rows))):
            self._paint_step(painter, self.rect_of(place), self.rows.step(place), place == self.current)
        painter.setClipping(False)
        self._paint_head(painter)

    @property
    def _left(self) -> int:
        return self.theme.px(LEFT)

    @property
    def _right(self) -> int:
        return self.viewport().width() - self.theme.px(EDGE)

    def _paint_empty(self, painter: QPainter) -> None:
        edge = self.theme.px(EDGE)
        painter.setPen(self.theme.color("muted"))
        painter.setFont(self.theme.sans("body"))
        room = self.viewport().rect().adjusted(edge, edge, -edge, -edge)
        painter.drawText(room, int(Qt.AlignTop | Qt.AlignLeft | Qt.TextWordWrap), EMPTY)

    def _paint_head(self, painter: QPainter) -> None:
        px, font = self.theme.px, self.theme.mono("small")
        half = (self._right - self._left) // 2 - px(8)
        painter.setFont(font)
        painter.setPen(self.theme.color("muted"))
        sides = ((self._left, Qt.AlignLeft), (self._right - half, Qt.AlignRight))
        for text, (x, side) in zip(self.ends, sides, strict=True):
            fitted = QFontMetrics(font).elidedText(text, Qt.ElideMiddle, half)
            painter.drawText(QRect(x, 0, half, px(HEAD)), int(Qt.AlignVCenter | side), fitted)

    def _paint_step(self, painter: QPainter, rect: QRect, step: Step, is_current: bool) -> None:
        theme, px = self.theme, self.theme.px
        if is_current:
            ground = QRectF(rect).adjusted(px(6), 0, -px(6), 0)
            painter.setPen(QPen(theme.color("accent"), px(1)) if self.hasFocus() else Qt.NoPen)
            painter.setBrush(theme.color("selection"))
            painter.drawRoundedRect(ground, px(6), px(6))
        painter.setFont(theme.mono("small"))
        painter.setPen(theme.color("muted"))
        time = "–" if step.time is None else f"{step.time:.3f}"
        words = rect.adjusted(px(EDGE), 0, 0, -px(6))
        painter.drawText(words, int(Qt.AlignVCenter | Qt.AlignLeft), time)
        self._paint_words(painter, rect, step)
        self._paint_line(painter, rect.bottom() - px(8), step)

    def _paint_words(self, painter: QPainter, rect: QRect, step: Step) -> None:
        """Paint what is sent over its arrow, at the end it is sent from."""
        theme, px = self.theme, self.theme.px
        small = QFontMetrics(theme.sans("small", bold=True))
        pill_width, gap = small.horizontalAdvance(step.pill) + px(14), px(8)
        metrics = QFontMetrics(theme.sans("body"))
        room = self._right - self._left - 2 * px(EDGE) - pill_width - gap
        text = metrics.elidedText(step.text, Qt.ElideRight, room)
        x = self._left + px(14)
        if step.direction == "server":
            x = self._right - px(14) - metrics.horizontalAdvance(text) - gap - pill_width
        line = QRect(x, rect.top() + px(4), pill_width, px(22))
        pill(painter, line, theme, Cell(step.pill, step.pill_color))
        painter.setFont(theme.sans("body"))
        painter.setPen(theme.color(step.text_color))
        left = x + pill_width + gap
        painter.drawText(QRect(left, line.top(), room, line.height()), int(Qt.AlignVCenter | Qt.AlignLeft), text)

    def _paint_line(self, painter: QPainter, y: float, step: Step) -> None:
        px, color = self.theme.px, self.theme.color(step.line_color)
        pen = QPen(color, max(px(2), 1))
        if step.is_gap:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawLine(QPointF(self._left, y), QPointF(self._right, y))
        if step.is_gap:
            return
        tip, way = (self._right, -1) if step.direction == "client" else (self._left, 1)
        painter.setPen(Qt.NoPen)
        painter.setBrush(color)
        back, half = tip + way * px(8), px(5)
        painter.drawPolygon(QPolygonF([QPointF(tip, y), QPointF(back, y - half), QPointF(back, y + half)]))


def _whole(size: int, row: int) -> int:
    """Return a height rounded up to whole rows."""
    return -(-size // row) * row
