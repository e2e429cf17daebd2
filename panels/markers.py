# SPDX-License-Identifier: GPL-3.0-or-later
"""What is marked on the Timeline: kills, expiries, refusals, violations; each with a shape and a colour of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QPainter, QPen, QPolygonF

from app import events as e
from app.telling import how_ended
from panels.theme import Theme
from panels.times import clock

# Kinds that may leave a mark.
MARKING = frozenset(
    (e.WorkerExited, e.MessageExpired, e.MessageRefused, e.FrameSeen, e.LabStarted, e.Frozen, e.Thawed, e.SpeedSet)
)


@dataclass(frozen=True)
class Marker:
    """Something worth finding again: `sort` names its shape; `kind` and `item` are what it selects."""

    t: float
    sort: str
    text: str
    kind: str = ""
    item: str = ""


COLORS = {
    "kill": "bad",
    "expiry": "flight",
    "refusal": "flight",
    "violation": "bad",
    "run": "muted",
    "leave": "muted",
    "freeze": "accent",
    "thaw": "accent",
    "speed": "flight",
}
PLURALS = {
    "kill": "{} workers ended",
    "expiry": "{} messages expired unread",
    "refusal": "{} messages were refused",
    "violation": "{} frames broke a rule",
    "run": "{} runs began",
    "leave": "{} workers left",
    "freeze": "everything stood still, {} times",
    "thaw": "everything went on, {} times",
    "speed": "the speed changed, {} times",
}


def markers_of(events: Iterable[e.Event]) -> list[Marker]:
    """Return the marks that events leave, quickly: there may be hundreds in a tick, and few leave one."""
    marking = (
        event for event in events if type(event) in MARKING and (type(event) is not e.FrameSeen or event.violations)
    )
    return [marker for event in marking if (marker := marker_of(event))]


def marker_of(event: e.Event) -> Marker | None:
    """Return the mark that an event leaves, None for most."""
    match event:
        case e.WorkerExited(signal="", status=0):
            return Marker(event.t, "leave", f"{event.worker} left as it was told to", "worker", event.worker)
        case e.WorkerExited():
            how = f"was killed ({event.signal})" if event.signal else how_ended("", event.status)
            return Marker(event.t, "kill", f"{event.worker} {how}", "worker", event.worker)
        case e.MessageExpired():
            return Marker(event.t, "expiry", "a message expired unread", "message", event.key)
        case e.MessageRefused():
            text = f"{event.channel} refused a message: {event.reason}"
            return Marker(event.t, "refusal", text, "channel", event.channel)
        case e.FrameSeen() if event.violations:
            return Marker(event.t, "violation", f"{', '.join(event.violations)} broken", "frame", str(event.row))
        case e.LabStarted():
            return Marker(event.t, "run", "a new run began")
        case e.Frozen():
            return Marker(event.t, "freeze", "everything stood still from here on")
        case e.Thawed():
            return Marker(event.t, "thaw", f"everything went on, after {event.seconds:.1f} s")
        case e.SpeedSet():
            how = f"at {event.speed:g} of its speed" if event.speed < 1 else "at full speed again"
            return Marker(event.t, "speed", f"everything went {how} from here on")
    return None


def told(markers: list[Marker]) -> str:
    """Return what markers that stand at one place say."""
    sorts: dict[str, list[Marker]] = {}
    for marker in markers:
        sorts.setdefault(marker.sort, []).append(marker)
    lines = []
    for sort, same in sorts.items():
        text = same[0].text if len(same) == 1 else PLURALS[sort].format(len(same))
        lines.append(f"{clock(same[0].t)}  {text}")
    return "\n".join(lines)


def paint_marker(painter: QPainter, sort: str, x: float, height: int, theme: Theme) -> None:
    """Paint a line down to the ground and the shape on its top."""
    paint_markers(painter, sort, [x], height, theme)


def paint_markers(painter: QPainter, sort: str, places: Sequence[float], height: int, theme: Theme) -> None:
    """Paint marks of one sort: hundreds take as long as a frame may, so pens are changed once for all of them."""
    color = theme.color(COLORS[sort])
    size, top = theme.px(4), theme.px(7)
    painter.setPen(QPen(color, max(theme.px(1), 1)))
    painter.drawLines(*[QLineF(x, top + size + 1, x, height) for x in places])
    painter.setPen(QPen(color, theme.px(2)))
    painter.setBrush(color if sort == "violation" else Qt.NoBrush)
    for x in places:
        _paint_shape(painter, sort, x, top, size, color)


def _paint_shape(painter: QPainter, sort: str, x: float, top: int, size: int, color: QColor) -> None:
    box = QRectF(x - size, top - size, 2 * size, 2 * size)
    if sort == "violation":
        painter.drawPolygon(box.bottomLeft(), box.bottomRight(), QPointF(x, box.top()))
    elif sort == "kill":
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())
    elif sort == "expiry":
        painter.drawEllipse(box)
        painter.drawPolyline(QPolygonF([QPointF(x, top - size / 2), QPointF(x, top), QPointF(x + size / 2, top)]))
    elif sort == "refusal":
        painter.drawRect(box)
    elif sort == "freeze":
        for bar in (x - size / 2, x + size / 2):
            painter.drawLine(QPointF(bar, box.top()), QPointF(bar, box.bottom()))
    elif sort == "thaw":
        painter.drawPolygon(QPolygonF([box.topLeft(), QPointF(box.right(), top), box.bottomLeft()]))
    elif sort == "speed":  # as the sign in the bar at the top
        painter.drawEllipse(box)
        painter.setBrush(color)
        painter.drawPie(box, 90 * 16, 180 * 16)
        painter.setBrush(Qt.NoBrush)
