# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves on the Stage: a dot for each message that passes an edge, or a thicker edge when there are too many.

The legs of one message, and of what it caused, follow each other: its next dot leaves when the last one has arrived,
so that a way which took five milliseconds can be followed by eye.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from PyQt5.QtCore import QPointF
from PyQt5.QtGui import QPainterPath

from app import events as e
from app.metrics import queue_of
from app.orders import LEG
from panels.stage.rates import WINDOW, Rates
from panels.stage.slow import Moving, Piece
from panels.stage.wiring import BUSY

RECALLED = 1.0  # seconds of which is recalled how busy the edges were
LAG = 1.5  # seconds a dot may be behind what really happens
GLOW = 0.6  # seconds an edge stays lit
DOTS = 150  # more are not drawn
ALMOST = 0.9999  # of a way: who has come to its end is still on it
REMEMBERED = 2_000  # arrivals, before those that are over are forgotten

MOVING = (e.MessageSent, e.MessageReceived)


@dataclass(frozen=True)
class Dot:
    """A message on its way over pieces of edge; `start` in seconds of a clock that only moves forward."""

    pieces: tuple[Piece, ...]
    start: float
    role: str

    @property
    def end(self) -> float:
        """When it arrives."""
        return self.start + _whole(self.pieces)

    def place(self, now: float) -> tuple[str, float] | None:
        """Return the piece it is on and the part of it passed, from the client's end; None while it is not on one."""
        return _place(self.pieces, now - self.start)


def _place(pieces: tuple[Piece, ...], left: float) -> tuple[str, float] | None:
    """Return the piece on which somebody is who is under way for so many seconds, and the part of it passed."""
    for name, is_back in pieces:
        seconds = _seconds(name)
        if 0 <= left < seconds:
            part = _ease(left / seconds)
            return name, 1 - part if is_back else part
        left -= seconds
    return None


def _seconds(piece: str) -> float:
    """Return how long a piece takes; the two that meet in the waist make one leg."""
    return LEG / 2 if piece.startswith(("out:", "worker:")) else LEG


@lru_cache(maxsize=1024)
def _whole(pieces: tuple[Piece, ...]) -> float:
    """Return how long a way takes."""
    return sum(_seconds(name) for name, _ in pieces)


def _ease(part: float) -> float:
    return part * part * (3 - 2 * part)


