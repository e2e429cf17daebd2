# SPDX-License-Identifier: GPL-3.0-or-later
"""A painter that knows the theme: cards, texts and small shapes in palette roles."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from panels.theme import Theme

LEFT = Qt.AlignLeft | Qt.AlignVCenter
RIGHT = Qt.AlignRight | Qt.AlignVCenter
CENTRE = Qt.AlignCenter


class Ink:
    """Draws on one painter at a time; fonts are made once and kept until the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.painter = QPainter()
        self.font = lru_cache(maxsize=None)(self._font)
        self.metrics = lru_cache(maxsize=None)(lambda *style: QFontMetricsF(self.font(*style)))
        self._width = lru_cache(maxsize=2048)(lambda text, *style: self.metrics(*style).horizontalAdvance(text))

    def _font(self, size: str, bold: bool, mono: bool) -> QFont:
        return self.theme.mono(size, bold) if mono else self.theme.sans(size, bold)

    def px(self, size: float) -> float:
        """Return a measure at the theme's scale, not rounded."""
        return size * self.theme.scale

    def pen(self, role: str, width: float = 1.0, dashes: tuple[float, ...] = (), alpha: int = 255) -> QPen:
        """Return a round pen in a palette role."""
        pen = QPen(self.theme.color(role, alpha), self.px(width))
        pen.setCapStyle(Qt.RoundCap)
        pen.setJoinStyle(Qt.RoundJoin)
        if dashes:
            pen.setCapStyle(Qt.FlatCap)
            pen.setDashPattern(list(dashes))
        return pen

    def card(self, rect: QRectF, fill: str = "", line: str = "line", *, radius: float = 8, **pen: Any) -> None:
        """Draw a rounded card; without `fill` only its outline, without `line` none. `pen` as for `pen()`."""
        radius = self.px(radius)
        self.painter.setPen(self.pen(line, **pen) if line else Qt.NoPen)
        self.painter.setBrush(self.theme.color(fill) if fill else Qt.NoBrush)
        self.painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def halo(self, rect: QRectF) -> None:
        """Draw what a lesson points with."""
        for grow, alpha in ((2, 255), (5, 90), (8, 40)):
            around = rect.adjusted(-grow, -grow, grow, grow)
            self.card(around, "", "accent", width=2 if grow == 2 else 3, radius=8 + grow, alpha=alpha)

    def text(
        self, rect: QRectF, text: str, role: str = "text", size: str = "small", bold: bool = False, mono: bool = False,
        align: int = LEFT,
    ) -> None:  # fmt: skip
        """Write one line; what does not fit ends in an ellipsis."""
        if self._width(text, size, bold, mono) > rect.width() + 0.5:
            text = self.metrics(size, bold, mono).elidedText(text, Qt.ElideRight, rect.width())
        self.painter.setFont(self.font(size, bold, mono))
        self.painter.setPen(self.theme.color(role))
        self.painter.drawText(rect, int(align), text)

    def width(self, text: str, size: str = "small", bold: bool = False, mono: bool = False) -> float:
        """Return how wide a text is."""
        return self._width(text, size, bold, mono)

    def fitting(self, texts: tuple[str, ...], width: float, size: str = "small") -> str:
        """Return the first text that fits, else the last."""
        return next((text for text in texts if self.width(text, size) <= width), texts[-1])

    def disc(self, rect: QRectF, letter: str, role: str) -> None:
        """Draw a filled disc with a letter on it."""
        self.painter.setPen(Qt.NoPen)
        self.painter.setBrush(self.theme.color(role))
        self.painter.drawEllipse(rect)
        self.painter.setPen(Qt.black)
        self.painter.setFont(self.font("small", True, False))
        self.painter.drawText(rect, int(CENTRE), letter)

    def sign(self, centre: QPointF, status: str) -> None:
        """Draw a worker's state as a shape with a colour: disc, triangle, bars, cross, square or ring."""
        shape, role = SIGNS.get(status, SIGNS["starting"])
        r, p = self.px(4.5), self.painter
        x, y = centre.x(), centre.y()
        p.setBrush(Qt.NoBrush if shape == "ring" else self.theme.color(role))
        p.setPen(self.pen(role, 2) if shape in ("ring", "cross") else Qt.NoPen)
        path = QPainterPath()
        if shape in ("disc", "ring"):
            path.addEllipse(centre, r - (1 if shape == "ring" else 0), r - (1 if shape == "ring" else 0))
        elif shape == "triangle":
            path.addPolygon(QPolygonF([QPointF(x - r * 0.8, y - r), QPointF(x + r, y), QPointF(x - r * 0.8, y + r)]))
            path.closeSubpath()
        elif shape == "bars":
            path.addRect(QRectF(x - r * 0.9, y - r, r * 0.65, r * 2))
            path.addRect(QRectF(x + r * 0.25, y - r, r * 0.65, r * 2))
        elif shape == "square":
            path.addRect(QRectF(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6))
        else:
            path.moveTo(x - r * 0.8, y - r * 0.8)
            path.lineTo(x + r * 0.8, y + r * 0.8)
            path.moveTo(x + r * 0.8, y - r * 0.8)
            path.lineTo(x - r * 0.8, y + r * 0.8)
        p.drawPath(path)


SIGNS = {
    "starting": ("ring", "muted"),
    "idle": ("disc", "good"),
    "running": ("triangle", "flight"),
    "stopped": ("bars", "flight"),
    "killed": ("cross", "bad"),
    "exited": ("square", "bad"),
    "failed": ("cross", "bad"),
    "ready": ("disc", "good"),
    "finished": ("square", "muted"),
}
