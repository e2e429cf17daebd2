# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything on the Stage lies, worked out from what is shown and the room there is.

Four columns keep their proportions as the Stage grows; cards become flatter when there are many. On a projector the
Stage *fills* its room: all is larger, and what is left over goes into cards, lanes and gaps. A *spot* is a place one
can click or reach with the arrow keys; later spots lie on top of earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PyQt5.QtCore import QPointF, QRectF

from panels.stage.bots_menu import bots_label
from panels.stage.held import GateView, HeldView
from panels.stage.lane_views import LaneView
from panels.stage.parts import BUTTON, buttons_of, tokens_in
from panels.stage.views import ClientView, GroupView, StageView, WorkerView

HEADINGS = ("Browsers", "Interface server", "Channel layer · Redis", "Workers")
# margin, clients, gap, server, gap, lanes, gap, workers: at 600 px and at 784 px of width
NARROW = (10, 88, 20, 100, 26, 190, 34, 122)
WIDE = (16, 104, 30, 116, 36, 258, 54, 154)
NARROWEST = 600
FULL = 740, 330  # width and height that are enough where the Stage fills its room
LANES = 52, 84  # from one lane to the next, at most; where it fills its room
CLIENTS, WORKERS = ((40, 34), (56, 40, 34)), ((64, 42, 28), (80, 64, 42, 36, 28))  # how high; where it fills its room
FARTHER = 40  # that cards move apart where it fills its room, at most
WIDEST = 1400  # from here on the columns stay and the margins grow
HEADING = 24
ROWS = 88, 46  # widths of what is said of the database, at length and in short
ROOMY = 320  # width of the groups' line from which on it is said at length
ADD = 30  # height of a dashed card
SAY_ALWAYS = 98  # width of a client's card from which on its button is always there
GATE = (14, 24)
HELD = 16


@dataclass(frozen=True)
class Spot:
    """A place with a meaning: lessons call it by its `id` or its `name`, `label` says what is there."""

    id: str
    rect: QRectF
    label: str = ""
    is_button: bool = False
    name: str = ""


@dataclass
class Layout:
    """Places in pixels. `lanes` are the bars; a lane's name stands above its bar."""

    width: float
    height: float = 0.0
    headings: list[tuple[str, QRectF]] = field(default_factory=list)
    clients: list[tuple[ClientView, QRectF]] = field(default_factory=list)
    more_clients: QRectF | None = None
    add_client: QRectF = field(default_factory=QRectF)
    bots: QRectF = field(default_factory=QRectF)
    server: QRectF = field(default_factory=QRectF)
    lanes: list[tuple[LaneView, QRectF]] = field(default_factory=list)
    groups: list[tuple[GroupView, QRectF]] = field(default_factory=list)
    groups_line: QRectF = field(default_factory=QRectF)
    database: QRectF = field(default_factory=QRectF)  # at the end of the groups' line, where a consumer has saved a row
    workers: list[tuple[WorkerView, QRectF]] = field(default_factory=list)
    more_workers: QRectF | None = None
    start_worker: QRectF = field(default_factory=QRectF)
    gates: list[tuple[GateView, QRectF]] = field(default_factory=list)
    held: list[tuple[HeldView, QRectF]] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)

    def spot_at(self, point: object) -> Spot | None:
        """Return the topmost spot under a point."""
        return next((spot for spot in reversed(self.spots) if spot.rect.contains(point)), None)

    def spot(self, name: str) -> Spot | None:
        """Return the spot of that id."""
        return next((spot for spot in self.spots if spot.id == name), None)


def columns(width: float, scale: float) -> list[tuple[float, float]]:
    """Return left edge and width of the four columns."""
    units = max(width / scale, NARROWEST)
    part = (min(units, WIDEST) - sum(NARROW) - NARROW[0]) / (sum(WIDE) + WIDE[0] - sum(NARROW) - NARROW[0])
    sizes = [low + (high - low) * part for low, high in zip(NARROW, WIDE, strict=True)]
    left = (units - sum(sizes) + sizes[0]) / 2
    edges = []
    for size, gap in ((sizes[1], sizes[2]), (sizes[3], sizes[4]), (sizes[5], sizes[6]), (sizes[7], 0)):
        edges.append((left * scale, size * scale))
        left += size + gap
    return edges


