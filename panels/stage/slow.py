# SPDX-License-Identifier: GPL-3.0-or-later
"""In slow motion a message's dot is under way as long as a gate holds it; where it is, is worked out from the state.

So dot and message agree, also when the speed changes on the way, and in the past. It arrives when the gate lets it go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app import events as e
from app.events import WITHIN_RECEIVE, MessageHeld
from app.metrics import queue_of
from app.orders import LEG
from app.state import State
from panels.stage.held import face_of, process_of, spot_of

Piece = tuple[str, bool]  # a piece of edge (panels/stage/wiring.py), and whether it is passed backwards

# The gates between lane and worker share its edges: so far has a message come when one begins to hold it, and then.
_RECEIVING = {"popped": (0.0, 0.25), "fetched": (0.25, 0.5), "deleted": (0.5, 0.75), "consumer": (0.75, 1.0)}


@dataclass(frozen=True)
class Moving:
    """A held message under way: `part` of its edges it has passed, `speed` more of them every second.

    `spot` is the id that a click on it means, `letter` and `role` are those of the client it comes from or goes to.
    """

    spot: str
    letter: str
    role: str
    pieces: tuple[Piece, ...]
    part: float
    speed: float
    end: float = 1.0


def moving_of(state: State, now: float, faces: Mapping[str, tuple[str, str]], is_live: bool) -> tuple[Moving, ...]:
    """Return what is under way at `now`; `faces` are letter and role of each connection's client."""
    return tuple(_moving(state, one, now, faces, is_live) for one in under_way(state))


def under_way(state: State) -> Iterator[MessageHeld]:
    """Yield what gates hold because it is their turn, in slow motion: the first at each gate of a process."""
    if state.clock.since or state.speed >= 1:
        return
    seen = set()
    for held in state.gates.values():
        place = held.source, held.gate
        if place not in seen:
            seen.add(place)
            yield held


def is_held_on_its_way(state: State, event: e.MessageSent | e.MessageReceived) -> bool:
    """Whether a gate holds such a message in slow motion, so that its dot is under way then."""
    if state.clock.since or state.speed >= 1:
        return False
    if event.source == "server":
        return True
    worker = state.workers.get(event.source.partition(".")[0])
    is_of_consumer = bool(event.cause) == isinstance(event, e.MessageSent)
    return is_of_consumer and worker is not None and not worker.host


def _moving(state: State, held: MessageHeld, now: float, faces: Mapping[str, tuple[str, str]], is_live: bool) -> Moving:
    start, end = 0.0, 1.0
    message = state.messages.get(held.key)
    if held.gate in WITHIN_RECEIVE or (held.gate == "consumer" and message and message.popped):
        start, end = _RECEIVING[held.gate]
    since = max(held.t, state.turns.get((held.source, held.gate), 0.0))
    share = (end - start) / LEG
    part = min(max(start + state.pace.between(since, now) * share, start), end)
    letter, role = face_of(state, held, faces)
    return Moving(spot_of(held), letter, role, _pieces(state, held), part, state.speed * share * is_live, end)


def _pieces(state: State, held: MessageHeld) -> tuple[Piece, ...]:
    """Return the edges that it passes; a group's message goes to the lane of the first member."""
    channel = held.channel
    if held.group:
        channel = next(iter(state.groups.get(held.group, ())), channel)
    lane, client, worker = queue_of(channel), f"client:{held.connection}", f"worker:{process_of(held)}"
    if held.gate == "send":
        return ((client, False), (f"in:{lane}", False))
    if held.gate == "frames":
        return ((f"in:{lane}", True), (client, True))
    if held.gate == "replies":
        return ((worker, True), (f"out:{lane}", True))
    return ((f"out:{lane}", False), (worker, False))
