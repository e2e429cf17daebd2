# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the Stage: one widget that paints it and knows what lies under the pointer.

Arrow keys go from spot to spot, Enter does what a click does, the menu key opens what the right button opens.
"""

from __future__ import annotations

import time
from typing import Any

from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QPainter, QPainterPath, QRadialGradient
from PyQt5.QtWidgets import QToolTip, QWidget

from app.events import Event
from panels.stage.cards import paint_cards, paint_more
from panels.stage.drag import Drag
from panels.stage.gates import paint_frozen, paint_gates, paint_moving
from panels.stage.ink import Ink
from panels.stage.lanes import paint_database, paint_groups, paint_lanes
from panels.stage.layout import Arranger, Layout, Spot, scale_for
from panels.stage.motion import Motion
from panels.stage.nearest import nearest
from panels.stage.pictures import Pictures
from panels.stage.views import StageView
from panels.stage.way import Lit
from panels.stage.wiring import paint_edges, paint_way, wire
from panels.theme import Theme

ARROWS = {Qt.Key_Left: (-1, 0), Qt.Key_Right: (1, 0), Qt.Key_Up: (0, -1), Qt.Key_Down: (0, 1)}
LEAST_HEIGHT = 190
NEAR = 11  # pixels


class Canvas(QWidget):
    """Paints a view and its moving messages; tells which spot was clicked."""

    clicked = pyqtSignal(str)
    double_clicked = pyqtSignal(str)
    menu_wanted = pyqtSignal(str, object)  # spot, global position
    channel_dropped = pyqtSignal(str, str)  # channel, worker

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.ink = Ink(theme)
        self.motion = Motion()
        self.view: StageView | None = None
        self.layout_now = Layout(0.0)
        self.lit = Lit()
        self.halos: frozenset[str] = frozenset()
        self._pieces: dict[str, QPainterPath] = {}
        self.zoom = 0.0  # times as large as fills the room; 0: as large as everything else
        self._hovered = ""
        self._focused = ""
        self._drag: Drag | None = None
        self._pictures = Pictures(self.motion, self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setAccessibleName("Stage: clients, interface server, channel layer and workers")

    def show_view(self, view: StageView, lit: Lit | None = None) -> None:
        """Show another view, and what is lit in it; the same as before costs nothing."""
        lit = lit or Lit()
        if self.motion.show_held(view.moving, time.monotonic()):
            self.update()
            self._pictures.begin()
        if (view, lit) != (self.view, self.lit):
            self.view, self.lit = view, lit
            self._arrange()
        elif self._pictures.isActive():
            self.update()

    @property
    def selected(self) -> frozenset[str]:
        """Ids of the spots that are lit."""
        return self.lit.spots

    def follow(self, events: list[Event], is_crowd: bool = False) -> None:
        """Let the messages among these events be seen moving."""
        self.motion.follow(events, self._pieces, time.monotonic())
        self._pictures.keep_apart(is_crowd)

    def recall(self, events: list[Event]) -> None:
        """Show how busy the edges are by messages that are over."""
        self.motion.recall(events, self._pieces, time.monotonic())
        self._pictures.begin()

    def restyle(self) -> None:
        """Take colours, fonts and scale from the theme again."""
        self.ink = Ink(self.theme)
        self._arrange()

    @property
    def is_moving(self) -> bool:
        """Whether the animation's timer runs."""
        return bool(self._pictures.isActive())

    def spot(self, name: str) -> Spot | None:
        """Return the spot of that id, as it is now."""
        return self.layout_now.spot(name)

    def sizeHint(self) -> QSize:
        """Return what the design gives the Stage."""
        return QSize(self.theme.px(760), self.theme.px(280))

    def _arrange(self) -> None:
        if self.view is None:
            return
        card = (self._hovered or (self._focused if self.hasFocus() else "")).split("/")[0]
        room = self.parentWidget().height() if self.parentWidget() else self.height()
        for scale in self._scales(room):
            self.layout_now = Arranger(self.view, self.width(), room, scale, card, self.zoom > 0).arrange()
            if self.layout_now.height <= room:
                break
        if scale != self.ink.theme.scale:
            self.ink = Ink(self.theme.at(scale))
        needed = max(int(self.layout_now.height), self.theme.px(LEAST_HEIGHT))
        if self.minimumHeight() != needed:
            self.setMinimumHeight(needed)
        self._pieces = wire(self.layout_now)
        self.update()

    def _scales(self, room: int) -> list[float]:
        """Return the scales to try: that which fills the room, if it is to, then its own."""
        own = self.theme.scale
        return [max(scale_for(self.width(), room) * self.zoom, own), own] if self.zoom else [own]

    # --- painting ---

    def paintEvent(self, event: object) -> None:
        """Paint edges, lanes, cards, dots, and what a lesson points at."""
        if self.view is None:
            return
        now, ink, layout = time.monotonic(), self.ink, self.layout_now
        self._pictures.put_off()
        ink.painter = QPainter(self)
        ink.painter.setRenderHints(QPainter.Antialiasing | QPainter.TextAntialiasing)
        paint_edges(ink, layout, self._pieces, lambda piece: self.motion.heat(piece, now))
        paint_way(ink, self._pieces, self.lit.pieces)
        paint_lanes(ink, layout, self._hovered, self.lit)
        paint_groups(ink, layout, len(self.view.groups) - len(layout.groups), self._hovered, self.lit)
        paint_database(ink, layout, self.view.rows)
        paint_cards(ink, layout, self.view, self._hovered, self.lit)
        paint_more(ink, layout.more_clients, f"+ {self.view.more_clients} more")
        paint_more(ink, layout.more_workers, f"+ {self.view.more_workers} earlier ones")
        paint_gates(ink, layout, self._hovered, self.lit.spots, bool(self.view.standing))
        if self.view.standing:
            paint_frozen(ink, layout, self.width(), self.height(), self.view.standing)
        for place, role in self.motion.spots(self._pieces, now):
            self._dot(place, role)
        for place, moving in self.motion.places(self._pieces, now):
            paint_moving(ink, place, moving, moving.spot in self.lit.spots)
        if here := layout.spot(self.lit.here):
            ink.card(here.rect.adjusted(-3, -3, 3, 3), "", "text", width=2, radius=11)
        for spot in layout.spots:
            if self._is_pointed_at(spot):
                ink.halo(spot.rect)
        if self.hasFocus() and (focus := layout.spot(self._focused)):
            ink.card(focus.rect.adjusted(-2, -2, 2, 2), "", "accent", width=1.5, radius=9)
        if self._drag and self._drag.is_moving:
            self._drag.paint(ink, layout)
        ink.painter.end()

    def _dot(self, place: QPointF, role: str) -> None:
        p, radius = self.ink.painter, self.ink.px(6)
        glow = QRadialGradient(place, radius * 2.2)
        glow.setColorAt(0.3, self.theme.color(role, 110))
        glow.setColorAt(1.0, self.theme.color(role, 0))
        p.setPen(Qt.NoPen)
        p.setBrush(glow)
        p.drawEllipse(place, radius * 2.2, radius * 2.2)
        p.setBrush(self.theme.color(role))
        p.drawEllipse(place, radius, radius)

    def _is_pointed_at(self, spot: Spot) -> bool:
        return spot.id in self.halos or bool(spot.name and spot.name in self.halos)

    # --- pointer and keys ---

    def _spot_at(self, point: QPointF) -> Spot | None:
        """Return what is under the pointer; dots that go slowly can be hit, too."""
        for place, moving in self.motion.places(self._pieces, time.monotonic()):
            rect = QRectF(place.x() - NEAR, place.y() - NEAR, 2 * NEAR, 2 * NEAR)
            if rect.contains(point):
                return Spot(moving.spot, rect)
        return self.layout_now.spot_at(point)

    def mouseMoveEvent(self, event: Any) -> None:
        """Mark what the pointer is on, or carry a channel along."""
        if self._drag and event.buttons() & Qt.LeftButton:
            self._drag.move(QPointF(event.pos()))
            if self._drag.is_moving:
                self.setCursor(Qt.ClosedHandCursor)
                self.update()
                return
        self._hover(self._spot_at(QPointF(event.pos())))

    def leaveEvent(self, event: Any) -> None:
        """Mark nothing any more."""
        self._hover(None)

    def _hover(self, spot: Spot | None) -> None:
        name = spot.id if spot else ""
        if name != self._hovered:
            self._hovered = name
            self.setCursor(Qt.PointingHandCursor if name else Qt.ArrowCursor)
            self._arrange()

    def mousePressEvent(self, event: Any) -> None:
        """Do what the spot under the pointer stands for."""
        spot = self._spot_at(QPointF(event.pos()))
        self._focused = spot.id if spot else ""
        if spot and event.button() == Qt.LeftButton:
            self._drag = Drag.of(spot.id, QPointF(event.pos()))
            self.clicked.emit(spot.id)
        elif event.button() == Qt.LeftButton:
            self.clicked.emit("")
        self._arrange()

    def mouseReleaseEvent(self, event: Any) -> None:
        """Drop a channel that was dragged on the worker under the pointer."""
        drag, self._drag = self._drag, None
        if drag and drag.is_moving:
            drag.move(QPointF(event.pos()))
            self.setCursor(Qt.ArrowCursor)
            if target := drag.target(self.layout_now):
                self.channel_dropped.emit(drag.channel, target.name)
            self.update()

    def mouseDoubleClickEvent(self, event: Any) -> None:
        """A double click on a button is two clicks; on a card it asks for more than a click."""
        spot = self.layout_now.spot_at(QPointF(event.pos()))
        if spot and event.button() == Qt.LeftButton:
            (self.clicked if spot.is_button else self.double_clicked).emit(spot.id)

    def contextMenuEvent(self, event: Any) -> None:
        """Ask for the menu of what is under the pointer, or of the focused spot."""
        by_mouse = event.reason() == event.Mouse
        spot = self.layout_now.spot_at(QPointF(event.pos())) if by_mouse else self.spot(self._focused)
        if spot:
            point = event.globalPos() if by_mouse else self.mapToGlobal(spot.rect.center().toPoint())
            self.menu_wanted.emit(spot.id, point)

    def keyPressEvent(self, event: Any) -> None:
        """Walk with the arrows, act with Enter or space."""
        if event.key() in ARROWS:
            self._walk(*ARROWS[event.key()])
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter, Qt.Key_Space) and self.spot(self._focused):
            self.clicked.emit(self._focused)
        else:
            super().keyPressEvent(event)

    def _walk(self, dx: int, dy: int) -> None:
        spots, here = self.layout_now.spots, self.spot(self._focused)
        target = nearest(spots, here, dx, dy) if here else (spots[0] if spots else None)
        if target:
            self._focused = target.id
            self.setAccessibleDescription(target.label)
            self._arrange()

    def focusInEvent(self, event: Any) -> None:
        """Show where the keys go."""
        by_keys = event.reason() in (Qt.TabFocusReason, Qt.BacktabFocusReason)
        if by_keys and not self.spot(self._focused) and self.layout_now.spots:
            self._focused = self.layout_now.spots[0].id
        super().focusInEvent(event)
        self._arrange()

    def focusOutEvent(self, event: Any) -> None:
        """The keys go elsewhere."""
        super().focusOutEvent(event)
        self._arrange()

    def event(self, event: Any) -> bool:
        """Show a spot's label as its tool tip."""
        if event.type() == QEvent.ToolTip:
            spot = self.layout_now.spot_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), spot.label if spot else "", self)
            return True
        return bool(super().event(event))

    def resizeEvent(self, event: Any) -> None:
        """Lay everything out anew."""
        super().resizeEvent(event)
        self._arrange()
