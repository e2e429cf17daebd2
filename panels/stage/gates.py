# SPDX-License-Identifier: GPL-3.0-or-later
"""How gates look while everything stands still or goes slowly: two bars across the way, and what they hold."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QPolygonF

from app.events import WITHIN_RECEIVE
from panels.stage.held import HeldView
from panels.stage.ink import CENTRE, RIGHT, Ink
from panels.stage.layout import Layout
from panels.stage.slow import Moving

BOLD = 0.92  # of a room that a text may fill which is measured as it is, and written bold
BACK = ("replies", "frames")  # gates that are passed away from the workers


def paint_gates(ink: Ink, layout: Layout, hovered: str, selected: frozenset[str], is_frozen: bool) -> None:
    """Paint every gate and what it holds; `selected` are ids of spots."""
    role = "accent" if is_frozen else "muted"
    for gate, rect in layout.gates:
        ink.card(rect, "raised" if hovered == f"gate:{gate.name}" else "panel", role, radius=4, width=1.4)
        _bars(ink, rect, role)
        more = gate.count - len(gate.held)
        if more > 0 and gate.held:
            last = layout.spot(gate.held[-1].spot)
            if last:
                ink.text(last.rect.translated(0, ink.px(17)), f"+{more}", "text", bold=True, align=CENTRE)
    for held, rect in layout.held:
        _held(ink, held, rect, held.spot in selected, hovered == held.spot)


def paint_moving(ink: Ink, place: QPointF, moving: Moving, is_selected: bool) -> None:
    """Paint a message under way in slow motion: the face of its client, as at a gate."""
    r = ink.px(9)
    ink.disc(QRectF(place.x() - r, place.y() - r, 2 * r, 2 * r), moving.letter, moving.role)
    ink.painter.setBrush(Qt.NoBrush)
    ink.painter.setPen(ink.pen("accent" if is_selected else "flight", 2.5 if is_selected else 2))
    ink.painter.drawEllipse(place, r + ink.px(1), r + ink.px(1))


def paint_frozen(ink: Ink, layout: Layout, width: float, height: float, says: str) -> None:
    """Frame the Stage, and say beside the heading of the channel layer that its clock stands still."""
    ink.card(QRectF(1, 1, width - 2, height - 2), "", "accent", radius=6, width=2)
    heading, right = layout.headings[2][1], layout.lanes[0][1].right()
    left = heading.left() + ink.px(130)
    room = QRectF(left, heading.top(), right - left, heading.height())
    ways = (says, says.split(" · ")[0], "❚❚ stopped", "❚❚")
    ink.text(room, ink.fitting(ways, room.width() * BOLD), "accent", bold=True, align=RIGHT)


def _bars(ink: Ink, rect: QRectF, role: str) -> None:
    p, centre = ink.painter, rect.center()
    half = rect.height() / 2 - ink.px(4)
    p.setPen(ink.pen(role, 2))
    for x in (centre.x() - ink.px(2.2), centre.x() + ink.px(2.2)):
        p.drawLine(QPointF(x, centre.y() - half), QPointF(x, centre.y() + half))


def _commands(ink: Ink, rect: QRectF, done: int) -> None:
    """Paint a dash for each command of the receive under what is held between them: BLPOP, GET, DEL."""
    width, p = ink.px(6), ink.painter
    p.setPen(Qt.NoPen)
    for number in range(len(WITHIN_RECEIVE)):
        x = rect.center().x() + (number - 1.5) * (width + ink.px(1.5)) + ink.px(0.75)
        p.setBrush(ink.theme.color("flight" if number < done else "line"))
        p.drawRect(QRectF(x, rect.bottom() + ink.px(4), width, ink.px(3.5)))


def _held(ink: Ink, held: HeldView, rect: QRectF, is_selected: bool, is_hovered: bool) -> None:
    disc = rect.adjusted(ink.px(1), ink.px(1), -ink.px(1), -ink.px(1))
    ink.disc(disc, held.letter, held.role)
    ink.painter.setBrush(Qt.NoBrush)
    ink.painter.setPen(
        ink.pen("text" if is_hovered else "accent" if is_selected else "flight", 2 if is_selected else 1.5)
    )
    ink.painter.drawEllipse(rect)
    if held.commands:
        _commands(ink, rect, held.commands)
    way, size = -1 if held.gate in BACK else 1, ink.px(3)
    tip = rect.center().x() + way * (rect.width() / 2 + ink.px(4))
    y = rect.center().y()
    corners = [QPointF(tip, y), QPointF(tip - way * size, y - size), QPointF(tip - way * size, y + size)]
    ink.painter.setPen(Qt.NoPen)
    ink.painter.setBrush(ink.theme.color("flight"))
    ink.painter.drawPolygon(QPolygonF(corners))
