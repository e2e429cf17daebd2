# SPDX-License-Identifier: GPL-3.0-or-later
"""What is lit on the Stage: the cards and edges on the way of what is selected, with the time spent at each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.entities import Fate, Message
from app.metrics import queue_of
from app.state import State
from app.way import Stop, is_reply, is_run, message_of, rows_in, rows_out, stop_of, tree_of
from panels.times import span

Clock = Callable[[int], float]  # a frame's row -> its time
Word = tuple[tuple[str, ...], str]  # ways to say it, the longest first; its colour


@dataclass(frozen=True)
class Lit:
    """Ids of spots, pieces of edge (as in panels.stage.wiring), and what is written at a spot.

    `here` is the spot of the stop that the way is followed to; "" while nothing on a way is selected.
    """

    spots: frozenset[str] = frozenset()
    pieces: frozenset[str] = frozenset()
    words: dict[str, Word] = field(default_factory=dict)
    here: str = ""

    def __contains__(self, spot: str) -> bool:
        return spot in self.spots


def lit_way(state: State, spots: frozenset[str], time_of: Clock) -> Lit:
    """Return the way of what is selected; `spots` are those that are lit anyhow."""
    selected = state.selected
    key = message_of(state, stop_of(selected))
    is_way = selected is not None and selected.kind in ("frame", "message", "run", "group")
    if selected and selected.kind == "worker" and (worker := state.workers.get(selected.item)):
        is_way = bool(worker.key)
    if not key or not is_way:
        return Lit(spots)
    return replace(_Tracer(state, time_of).trace(key, spots), here=_spot(state, stop_of(selected)))


def _spot(state: State, stop: Stop) -> str:
    """Return the spot of a stop on a way."""
    kind, item = stop[:2]
    if kind == "frame":
        origin = state.message_of_row.get(int(item))
        return f"client:{origin[0]}" if origin else ""
    if kind == "message":
        message = state.messages[item]
        return f"token:{item}" if message.fate is Fate.WAITING else f"lane:{queue_of(message.channel)}"
    return f"worker:{state.messages[item].taken_by}" if kind == "run" else f"{kind}:{item}"


class _Tracer:
    """Goes along all that came of one message."""

    def __init__(self, state: State, time_of: Clock) -> None:
        self.state, self.time_of = state, time_of
        self.pieces: set[str] = set()
        self.spent: dict[str, list[float]] = {}  # spot -> seconds
        self.ended: dict[str, Word] = {}  # spot -> where it came to no good end, or waits
        self.handled = 0.0  # seconds from the whole frame until its message was sent
        self.came: dict[str, list[float]] = {}  # client's spot -> seconds since the beginning

    def trace(self, key: str, spots: frozenset[str]) -> Lit:
        tree = tree_of(self.state, key)
        root = tree[0]
        rows = rows_in(self.state, root)
        begun = (self.time_of(rows[0]) if rows else 0.0) or root.sent
        whole = self.time_of(rows[-1]) if rows else 0.0  # 0.0 also when the frame is no longer kept
        if whole and root.sender == "server":
            self.handled = max(root.sent - whole, 0.0)
        for message in tree:
            if is_reply(message):
                self._reply(message, begun)
            else:
                self._request(message)
        through = {"server"} if any(piece.startswith("in:") for piece in self.pieces) else set()
        return Lit(spots | through, frozenset(self.pieces), self._words(root.connection))

    def _request(self, message: Message) -> None:
        lane = queue_of(message.channel)
        if message.connection:
            self.pieces |= {f"client:{message.connection}", f"in:{lane}"}
        elif message.sender in self.state.workers:
            self.pieces |= {f"worker:{message.sender}", f"out:{lane}"}
        if is_run(message):
            self.pieces |= {f"out:{lane}", f"worker:{message.taken_by}"}
            self._spend(f"lane:{lane}", (message.popped or message.received) - message.sent)
            if message.started and message.ended and message.fate is Fate.DELIVERED:
                self._spend(f"worker:{message.taken_by}", message.ended - message.started)
        if message.fate is not Fate.DELIVERED and message.fate is not Fate.HELD:
            at = f"worker:{message.taken_by}" if is_run(message) else f"lane:{lane}"
            self._end(at, message)

    def _reply(self, message: Message, begun: float) -> None:
        lane = queue_of(message.channel)
        if message.sender in self.state.workers:
            self.pieces |= {f"worker:{message.sender}", f"out:{lane}"}
        if message.fate is not Fate.DELIVERED:
            self._end(f"lane:{lane}", message)
            return
        self._spend(f"lane:{lane}", message.received - message.sent)
        self.pieces.add(f"in:{lane}")
        if goal := message.became[0]:
            self.pieces.add(f"client:{goal}")
            rows = rows_out(self.state, message)
            out = (self.time_of(rows[0]) if rows else 0.0) or message.received
            self.came.setdefault(f"client:{goal}", []).append(out - begun)

    def _spend(self, spot: str, seconds: float) -> None:
        self.spent.setdefault(spot, []).append(max(seconds, 0.0))

    def _end(self, spot: str, message: Message) -> None:
        is_open = message.fate.is_open
        self.ended[spot] = ((message.fate.value,), "flight" if is_open else "bad")

    def _words(self, sender: str) -> dict[str, Word]:
        words: dict[str, Word] = {}
        for spot, all_ in self.spent.items():
            times = between(min(all_), max(all_))
            says = (f"waited {times}", times) if spot.startswith("lane:") else (f"ran {times}", times)
            words[spot] = says, "accent"
        for spot, all_ in self.came.items():
            after = span(min(all_))
            words[spot] = (f"got it after {after}", f"after {after}", f"+{after}", after), "accent"
        origin = f"client:{sender}"
        if origin in words:
            back, plain = words[origin][0][-2:]
            words[origin] = (f"sent it, back {back}", f"back {back}", back, plain), "accent"
        elif sender:
            words[origin] = ("sent it",), "accent"
        if self.handled:
            words["server"] = (f"handled in {span(self.handled)}", span(self.handled)), "accent"
        return words | self.ended


def between(least: float, most: float) -> str:
    """Return a span of times, as one where they are hardly apart."""
    one, other = span(least), span(most)
    if one == other:
        return one
    number, unit = one.split(" ", 1) if " " in one else (one, "")
    return f"{number}–{other}" if other.endswith(f" {unit}") else f"{one}–{other}"
