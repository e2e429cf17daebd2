# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Stage shows of gates and what they hold, and which step is meant when something is selected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.entities import Fate, Message, Worker
from app.events import WITHIN_RECEIVE, Gate, MessageHeld
from app.metrics import queue_of
from app.state import State
from app.way import Thing

SHOWN = 3  # held messages that are shown at one gate of the server
FURTHEST_FIRST = (
    "frames",
    "replies",
    "consumer",
    "deleted",
    "fetched",
    "popped",
)  # then what waits for a worker, then "send": see app/live/stepping.py
SAYS = {
    "send": "before it is sent",
    "popped": "between BLPOP and GET",
    "fetched": "between GET and DEL",
    "deleted": "after DEL",
    "consumer": "before the consumer runs",
    "replies": "before what the consumer sends leaves",
    "frames": "before it becomes a frame",
}


@dataclass(frozen=True)
class HeldView:
    """A message at a gate: `letter` and `role` are those of the client it comes from or goes to.

    `spot` is the id of its place on the Stage.
    """

    gate: Gate
    letter: str
    role: str
    label: str
    spot: str

    @property
    def commands(self) -> int:
        """How many of a receive's commands are done, where it is held between them."""
        return WITHIN_RECEIVE.index(self.gate) + 1 if self.gate in WITHIN_RECEIVE else 0


@dataclass(frozen=True)
class GateView:
    """A gate that is closed or slow: "send" and "frames" of the server, or a worker's, by its name."""

    name: str
    count: int
    held: tuple[HeldView, ...]
    label: str


def are_gates_shown(state: State) -> bool:
    """Whether anything may be held."""
    return bool(state.clock.since) or state.speed < 1 or bool(state.gates)


def gates_of(
    state: State, workers: list[Worker], faces: dict[str, tuple[str, str]], moving: frozenset[str] = frozenset()
) -> tuple[GateView, ...]:
    """Return the gates to show; `faces` are letter and role of each connection's client.

    `moving` are the spots of what is held and seen elsewhere, under way.
    """
    if not are_gates_shown(state):
        return ()
    waiting = [one for one in state.gates.values() if spot_of(one) not in moving]
    held = [(process_of(one), _view(state, one, faces), one.behind) for one in waiting]
    views = []
    for name in ("frames", "send"):
        here = [view for process, view, _ in held if process == "server" and view.gate == name]
        views.append(GateView(name, len(here), tuple(here[:SHOWN]), _label(SAYS[name], len(here))))
    for worker in workers:
        if worker.is_alive and not worker.host and worker.status != "starting":
            here = [view for process, view, _ in held if process == worker.name]
            behind = sum(count for process, _, count in held if process == worker.name)
            label = here[0].label if here else f"{worker.name} takes nothing: click to let it take one message"
            views.append(GateView(worker.name, len(here) + behind, tuple(here[:1]), label))
    return tuple(views)


def held_from(state: State, origin: tuple[str, str, int]) -> MessageHeld | None:
    """Return what is held before it is sent, by the WebSocket message (connection, direction, n) that it was."""
    return next((one for one in state.gates.values() if (one.connection, "client", one.n) == origin), None)


def spot_of(held: MessageHeld) -> str:
    """Return the id of a held message's place on the Stage."""
    return f"held:{held.source}#{held.number}"


def held_by(state: State, process: str) -> MessageHeld | None:
    """Return the first message that a process holds."""
    return next((one for one in state.gates.values() if process_of(one) == process), None)


def taken_out(state: State) -> frozenset[str]:
    """Return the keys of replies that the server has taken out of Redis and holds: their lane has them no more."""
    return frozenset(one.key for one in state.gates.values() if one.gate == "frames")


def waiting_in_redis(state: State) -> int:
    """Return how many messages wait in all channels."""
    out = taken_out(state)
    return sum(key not in out for channel in state.channels.values() for key in channel.waiting)


def thing_of(state: State, held: MessageHeld) -> Thing:
    """Return what selecting a held message selects: itself, its cause, the frame it came in, or its connection."""
    if key := held.key or held.cause:
        return "message", key
    rows = state.rows_of_message.get((held.connection, "client", held.n), ()) if held.n else ()
    return ("frame", str(rows[-1])) if rows else ("connection", held.connection)


def step_for(state: State, things: frozenset[Thing]) -> dict[str, Any]:
    """Return the arguments of the step that lets something that is selected pass; none, for whichever is next."""
    ours = [one for one in state.gates.values() if thing_of(state, one) in things]
    for gate in FURTHEST_FIRST:
        if held := next((one for one in ours if one.gate == gate), None):
            return {"gate": gate, "number": held.number, "holder": held.source}
    for kind, item in things:
        message = state.messages.get(item) if kind == "message" else None
        if message and message.fate is Fate.WAITING and "!" not in message.channel:
            return {"gate": "receive", "channel": queue_of(message.channel)}
    if held := next((one for one in ours if one.gate == "send"), None):
        return {"gate": "send", "number": held.number, "holder": held.source}
    return {}


def step_at(state: State, spot: str) -> dict[str, Any] | None:
    """Return the arguments of the step that a place on the Stage stands for, None where it is none."""
    kind, _, name = spot.partition(":")
    if held := held_at(state, spot):
        return {"gate": held.gate, "number": held.number, "holder": held.source}
    if kind == "gate":
        return {"gate": name} if name in SAYS else {"gate": "receive", "holder": name}
    return {"gate": "receive", "channel": name} if kind == "lane" and "!" not in name else None


def held_at(state: State, spot: str) -> MessageHeld | None:
    """Return the held message that a place on the Stage shows."""
    source, _, number = spot.removeprefix("held:").rpartition("#")
    return state.gates.get((source, int(number))) if spot.startswith("held:") else None


def _view(state: State, held: MessageHeld, faces: dict[str, tuple[str, str]]) -> HeldView:
    letter, role = face_of(state, held, faces)
    label = f"For {held.channel}, held {SAYS[held.gate]}. Double click: one step"
    return HeldView(held.gate, letter, role, label, spot_of(held))


def face_of(state: State, held: MessageHeld, faces: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return letter and role of the client that a held message comes from or goes to."""
    return faces.get(held.connection or _connection(state, held), ("·", "muted"))


def _connection(state: State, held: MessageHeld) -> str:
    """Return the connection of the client that began it."""
    message: Message | None = state.messages.get(held.key or held.cause)
    while message and not message.connection and message.cause in state.messages:
        message = state.messages[message.cause]
    return message.connection if message else ""


def _label(where: str, count: int) -> str:
    return f"{count} held {where}" + (": click to let the next one pass" if count else "")


def process_of(held: MessageHeld) -> str:
    """Return the process of a loop: "worker-1.2" is the second of "worker-1"."""
    return held.source.partition(".")[0]
