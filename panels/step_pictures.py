# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of a ladder as pictures: painted once, then shown wherever the same step stands, until it looks different."""

from __future__ import annotations

from typing import NamedTuple

from PyQt5.QtCore import QPointF, QRect, QRectF, Qt
from PyQt5.QtGui import QFontMetrics, QPainter, QPen, QPixmap, QPolygonF

from panels.cells import Cell, pill
from panels.ladder_rows import Step
from panels.row_pictures import LIT
from panels.theme import Theme

KEPT = 60  # pictures: a few screens, about ten megabytes
# Measures in pixels at scale 1.
LEFT = 96  # where the client's end stands: times are left of it
EDGE = 18  # from the server's end to the right edge


class Look(NamedTuple):
    """All that a step's picture depends on, but for the step; measures in pixels."""

    width: int
    height: int
    is_current: bool
    has_keys: bool  # it is the marked one, and keys go to the ladder
    is_lit: bool  # it is on the way of what is selected
    palette: str
    scale: float
    ratio: float  # device pixels in one


class StepPictures:
    """Gives the picture of a step."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: dict[tuple[Step, Look], QPixmap] = {}

    def picture(self, step: Step, look: Look) -> QPixmap:
        """Return a step's picture, painted if there is none yet."""
        picture = self._kept.get((step, look))
        if picture is None:
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            picture = self._kept[step, look] = self._painted(step, look)
        return picture

    def _painted(self, step: Step, look: Look) -> QPixmap:
        theme, px = self._theme, self._theme.px
        pixmap = QPixmap(round(look.width * look.ratio), round(look.height * look.ratio))
        pixmap.setDevicePixelRatio(look.ratio)
        pixmap.fill(theme.color("background"))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.Antialiasing)
        rect = QRect(0, 0, look.width, look.height)
        paint_ends(painter, theme, rect)
        if look.is_current or look.is_lit:
            ground = QRectF(rect).adjusted(px(6), 0, -px(6), 0)
            painter.setPen(QPen(theme.color("accent"), px(1)) if look.has_keys else Qt.NoPen)
            painter.setBrush(theme.color("selection", 255 if look.is_current else LIT))
            painter.drawRoundedRect(ground, px(6), px(6))
        if look.is_lit:
            painter.fillRect(QRectF(px(6), px(4), px(3), look.height - px(8)), theme.color("accent"))
        painter.setFont(theme.mono("small"))
        painter.setPen(theme.color("muted"))
        time = "–" if step.time is None else f"{step.time:.3f}"
        words = rect.adjusted(px(EDGE), 0, 0, -px(6))
        painter.drawText(words, int(Qt.AlignVCenter | Qt.AlignLeft), time)
        self._paint_words(painter, rect, step)
        self._paint_arrow(painter, rect, step)
        painter.end()
        return pixmap

    def _paint_words(self, painter: QPainter, rect: QRect, step: Step) -> None:
        """Paint what is sent over its arrow, at the end it is sent from."""
        theme, px, (start, end) = self._theme, self._theme.px, ends_at(self._theme, rect.width())
        small = QFontMetrics(theme.sans("small", bold=True))
        pill_width, gap = small.horizontalAdvance(step.pill) + px(14), px(8)
        metrics = QFontMetrics(theme.sans("body"))
        room = end - start - 2 * px(EDGE) - pill_width - gap
        text = metrics.elidedText(step.text, Qt.ElideRight, room)
        x = start + px(14)
        if step.direction == "server":
            x = end - px(14) - metrics.horizontalAdvance(text) - gap - pill_width
        line = QRect(x, rect.top() + px(4), pill_width, px(22))
        pill(painter, line, theme, Cell(step.pill, step.pill_color))
        painter.setFont(theme.sans("body"))
        painter.setPen(theme.color(step.text_color))
        left = x + pill_width + gap
        painter.drawText(QRect(left, line.top(), room, line.height()), int(Qt.AlignVCenter | Qt.AlignLeft), text)

    def _paint_arrow(self, painter: QPainter, rect: QRect, step: Step) -> None:
        px, color, (start, end) = self._theme.px, self._theme.color(step.line_color), ends_at(self._theme, rect.width())
        y = rect.bottom() - px(8)
        pen = QPen(color, max(px(2), 1))
        if step.is_gap:
            pen.setDashPattern([3, 2])
        painter.setPen(pen)
        painter.drawLine(QPointF(start, y), QPointF(end, y))
        if step.is_gap:
            return
        tip, way = (end, -1) if step.direction == "client" else (start, 1)
        painter.setPen(Qt.NoPen)
        painter.setBrush(color)
        back, half = tip + way * px(8), px(5)
        painter.drawPolygon(QPolygonF([QPointF(tip, y), QPointF(back, y - half), QPointF(back, y + half)]))


def ends_at(theme: Theme, width: int) -> tuple[int, int]:
    """Return where the client's and the server's end stand in a ladder so wide."""
    return theme.px(LEFT), width - theme.px(EDGE)


def paint_ends(painter: QPainter, theme: Theme, rect: QRect) -> None:
    """Paint the two upright lines from the top of a rectangle, as wide as the ladder, to its bottom."""
    painter.setPen(QPen(theme.color("line"), 1))
    for x in ends_at(theme, rect.width()):
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.top() + rect.height()))
