# SPDX-License-Identifier: GPL-3.0-or-later
"""How full a channel is: a gauge of its places, and what its senders get when none is left."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QBrush, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from app.entities import Channel
from panels.full import NEAR, level_of, when_full
from panels.inspector.parts import column, label
from panels.panel import set_role
from panels.theme import Theme


class Capacity(QWidget):
    """A bar with live messages, ghosts and free places, the numbers, and a sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.bar = Gauge(theme)
        self.numbers = label("", "small")
        self.when_full = label("", "small")
        body = column(self, spacing=4)
        for part in (self.bar, self.numbers, self.when_full):
            body.addWidget(part)

    def show_channel(self, channel: Channel, capacity: int) -> None:
        """Show how full it is."""
        level = level_of(channel.entries, capacity)
        self.bar.show_shares(channel.live, channel.dead, capacity, bool(level))
        ghosts = f"{channel.dead} ghost{'' if channel.dead == 1 else 's'}, "
        ghosts = ghosts if channel.dead else ""
        free = max(capacity - channel.entries, 0)
        full = {"": "", "near": "Nearly full: ", "full": "Full: "}[level]
        self.numbers.setText(f"{full}{channel.live} live, {ghosts}{free} of {capacity} places free")
        self.when_full.setText(when_full(channel.name))
        if self.numbers.property("role") != (role := "bad" if level else "small"):
            set_role(self.numbers, role=role)


class Gauge(QWidget):
    """Live messages filled, ghosts hatched, a mark where the warning begins."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._shares: tuple[int, int, int, bool] = (0, 0, 1, False)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName("Capacity")

    def show_shares(self, live: int, ghosts: int, capacity: int, warns: bool) -> None:
        """Show so many live messages and ghosts of so many places."""
        if self._shares != (shares := (live, ghosts, max(capacity, live + ghosts, 1), warns)):
            self._shares = shares
            self.update()

    def sizeHint(self) -> QSize:
        """Return a bar as high as its own line."""
        return QSize(self.theme.px(60), self.theme.px(10))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, live messages, ghosts and the mark."""
        live, ghosts, capacity, warns = self._shares
        painter, theme = QPainter(self), self.theme
        rect = QRectF(self.rect())
        unit = rect.width() / capacity
        painter.fillRect(rect, theme.color("line"))
        painter.fillRect(QRectF(0, 0, live * unit, rect.height()), theme.color("bad" if warns else "flight"))
        hatched = QBrush(theme.color("bad" if warns else "muted"), Qt.BDiagPattern)
        painter.fillRect(QRectF(live * unit, 0, ghosts * unit, rect.height()), hatched)
        painter.fillRect(QRectF(rect.width() * NEAR, 0, theme.px(1), rect.height()), theme.color("muted"))