class Motion:
    """The dots under way and how busy each edge is."""

    def __init__(self) -> None:
        self.reduced = False
        self.dots: list[Dot] = []
        self.held: tuple[Moving, ...] = ()  # whose dots go as slowly as gates hold them
        self._shown = 0.0  # when those were where they say
        self._rates = Rates()
        self._lit: dict[str, tuple[float, float]] = {}  # piece of edge -> from when to when messages pass it
        self._arrivals: dict[str, float] = {}  # key of a message -> when its dot has arrived

    def clear(self) -> None:
        """Forget everything."""
        self.dots.clear()
        self._lit.clear()
        self._arrivals.clear()
        self._rates.clear()

    def show_held(self, held: tuple[Moving, ...], now: float) -> bool:
        """Show what gates hold under way; returns whether that is to be painted."""
        before, self.held, self._shown = self.held, () if self.reduced else held, now
        return bool(before or self.held)

    def places(self, pieces: Mapping[str, QPainterPath], now: float) -> list[tuple[QPointF, Moving]]:
        """Return where what gates hold is now."""
        found = []
        for one in self.held:
            way = tuple((_shown_as(name, pieces), is_back) for name, is_back in one.pieces)
            way = tuple(piece for piece in way if piece[0] in pieces)
            part = min(one.part + one.speed * (now - self._shown), one.end, ALMOST)
            if place := _place(way, part * _whole(way)):
                found.append((pieces[place[0]].pointAtPercent(place[1]), one))
        return found

    def follow(self, events: Iterable[e.Event], pieces: Mapping[str, QPainterPath], now: float) -> None:
        """Start a dot for each event that is a message passing an edge; where there are many they are only counted."""
        ways: dict[tuple[object, ...], tuple[Piece, ...]] = {}
        crowds: dict[tuple[Piece, ...], int] = {}  # busy ways, and how many more messages pass them
        for event in events:
            if isinstance(event, MOVING):
                place = _place_of(event)
                way = ways.get(place)
                if way is None:
                    way = ways[place] = tuple(piece for piece in way_of(event, pieces) if piece[0] in pieces)
                    if way not in crowds and self._is_busy(way, now):
                        crowds[way] = 0
                if way in crowds:
                    crowds[way] += 1
                elif way:
                    self._start(event, way, now)
                    if self._is_busy(way, now):
                        crowds[way] = 0
        for way, count in crowds.items():
            if count:
                self._pass(way, now, now + _whole(way), now, count)

    def recall(self, events: Iterable[e.Event], pieces: Mapping[str, QPainterPath], now: float) -> None:
        """Let edges be busy on which many messages have just passed, while nobody saw them move."""
        moved = [event for event in events if isinstance(event, MOVING)]
        counts = Counter([_place_of(event) for event in moved])
        ways: Counter[tuple[Piece, ...]] = Counter()
        for place, event in {_place_of(event): event for event in moved}.items():
            ways[tuple(piece for piece in way_of(event, pieces) if piece[0] in pieces)] += counts[place]
        passed: Counter[str] = Counter()
        for way, count in ways.items():
            passed.update(dict.fromkeys((name for name, _ in way), count))
        for way, count in ways.items():
            if any(passed[name] > BUSY * WINDOW for name, _ in way):
                self._pass(way, now, now + _whole(way), now, count)

    def _is_busy(self, way: tuple[Piece, ...], now: float) -> bool:
        return any(self.rate(name, now) > BUSY for name, _ in way)

    def _start(self, event: e.MessageSent | e.MessageReceived, way: tuple[Piece, ...], now: float) -> None:
        before = event.cause if isinstance(event, e.MessageSent) else event.key
        start = min(max(now, self._arrivals.get(before, now)), now + LAG)
        end = self._arrivals[event.key] = start + _whole(way)
        self._pass(way, start, end, now)
        if not self.reduced and len(self.dots) < DOTS and not self._is_busy(way, now):
            self.dots.append(Dot(way, start, "accent" if way[0][1] else "flight"))

    def _pass(self, way: tuple[Piece, ...], start: float, end: float, now: float, count: int = 1) -> None:
        """Count messages on the pieces of a way, which are lit until they have arrived."""
        for name, _ in way:
            self._rates.add(name, now, count)
            begun, ended = self._lit.get(name, (start, 0.0))
            self._lit[name] = (begun if ended >= start else start, end)

    def step(self, now: float) -> bool:
        """Drop what has arrived; return whether anything still moves or glows."""
        self.dots = [dot for dot in self.dots if dot.end > now]
        self._lit = {name: lit for name, lit in self._lit.items() if lit[1] + GLOW > now or self.rate(name, now) > BUSY}
        if not self._lit:
            self._arrivals.clear()
        elif len(self._arrivals) > REMEMBERED:
            self._arrivals = {key: end for key, end in self._arrivals.items() if end > now}
        return bool(self.dots or self._lit or any(one.speed for one in self.held))

    def rate(self, piece: str, now: float) -> float:
        """Return the messages a second on a piece of edge."""
        return self._rates.of(piece, now)

    def heat(self, piece: str, now: float) -> tuple[float, float]:
        """Return a piece's rate and how fresh the last message on it is (1 now, 0 long ago)."""
        begun, ended = self._lit.get(piece, (now, 0.0))
        fresh = 1 - (now - ended) / GLOW if now >= begun else 0.0
        return self.rate(piece, now), max(min(fresh, 1.0), 0.0)

    def spots(self, pieces: Mapping[str, QPainterPath], now: float) -> list[tuple[QPointF, str]]:
        """Return where the dots are now, with their colours."""
        places = ((dot.place(now), dot.role) for dot in self.dots)
        found = (
            (pieces[place[0]].pointAtPercent(place[1]), role) for place, role in places if place and place[0] in pieces
        )
        return list(found)


def _place_of(event: e.MessageSent | e.MessageReceived) -> tuple[object, ...]:
    """Return what a message's way depends on."""
    return type(event), event.source, event.channel, event.connection


def way_of(event: e.MessageSent | e.MessageReceived, pieces: Mapping[str, QPainterPath]) -> tuple[Piece, ...]:
    """Return the pieces of edge a message passed: client, server and lane, or lane and worker."""
    lane = queue_of(event.channel)
    client = _shown_as(f"client:{event.connection}", pieces)
    from_client = ((client, False),) if event.connection else ()
    to_client = ((client, True),) if event.connection else ()
    if isinstance(event, e.MessageSent):
        if event.source == "server":
            return (*from_client, (f"in:{lane}", False))
        return ((f"worker:{event.source}", True), (f"out:{lane}", True))
    if event.source == "server":
        return ((f"in:{lane}", True), *to_client)
    return ((f"out:{lane}", False), (f"worker:{event.source}", False))


def _shown_as(piece: str, pieces: Mapping[str, QPainterPath]) -> str:
    """Return the piece of edge for a client's: who has no card of its own is among the rest."""
    return "client:more" if piece.startswith("client:") and piece not in pieces else piece
