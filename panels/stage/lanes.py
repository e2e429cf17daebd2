# SPDX-License-Identifier: GPL-3.0-or-later
"""How the channel layer looks: lanes with the messages that wait in them, and groups as sets of their members."""

from __future__ import annotations

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QBrush

from panels.full import NEAR
from panels.stage.ink import CENTRE, LEFT, RIGHT, Ink
from panels.stage.lane_views import LaneView, TokenView
from panels.stage.layout import Layout
from panels.stage.parts import tokens_in
from panels.stage.views import GroupView
from panels.stage.way import Lit, Word

LEVEL_ROLE = {"": "muted", "near": "flight", "full": "bad"}


def paint_lanes(ink: Ink, layout: Layout, hovered: str, lit: Lit) -> None:
    """Paint every lane with its tokens; `lit` is what is on the way of the selection."""
    for lane, bar in layout.lanes:
        _lane(ink, lane, bar, hovered, lit)
        for token, place in tokens_in(lane, bar, ink.theme.scale):
            _token(ink, token, place, f"token:{token.key}" in lit)


def _lane(ink: Ink, lane: LaneView, bar: QRectF, hovered: str, lit: Lit) -> None:
    name = QRectF(bar.left() + ink.px(2), bar.top() - ink.px(16), bar.width() - ink.px(4), ink.px(15))
    is_busy = lane.live + lane.ghosts > 0
    count_role = LEVEL_ROLE[lane.level] if lane.level else "text" if is_busy else "muted"
    of = f" of {lane.capacity}"
    ways = (
        (f"{lane.count}{of} · full", f"{lane.count} · full") if lane.level == "full" else (lane.count + of, lane.count)
    )
    whole = ink.width(lane.name, "small", mono=True) + ink.px(8)
    has_room = ink.width(ways[0], bold=True) + min(whole, name.width() - ink.width(ways[1], bold=True)) <= name.width()
    count = ways[0] if is_busy and has_room else ways[1]
    ink.text(name, count, count_role, bold=is_busy, align=RIGHT)
    room = name.adjusted(0, 0, -ink.width(count, "small", is_busy) - ink.px(8), 0)
    ink.text(room, _short(ink, lane.name, room.width()), mono=True)
    spot = f"lane:{lane.name}"
    line = "accent" if spot in lit else "flight" if lane.live else "muted" if hovered == spot else "line"
    ink.card(bar, "flight_soft" if lane.level else "raised", "bad" if lane.level == "full" else line, radius=7)
    _gauge(ink, lane, bar)
    beyond = lane.live + lane.ghosts + lane.bodies - len(tokens_in(lane, bar, ink.theme.scale))
    if beyond > 0:
        ink.text(bar.adjusted(ink.px(8), 0, -ink.px(8), 0), f"+{beyond}", "flight", "small", True, align=_tail(lane))
    if word := lit.words.get(spot):
        _word(ink, lane, bar, word)


def _word(ink: Ink, lane: LaneView, bar: QRectF, word: Word) -> None:
    """Write how long a message was in the lane, where the newest ones come in, if the others leave room."""
    tokens = [place for _, place in tokens_in(lane, bar, ink.theme.scale)]
    room = bar.adjusted(ink.px(9), 0, -ink.px(9), -ink.px(2))
    if tokens and lane.is_reply:
        room.setLeft(max(place.right() for place in tokens) + ink.px(6))
    elif tokens:
        room.setRight(min(place.left() for place in tokens) - ink.px(6))
    text = ink.fitting((*word[0], ""), room.width())
    ink.text(room, text, word[1], bold=True, align=_tail(lane))


def _gauge(ink: Ink, lane: LaneView, bar: QRectF) -> None:
    """Paint how much of the capacity is taken along a lane's lower edge: live messages, then ghosts as outlines."""
    if not lane.live + lane.ghosts:
        return
    ground = QRectF(bar.left() + ink.px(6), bar.bottom() - ink.px(3), bar.width() - ink.px(12), ink.px(3))
    unit = ground.width() / max(lane.capacity, lane.live + lane.ghosts)
    p = ink.painter
    p.fillRect(ground, ink.theme.color("line"))
    live = QRectF(ground.left(), ground.top(), lane.live * unit, ground.height())
    p.fillRect(live, ink.theme.color("bad" if lane.level else "flight"))
    ghosts = QRectF(live.right(), ground.top(), lane.ghosts * unit, ground.height())
    p.fillRect(ghosts, QBrush(ink.theme.color("bad" if lane.level else "muted"), Qt.Dense4Pattern))
    near = ground.left() + ground.width() * NEAR
    p.fillRect(QRectF(near, ground.top(), ink.px(1), ground.height()), ink.theme.color("muted"))


