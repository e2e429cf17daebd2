# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop-down list and a box to tick, with their signs in the theme's colours."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QPainter, QPen, QPolygonF
from PyQt5.QtWidgets import QCheckBox, QComboBox, QWidget

from panels.theme import Theme


class Choice(QComboBox):
    """The style sheet takes Qt's own arrow away, so this paints one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setSizeAdjustPolicy(QComboBox.AdjustToContents)

    def paintEvent(self, event: Any) -> None:
        """Paint the list's face, then a small angle at its right."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(QPen(self.theme.color("muted"), self.theme.px(1.6), Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
        x, y, half = self.width() - self.theme.px(14), self.height() / 2 - 1, self.theme.px(4)
        painter.drawPolyline(QPolygonF([QPointF(x - half, y), QPointF(x, y + half), QPointF(x + half, y)]))
        painter.end()


class Tick(QCheckBox):
    """A box to tick that is to be seen on every ground, and shows where the keys go."""

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.theme = theme
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """Return room for the box and the text."""
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + self.theme.px(26), self.theme.px(20))

    def hitButton(self, point: Any) -> bool:
        """The text belongs to it."""
        return bool(self.rect().contains(point))

    def paintEvent(self, event: Any) -> None:
        """Paint the box, its tick, and the text."""
        painter, px, theme = QPainter(self), self.theme.px, self.theme
        painter.setRenderHint(QPainter.Antialiasing)
        box = QRectF(px(2), (self.height() - px(14)) / 2, px(14), px(14))
        is_marked = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(theme.color("accent" if self.hasFocus() else "text" if is_marked else "muted"), 1.3))
        painter.setBrush(theme.color("selection") if self.isChecked() else Qt.NoBrush)
        painter.drawRoundedRect(box, px(3), px(3))
        if self.isChecked():
            painter.setPen(QPen(theme.color("text"), px(1.8), Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
            x, y = box.center().x(), box.center().y()
            painter.drawPolyline(
                QPolygonF([QPointF(x - px(4), y), QPointF(x - px(1), y + px(3)), QPointF(x + px(4), y - px(3))])
            )
        painter.setPen(theme.color("text" if is_marked else "muted"))
        painter.setFont(self.font())
        painter.drawText(self.rect().adjusted(px(22), 0, 0, 0), int(Qt.AlignVCenter), self.text())
        painter.end()
