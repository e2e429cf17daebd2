# SPDX-License-Identifier: GPL-3.0-or-later
"""The edges of the Stage: smooth curves between cards, in pieces that a message's way is put together from.

All lanes meet all workers in one waist, because any worker takes any message. Pieces run from the client towards the
worker: "client:c1", "in:CHANNEL" (server to lane), "out:CHANNEL" (lane to waist), "worker:NAME" (waist to worker).
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtGui import QPainterPath, QPolygonF

from panels.stage.ink import Ink
from panels.stage.layout import Layout

BUSY = 20.0  # messages a second from which on dots merge into a thicker edge


def wire(layout: Layout) -> dict[str, QPainterPath]:
    """Return every piece of edge of a layout."""
    pieces = {}
    left, right = layout.server.left(), layout.server.right()
    middle = layout.server.center().y()
    for client, rect in layout.clients:
        pieces[f"client:{client.id}"] = curve(QPointF(rect.right(), rect.center().y()), QPointF(left, middle))
    if layout.more_clients is not None:
        start = QPointF(layout.more_clients.right(), layout.more_clients.center().y())
        pieces["client:more"] = curve(start, QPointF(left, middle))
    waist = _waist(layout)
    for lane, bar in layout.lanes:
        y = bar.center().y()
        pieces[f"in:{lane.name}"] = curve(QPointF(right, middle), QPointF(bar.left(), y))
        pieces[f"out:{lane.name}"] = curve(QPointF(bar.right(), y), waist)
    for worker, rect in layout.workers:
        pieces[f"worker:{worker.name}"] = curve(waist, QPointF(rect.left(), rect.center().y()))
    return pieces


def _waist(layout: Layout) -> QPointF:
    lanes = [bar for _, bar in layout.lanes]
    x = (lanes[0].right() + layout.start_worker.left()) / 2
    return QPointF(x, (lanes[0].top() + lanes[-1].bottom()) / 2)


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """Return a curve that leaves and arrives level."""
    bend = (end.x() - start.x()) * 0.55
    path = QPainterPath(start)
    path.cubicTo(start.x() + bend, start.y(), end.x() - bend, end.y(), end.x(), end.y())
    return path


def paint_edges(
    ink: Ink, layout: Layout, pieces: dict[str, QPainterPath], heat: Callable[[str], tuple[float, float]]
) -> None:
    """Paint the edges; `heat` tells a piece's messages a second and how fresh the last one is (0 to 1)."""
    dead = {f"worker:{worker.name}" for worker, _ in layout.workers if not worker.is_alive}
    is_read = any(worker.is_alive for worker, _ in layout.workers)
    p = ink.painter
    p.setBrush(Qt.NoBrush)
    for name, path in pieces.items():
        is_open = name not in dead and (is_read or not name.startswith("out:"))
        p.setPen(ink.pen("line", 1.4, () if is_open else (3, 3)))
        p.drawPath(path)
    for name, path in pieces.items():
        rate, fresh = heat(name)
        if rate > BUSY or fresh > 0:
            width = 1.8 if rate <= BUSY else min(2.5 + rate / 60, 7)
            p.setPen(ink.pen("flight", width, (), 255 if rate > BUSY else int(255 * fresh)))
            p.drawPath(path)
    _arrows(ink, layout)


def paint_way(ink: Ink, pieces: dict[str, QPainterPath], lit: frozenset[str]) -> None:
    """Paint the way of what is selected over the other edges; whoever has no card of its own is among the rest."""
    names = {name if name in pieces else "client:more" if name.startswith("client:") else "" for name in lit}
    ink.painter.setBrush(Qt.NoBrush)
    for width, alpha in ((6, 60), (2.2, 255)):
        ink.painter.setPen(ink.pen("accent", width, (), alpha))
        for name in sorted(names & pieces.keys()):
            ink.painter.drawPath(pieces[name])


def _arrows(ink: Ink, layout: Layout) -> None:
    """Point out which way a lane is read: requests to the right, replies to the left."""
    for lane, bar in layout.lanes:
        if lane.is_reply:
            _arrow(ink, QPointF(bar.right() + ink.px(1), bar.center().y()), -1)
        else:
            _arrow(ink, QPointF(bar.left() - ink.px(1), bar.center().y()), 1)
    if any(lane.is_reply for lane, _ in layout.lanes):
        _arrow(ink, QPointF(layout.server.right() + ink.px(1), layout.server.center().y()), -1)


def _arrow(ink: Ink, tip: QPointF, way: int) -> None:
    long, half = ink.px(7) * way, ink.px(3.5)
    ink.painter.setPen(Qt.NoPen)
    ink.painter.setBrush(ink.theme.color("muted"))
    corners = [tip, QPointF(tip.x() - long, tip.y() - half), QPointF(tip.x() - long, tip.y() + half)]
    ink.painter.drawPolygon(QPolygonF(corners))
