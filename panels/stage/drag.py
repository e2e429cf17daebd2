# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel being dragged onto a worker: what is carried, where it may be dropped, and what would come of it."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QPointF, QRectF
from PyQt5.QtWidgets import QApplication

from panels.stage.duties import command_of, dropped
from panels.stage.ink import CENTRE, Ink
from panels.stage.layout import Layout
from panels.stage.views import WorkerView


@dataclass
class Drag:
    """A lane that was pressed; it moves once the pointer has left the place of the press."""

    channel: str
    start: QPointF
    point: QPointF
    is_moving: bool = False

    @staticmethod
    def of(spot: str, point: QPointF) -> Drag | None:
        """Return a drag that may begin on a spot; replies belong to the interface server, so their lane stays."""
        kind, _, name = spot.partition(":")
        return Drag(name, point, point) if kind == "lane" and "!" not in name else None

    def move(self, point: QPointF) -> None:
        """The pointer is there now."""
        self.point = point
        if (point - self.start).manhattanLength() >= QApplication.startDragDistance():
            self.is_moving = True

    def target(self, layout: Layout) -> WorkerView | None:
        """Return the worker under the pointer, if it may be given channels from here."""
        places = (worker for worker, rect in layout.workers if rect.contains(self.point) and not worker.host)
        return next(places, None) if self.is_moving else None

    def paint(self, ink: Ink, layout: Layout) -> None:
        """Paint the channel's name at the pointer, and what it would make of the worker there."""
        target = self.target(layout)
        for worker, rect in layout.workers:
            if not worker.host:
                is_target = target is not None and worker.name == target.name
                ink.card(rect, "", "accent", width=2.5 if is_target else 1.0, dashes=() if is_target else (3, 3))
        lines = [self.channel]
        if target is not None:
            lines.append(f"{target.name}: {command_of(dropped(target.duty, self.channel))}")
        self._tag(ink, lines, layout)

    def _tag(self, ink: Ink, lines: list[str], layout: Layout) -> None:
        height = ink.px(20)
        width = min(max(ink.width(line, mono=True) for line in lines) + ink.px(20), layout.width - ink.px(8))
        left = min(max(self.point.x() - width / 2, ink.px(4)), layout.width - width - ink.px(4))
        top = self.point.y() + ink.px(14)
        if top + height * len(lines) + ink.px(8) > ink.painter.viewport().height():
            top = self.point.y() - height * len(lines) - ink.px(14)
        whole = QRectF(left, top, width, height * len(lines) + ink.px(6))
        ink.card(whole, "raised", "accent")
        for place, line in enumerate(lines):
            row = QRectF(left + ink.px(8), top + ink.px(3) + place * height, width - ink.px(16), height)
            ink.text(row, line, "text" if place == 0 else "accent", bold=place == 0, mono=True, align=CENTRE)
