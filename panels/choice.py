# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop-down list with an arrow in the theme's colour."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtGui import QPainter, QPen, QPolygonF
from PyQt5.QtWidgets import QComboBox, QWidget

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