def _tail(lane: LaneView) -> int:
    """Return the side where the newest messages are."""
    return RIGHT if lane.is_reply else LEFT


def _short(ink: Ink, name: str, width: float) -> str:
    """Shorten a channel's name in its middle: both ends say what it is."""
    return ink.metrics("small", False, True).elidedText(name, Qt.ElideMiddle, width)


def _token(ink: Ink, token: TokenView, rect: QRectF, is_selected: bool) -> None:
    p, ring = ink.painter, rect.adjusted(ink.px(1.5), ink.px(1.5), -ink.px(1.5), -ink.px(1.5))
    p.setBrush(ink.theme.color("selection" if is_selected else "raised"))
    if is_selected:
        p.setPen(ink.pen("accent", 1.5))
        p.drawEllipse(rect.adjusted(-ink.px(1), -ink.px(1), ink.px(1), ink.px(1)))
    if token.is_ghost:
        p.setPen(ink.pen("muted", 1.3, (2.5, 2)))
        p.drawEllipse(ring)
        return
    if token.is_body:
        p.setPen(ink.pen("flight", 1.5, (2.5, 2)))
        p.drawRoundedRect(ring, ink.px(3), ink.px(3))
        ink.text(rect, _left(token), "text", "small", align=CENTRE)
        return
    p.setPen(ink.pen("line", 2.5))
    p.drawEllipse(ring)
    p.setBrush(Qt.NoBrush)
    p.setPen(ink.pen("flight", 2.5))
    p.drawArc(ring, 90 * 16, int(token.life * 360 * 16))  # counted from the top, anticlockwise: it empties clockwise
    ink.text(rect, _left(token), "text", "small", bold=token.seconds <= 3, align=CENTRE)


def _left(token: TokenView) -> str:
    """Return what a token has left to live, in two or three characters."""
    return str(token.seconds) if token.seconds < 100 else f"{token.seconds // 60}m" if token.seconds < 6000 else "∞"


def paint_groups(ink: Ink, layout: Layout, hidden: int, hovered: str, lit: Lit) -> None:
    """Paint the groups under the lanes, each a set of its members' discs; `lit` is what is lit."""
    line = layout.groups_line
    ink.text(line.adjusted(ink.px(2), 0, 0, 0), "Groups", "muted", bold=True)
    if not layout.groups and not hidden:
        ink.text(line.adjusted(ink.px(54), 0, 0, 0), "none yet", "muted")
    for group, rect in layout.groups:
        spot = f"group:{group.name}"
        _group(ink, group, rect, "accent" if spot in lit else "muted" if hovered == spot else "line")
    if hidden:
        ink.text(line, f"+ {hidden} more", "muted", align=RIGHT)


def paint_database(ink: Ink, layout: Layout, rows: tuple[tuple[str, int], ...]) -> None:
    """Say at the end of the groups' line how many rows consumers have made."""
    if rows:
        count = sum(number for _, number in rows)
        says = f"{count} row{'' if count == 1 else 's'}"
        is_roomy = ink.width(f"{says} saved", "small", True) <= layout.database.width()
        ink.text(layout.database, f"{says} saved" if is_roomy else says, "muted", bold=True, align=RIGHT)


def _group(ink: Ink, group: GroupView, rect: QRectF, line: str) -> None:
    ink.card(rect, "", line, radius=11)
    right = rect.right() - ink.px(9)
    needed = ink.width(group.name, "small", mono=True) + ink.px(13)
    counts = (
        [f"{group.count} · {group.dead} dead", f"{group.count} · {group.dead} ✕"] if group.dead else [str(group.count)]
    )
    room = right - rect.left() - ink.px(13) - needed
    count = next((text for text in counts if ink.width(text, "small", True) <= room), counts[-1])
    ink.text(QRectF(rect.left(), rect.top(), right - rect.left(), rect.height()), count, bold=True, align=RIGHT)
    size, x = ink.px(16), right - ink.width(count, "small", True) - ink.px(4)
    discs = group.members[:4]
    while discs and x - size - (len(discs) - 1) * ink.px(12) - rect.left() - ink.px(9) < needed:
        discs = discs[:-1]  # the name says more than one disc of several
    x -= size + (len(discs) - 1) * ink.px(12) if discs else 0
    name = QRectF(rect.left() + ink.px(9), rect.top(), x - rect.left() - ink.px(13), rect.height())
    ink.text(name, _short(ink, group.name, name.width()), mono=True)
    for place, (letter, role) in enumerate(discs):
        disc = QRectF(x + place * ink.px(12), rect.center().y() - size / 2, size, size)
        ink.disc(disc, letter, role)