def scale_for(width: float, height: float) -> float:
    """Return the scale at which the Stage fills a room."""
    return min(width / FULL[0], height / FULL[1])


class Arranger:
    """Lays out one view; `hovered` is the card (a spot's id) whose every button is to be shown."""

    def __init__(
        self, view: StageView, width: float, height: float, scale: float, hovered: str = "", fills: bool = False
    ) -> None:
        self.view = view
        self.fills = fills
        self.scale = scale
        self.hovered = hovered
        self.columns = columns(width, scale)
        self.top = scale * (HEADING + (12 if height > 270 * scale else 4))
        self.room = height - self.top - 8 * scale
        self.out = Layout(max(width, NARROWEST * scale))

    def arrange(self) -> Layout:
        """Return the finished layout; its height may be more than there was room for."""
        for text, (left, width) in zip(HEADINGS, self.columns, strict=True):
            rect = QRectF(left, self.top - HEADING * self.scale, width + 20 * self.scale, 16 * self.scale)
            self.out.headings.append((text, rect))
        ends = (self._clients(), self._lanes(), self._workers())
        self.out.height = max(ends) + 8 * self.scale
        self._server(max(self.room, self.out.height - self.top))
        self._gates()
        return self.out

    def _spot(self, spot: str, rect: QRectF, label: str, is_button: bool = False, name: str = "") -> None:
        self.out.spots.append(Spot(spot, rect, label, is_button, name or spot.partition(":")[2]))

    def _stack(self, column: int, count: int, heights: tuple[int, ...]) -> tuple[list[QRectF], QRectF]:
        """Return `count` cards one under the other, in the largest height that fits, and the dashed one after them."""
        left, width = self.columns[column]
        room = self.room - ADD * self.scale
        fits = (size for size in heights if count * (size + _gap(size)) * self.scale <= room)
        size = next(fits, heights[-1])
        pitch = (size + _gap(size)) * self.scale
        if self.fills and count:
            pitch += min(max(room / count - pitch, 0.0), FARTHER * self.scale)
        rects = [QRectF(left, self.top + place * pitch, width, size * self.scale) for place in range(count)]
        last = rects[-1].top() + max(pitch, (size + 8) * self.scale) if rects else self.top
        return rects, QRectF(left, last, width, ADD * self.scale)

    def _clients(self) -> float:
        view, s = self.view, self.scale
        count = len(view.clients) + bool(view.more_clients)
        rects, self.out.add_client = self._stack(0, count, CLIENTS[self.fills])
        for client, rect in zip(view.clients, rects, strict=False):
            self.out.clients.append((client, rect))
            self._spot(f"client:{client.id}", rect, f"{client.name}, {client.rate}", name=client.name)
            if client.is_builtin and (rect.width() > SAY_ALWAYS * s or self.hovered == f"client:{client.id}"):
                size = BUTTON * s
                button = QRectF(rect.right() - size - 4 * s, rect.center().y() - size / 2, size, size)
                self._spot(f"client:{client.id}/say", button, f"Send a message as {client.name}", True)
        if view.more_clients:
            self.out.more_clients = rects[-1]
        self._spot("add_client", self.out.add_client, "Add a built-in client", True)
        heading = self.out.headings[0][1]
        self.out.bots = QRectF(heading.right() - 68 * s, heading.center().y() - BUTTON * s / 2, 48 * s, BUTTON * s)
        self._spot("bots", self.out.bots, bots_label(view.bots), True)
        return self.out.add_client.bottom()

    def _server(self, room: float) -> None:
        left, width = self.columns[1]
        height = (132 if self.view.server.reason else 104) * self.scale
        middle = self.top + min(room, self._lanes_bottom - self.top) / 2
        self.out.server = QRectF(left, max(middle - height / 2, self.top), width, height)
        self._spot("server", self.out.server, "Interface server")

    def _lanes(self) -> float:
        left, width = self.columns[2]
        s, count = self.scale, len(self.view.lanes)
        groups = 30 * s
        pitch = min(max((self.room - groups) / count, 38 * s), LANES[self.fills] * s)
        bar = min(28 * s, pitch - 14 * s) + max(pitch - LANES[0] * s, 0.0) / 2
        for place, lane in enumerate(self.view.lanes):
            rect = QRectF(left, self.top + place * pitch + 14 * s, width, bar - 2 * s)
            self.out.lanes.append((lane, rect))
            around = rect.adjusted(0, -14 * s, 0, 0)
            self._spot(f"lane:{lane.name}", around, lane.label)
            for token, place_of in tokens_in(lane, rect, s):
                self._spot(f"token:{token.key}", place_of, token.label)
        self._lanes_bottom = self.top + count * pitch
        line = QRectF(left, self._lanes_bottom + 2 * s, width, 22 * s)
        bottom = line.bottom()
        if self.view.rows:
            digits = len(str(sum(number for _, number in self.view.rows)))
            room = (ROWS[line.width() < ROOMY * s] + 7 * max(digits - 2, 0)) * s
            self.out.database = QRectF(line.right() - room, line.top(), room, line.height())
            told = ", ".join(f"{table} {count}" for table, count in self.view.rows)
            self._spot(
                "database:rows", self.out.database, f"Rows that consumers made in the database: {told}", name="database"
            )
            line.setRight(self.out.database.left() - 6 * s)
        self.out.groups_line = line
        self._groups(line)
        return bottom

    def _groups(self, line: QRectF) -> None:
        x = line.left() + 54 * self.scale
        for group in self.view.groups:
            units = 48 + 6.8 * len(group.name) + 12 * min(len(group.members), 4) + 44 * (group.dead > 0)
            width = min(units * self.scale, line.right() - x)
            if width < 60 * self.scale:
                break
            rect = QRectF(x, line.top(), width, line.height())
            self.out.groups.append((group, rect))
            self._spot(f"group:{group.name}", rect, group.label)
            x += width + 6 * self.scale

    def _workers(self) -> float:
        view, s = self.view, self.scale
        count = len(view.workers) + bool(view.more_workers)
        rects, self.out.start_worker = self._stack(3, count, WORKERS[self.fills])
        for worker, rect in zip(view.workers, rects, strict=False):
            self.out.workers.append((worker, rect))
            self._spot(f"worker:{worker.name}", rect, worker.label)
            for verb, place in buttons_of(worker, rect, s, self.hovered == f"worker:{worker.name}"):
                self._spot(f"worker:{worker.name}/{verb}", place, f"{verb} {worker.name}", True)
        if view.more_workers:
            self.out.more_workers = rects[-1]
        self._spot("start_worker", self.out.start_worker, "Start one more worker", True)
        return self.out.start_worker.bottom()

    def _gates(self) -> None:
        """Put the server's gates on both of its sides, what they hold under them, and a worker's before it."""
        server, s = self.out.server, self.scale
        cards = {worker.name: rect for worker, rect in self.out.workers}
        places = {
            "frames": QPointF(server.left() - 10 * s, server.center().y()),
            "send": QPointF(server.right() + 12 * s, server.center().y()),
            **{name: QPointF(rect.left() - 12 * s, rect.center().y()) for name, rect in cards.items()},
        }
        for gate in self.view.gates:
            place = places[gate.name]
            is_hidden = gate.name in cards and gate.held  # what a worker holds stands in the place of its gate
            if not is_hidden:
                rect = _around(place, GATE[0] * s, GATE[1] * s)
                self.out.gates.append((gate, rect))
                self._spot(f"gate:{gate.name}", rect.adjusted(-3 * s, 0, 3 * s, 0), gate.label, True)
            first = place if is_hidden else place + QPointF(0, 23 * s)
            for number, held in enumerate(gate.held):
                rect = _around(first + QPointF(0, number * (HELD + 2) * s), HELD * s, HELD * s)
                self.out.held.append((held, rect))
                self._spot(held.spot, rect, held.label)


def _around(centre: QPointF, width: float, height: float) -> QRectF:
    return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)


def _gap(size: int) -> int:
    return 5 if size > 60 else 8 if size > 36 else 4
