# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a cell of a table, and the delegate that paints it.

Colours and fonts are named by their roles and looked up while painting, so a change of theme needs no new cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtCore import QModelIndex, QPointF, QRect, QRectF, Qt
from PyQt5.QtGui import QFontMetrics, QPainter, QPolygonF
from PyQt5.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from panels.theme import Theme

CELL = int(Qt.UserRole)  # the role under which a model gives the whole Cell
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


class CellDelegate(QStyledItemDelegate):
    """Paints cells: the row's ground, a thin line under it, then the cell's shape or text."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint one cell."""
        cell: Cell = index.data(CELL)
        theme, rect = self.theme, option.rect
        is_selected = bool(option.state & QStyle.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.Antialiasing)
        if is_selected or cell.tint:
            painter.fillRect(rect, theme.color("selection" if is_selected else cell.tint))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        if index.column() == 0 and is_selected and self.parent().hasFocus():
            painter.fillRect(rect.left(), rect.top(), theme.px(3), rect.height(), theme.color("accent"))
        inner = rect.adjusted(theme.px(PADDING), 0, -theme.px(PADDING), -1)
        if cell.shape:
            cell.shape(painter, inner, theme, cell)
        else:
            self._text(painter, inner, cell)
        painter.restore()

    def _text(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        font = self.theme.mono("body") if cell.is_mono else self.theme.sans("body")
        text = QFontMetrics(font).elidedText(cell.text, Qt.ElideLeft if cell.keeps_end else Qt.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(self.theme.color(cell.color))
        painter.drawText(rect, int(Qt.AlignVCenter | (Qt.AlignRight if cell.is_right else Qt.AlignLeft)), text)
