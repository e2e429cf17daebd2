# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a ladder: two ends and an arrow for every step; only the steps on the screen are made and painted."""

from __future__ import annotations

from PyQt5.QtCore import QRect, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QAbstractScrollArea, QWidget

from panels.ladder_rows import LadderRows
from panels.step_pictures import EDGE, Look, StepPictures, ends_at, paint_ends
from panels.theme import Theme

# Measures in pixels at scale 1.
HEAD = 36  # the names of the two ends
ROW = 38
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
        self.lit: frozenset[int] = frozenset()  # rows of frames on the way of what is selected
        self._pictures = StepPictures(theme)
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

    def restyle(self) -> None:
        """Take measures from the theme again; at another scale the same steps are in view."""
        bar = self.verticalScrollBar()
        first, follows = bar.value() // bar.singleStep(), bar.value() >= bar.maximum()
        self._measure()
        bar.setValue(bar.maximum() if follows else first * bar.singleStep())
        self.viewport().update()

    def shrink(self, count: int) -> None:
        """The first steps fell off: the others stay where they are, as far as they are on the screen."""
        bar = self.verticalScrollBar()
        value, follows = bar.value(), bar.value() >= bar.maximum()
        self.current = max(self.current - count, -1)
        self._measure()
        bar.setValue(bar.maximum() if follows else max(value - count * self.theme.px(ROW), 0))
        self.viewport().update()

    def restart(self, rows: LadderRows) -> None:
        """Show other steps from their beginning."""
        self.rows = rows
        self.current = -1
        self.verticalScrollBar().setRange(0, 0)
        self._measure()
        self.viewport().update()

    def light(self, rows: frozenset[int]) -> None:
        """Light up the steps of these frames."""
        if rows != self.lit:
            self.lit = rows
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
        paint_ends(painter, theme, QRect(0, px(HEAD), size.width(), size.height() - px(HEAD)))
        first = self.verticalScrollBar().value() // px(ROW)
        last = (self.verticalScrollBar().value() + size.height() - px(HEAD)) // px(ROW)
        painter.setClipRect(0, px(HEAD), size.width(), size.height())
        for place in range(first, min(last + 1, len(self.rows))):
            look = self._look(place == self.current, self.rows.items[place] in self.lit)
            picture = self._pictures.picture(self.rows.step(place), look)
            painter.drawPixmap(self.rect_of(place).topLeft(), picture)
        painter.setClipping(False)
        self._paint_head(painter)

    def _look(self, is_current: bool, is_lit: bool) -> Look:
        theme, has_keys = self.theme, is_current and self.hasFocus()
        size = self.viewport().width(), theme.px(ROW)
        return Look(*size, is_current, has_keys, is_lit, theme.palette.name, theme.scale, self.devicePixelRatioF())

    def _paint_empty(self, painter: QPainter) -> None:
        edge = self.theme.px(EDGE)
        painter.setPen(self.theme.color("muted"))
        painter.setFont(self.theme.sans("body"))
        room = self.viewport().rect().adjusted(edge, edge, -edge, -edge)
        painter.drawText(room, int(Qt.AlignTop | Qt.AlignLeft | Qt.TextWordWrap), EMPTY)

    def _paint_head(self, painter: QPainter) -> None:
        px, font, (start, end) = self.theme.px, self.theme.mono("small"), ends_at(self.theme, self.viewport().width())
        half = (end - start) // 2 - px(8)
        painter.setFont(font)
        painter.setPen(self.theme.color("muted"))
        sides = ((start, Qt.AlignLeft), (end - half, Qt.AlignRight))
        for text, (x, side) in zip(self.ends, sides, strict=True):
            fitted = QFontMetrics(font).elidedText(text, Qt.ElideMiddle, half)
            painter.drawText(QRect(x, 0, half, px(HEAD)), int(Qt.AlignVCenter | side), fitted)


def _whole(size: int, row: int) -> int:
    """Return a height rounded up to whole rows."""
    return -(-size // row) * row
