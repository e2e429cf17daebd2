# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a cell of a table, and how it is painted.

Colours and fonts are named by their roles and looked up while painting, so a change of theme needs no new cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtCore import QPointF, QRect, QRectF, Qt
from PyQt5.QtGui import QFontMetrics, QPainter, QPolygonF

from panels.theme import Theme

PADDING = 8  # pixels left and right of a cell's content


@dataclass(frozen=True, slots=True)
class Cell:
    """One prepared cell: `color` and `tint` (its row's background) are palette roles, `spoken` is for screen readers.

    `shape` paints instead of the text.
    """

    text: str = ""
    color: str = "text"
    is_mono: bool = False
    is_right: bool = False
    keeps_end: bool = False  # where there is no room for all of the text, its end is shown: addresses
    tint: str = ""
    tip: str = ""
    spoken: str = ""
    shape: Callable[[QPainter, QRect, Theme, Cell], None] | None = None


def arrow_up(painter: QPainter, rect: QRect, theme: Theme, cell: Cell) -> None:
    """Paint a triangle that points up: a client sent it."""
    _triangle(painter, rect, theme, cell, 1)


def arrow_down(painter: QPainter, rect: QRect, theme: Theme, cell: Cell) -> None:
    """Paint a triangle that points down: the server sent it."""
    _triangle(painter, rect, theme, cell, -1)


def _triangle(painter: QPainter, rect: QRect, theme: Theme, cell: Cell, up: int) -> None:
    half, x, y = theme.px(5), rect.left() + theme.px(6), rect.center().y() + 1
    painter.setPen(Qt.NoPen)
    painter.setBrush(theme.color(cell.color))
    corners = ((-half, 0.8 * half), (half, 0.8 * half), (0, -0.8 * half))
    painter.drawPolygon(QPolygonF([QPointF(x + dx, y + up * dy) for dx, dy in corners]))


def dot(painter: QPainter, rect: QRect, theme: Theme, cell: Cell) -> None:
    """Paint a dot: the thing named by the column's title is there."""
    radius = theme.px(4)
    painter.setPen(Qt.NoPen)
    painter.setBrush(theme.color(cell.color))
    painter.drawEllipse(QPointF(rect.left() + theme.px(8), rect.center().y() + 0.5), radius, radius)


def pill(painter: QPainter, rect: QRect, theme: Theme, cell: Cell) -> None:
    """Paint the text in small capitals' size on a rounded ground."""
    font = theme.sans("small", bold=True)
    metrics = QFontMetrics(font)
    height = metrics.height() + theme.px(3)
    width = min(metrics.horizontalAdvance(cell.text) + theme.px(14), rect.width())
    ground = QRectF(rect.left(), rect.center().y() - height / 2 + 0.5, width, height)
    painter.setPen(Qt.NoPen)
    painter.setBrush(theme.color("raised"))
    painter.drawRoundedRect(ground, theme.px(5), theme.px(5))
    painter.setFont(font)
    painter.setPen(theme.color(cell.color))
    painter.drawText(ground, Qt.AlignCenter, cell.text)


def paint_cell(painter: QPainter, rect: QRect, cell: Cell, theme: Theme) -> None:
    """Paint what stands in a cell: its shape or its text."""
    inner = rect.adjusted(theme.px(PADDING), 0, -theme.px(PADDING), -1)
    if cell.shape:
        cell.shape(painter, inner, theme, cell)
    elif cell.text:
        _text(painter, inner, theme, cell)


def _text(painter: QPainter, rect: QRect, theme: Theme, cell: Cell) -> None:
    font = theme.mono("body") if cell.is_mono else theme.sans("body")
    text = QFontMetrics(font).elidedText(cell.text, Qt.ElideLeft if cell.keeps_end else Qt.ElideRight, rect.width())
    painter.setFont(font)
    painter.setPen(theme.color(cell.color))
    painter.drawText(rect, int(Qt.AlignVCenter | (Qt.AlignRight if cell.is_right else Qt.AlignLeft)), text)
