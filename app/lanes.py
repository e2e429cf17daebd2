# SPDX-License-Identifier: GPL-3.0-or-later
"""What each worker did over time: its runs of consumers and the turns of its state, as columns to be painted from.

Everything carries the sequence number of the event that told it, so one set of lanes shows any moment of the past: what
was told from the playhead on is left out.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from app import events as e
from app.state import State
from app.telling import GATES

RUNS = 20_000  # kept in a lane
TURNS = 2_000
NEVER = 1 << 62  # the sequence number of an end that nobody has told
USUAL = ("websocket.receive", "websocket.connect", "http.request", "websocket.disconnect")  # alike in every session
FINISHED, FAILED, LOST = range(3)  # how a run ended


@dataclass
class Lane:
    """One worker. Runs are columns, in the order in which they began; `turns` are (sequence, time, status).

    The columns of times are in seconds since the epoch; `slots` tells apart runs at the same time (a worker may have
    several threads); `channels` are numbers of `Lanes.channels`.
    """

    begun: array[int] = field(default_factory=lambda: array("q"))
    ended: array[int] = field(default_factory=lambda: array("q"))
    starts: array[float] = field(default_factory=lambda: array("d"))
    ends: array[float] = field(default_factory=lambda: array("d"))
    slots: array[int] = field(default_factory=lambda: array("b"))
    outcomes: array[int] = field(default_factory=lambda: array("b"))
    channels: array[int] = field(default_factory=lambda: array("i"))
    keys: list[str] = field(default_factory=list)
    consumers: list[str] = field(default_factory=list)
    turns: list[tuple[int, float, str]] = field(default_factory=list)
    under_way: dict[str, int] = field(default_factory=dict)  # key -> its run

    def known(self, playhead: int) -> int:
        """Return how many runs had begun at a playhead."""
        return bisect_left(self.begun, playhead)

    def turn(self, sequence: int, t: float, status: str) -> None:
        """The worker is starting, idle, stopped or dead from now on."""
        self.turns.append((sequence, t, status))
        if len(self.turns) > TURNS:
            del self.turns[: TURNS // 4]

    def begin(self, sequence: int, t: float, key: str, consumer: str, channel: int) -> None:
        """A consumer runs."""
        taken = {self.slots[run] for run in self.under_way.values()}
        self.under_way[key] = len(self.keys)
        self.begun.append(sequence)
        self.ended.append(NEVER)
        self.starts.append(t)
        self.ends.append(t)
        self.slots.append(next(slot for slot in range(len(taken) + 1) if slot not in taken) & 63)
        self.outcomes.append(FINISHED)
        self.channels.append(channel)
        self.keys.append(key)
        self.consumers.append(consumer)
        if len(self.keys) > RUNS:
            self._forget(RUNS // 4)

    def end(self, sequence: int, t: float, key: str, outcome: int) -> None:
        """It runs no longer."""
        run = self.under_way.pop(key, -1)
        if run >= 0:
            self.ended[run], self.ends[run], self.outcomes[run] = sequence, t, outcome

    def _forget(self, count: int) -> None:
        columns: tuple[Any, ...] = (
            self.begun, self.ended, self.starts, self.ends, self.slots, self.outcomes, self.channels, self.keys,
            self.consumers,
        )  # fmt: skip
        for column in columns:
            del column[:count]
        self.under_way = {key: run - count for key, run in self.under_way.items() if run >= count}


class Lanes:
    """A lane for each name of a worker; `add` takes events in their order, those beyond the playhead too."""

    def __init__(self) -> None:
        self.by_worker: dict[str, Lane] = {}
        self.channels = [*USUAL]

    def begin_with(self, state: State, sequence: int) -> None:
        """Begin with the workers of a state, of which the next event is `sequence`."""
        for worker in state.workers.values():
            lane, at = self._lane(worker.name), sequence - 1
            lane.turn(at, worker.since, worker.status if worker.is_alive else "dead")
            if worker.is_alive and worker.key:
                message = state.messages.get(worker.key)
                channel = self._channel(message.channel if message else "")
                lane.begin(at, worker.since, worker.key, worker.consumer, channel)

    def add(self, events: Iterable[e.Event], sequence: int) -> None:
        """Take events, the first of which has this number."""
        for number, event in [one for one in enumerate(events, sequence) if type(one[1]) in _HANDLERS]:
            _HANDLERS[type(event)](self, event, number)

    def _lane(self, worker: str) -> Lane:
        lane = self.by_worker.get(worker)
        if lane is None:
            lane = self.by_worker[worker] = Lane()
        return lane

    def _channel(self, name: str) -> int:
        if name not in self.channels:
            self.channels.append(name)
        return self.channels.index(name)

    # --- what it makes of events ---

    def _began(self, event: e.ConsumerStarted, number: int) -> None:
        self._lane(event.worker).begin(number, event.t, event.key, event.consumer, self._channel(event.channel))

    def _held(self, event: e.MessageHeld, number: int) -> None:
        """Between two commands of a receive it is busy too, as if with a run of its own."""
        if event.gate in e.WITHIN_RECEIVE:
            lane = self._lane(_worker_of(event))
            lane.end(number, event.t, event.key, FINISHED)
            lane.begin(number, event.t, event.key, GATES[event.gate], self._channel(event.channel))

    def _received(self, event: e.MessageReceived, number: int) -> None:
        if lane := self.by_worker.get(_worker_of(event)):
            lane.end(number, event.t, event.key, FINISHED)

    def _passed_over(self, event: e.GhostsPassed, number: int) -> None:
        if lane := self.by_worker.get(_worker_of(event)):
            for key in event.keys:
                lane.end(number, event.t, key, FAILED)

    def _finished(self, event: e.ConsumerFinished, number: int) -> None:
        self._lane(event.worker).end(number, event.t, event.key, FINISHED)

    def _failed(self, event: e.ConsumerFailed, number: int) -> None:
        self._lane(event.worker).end(number, event.t, event.key, FAILED)

    def _started(self, event: e.WorkerStarted, number: int) -> None:
        self._over(event.worker, number, event.t)
        self._lane(event.worker).turn(number, event.t, "starting")

    def _ready(self, event: e.WorkerReady | e.WorkerContinued, number: int) -> None:
        self._lane(event.worker).turn(number, event.t, "idle")

    def _stopped(self, event: e.WorkerStopped, number: int) -> None:
        self._lane(event.worker).turn(number, event.t, "stopped")

    def _exited(self, event: e.WorkerExited, number: int) -> None:
        self._over(event.worker, number, event.t)
        self._lane(event.worker).turn(number, event.t, "killed" if event.signal or event.status else "left")

    def _over(self, worker: str, number: int, t: float) -> None:
        lane = self._lane(worker)
        for key in [*lane.under_way]:
            lane.end(number, t, key, LOST)


def _worker_of(event: e.Event) -> str:
    """Return the process of a loop: "worker-1.2" is the second of "worker-1"."""
    return event.source.partition(".")[0]


_HANDLERS: dict[type[e.Event], Callable[[Lanes, Any, int], None]] = {
    e.ConsumerStarted: Lanes._began,
    e.ConsumerFinished: Lanes._finished,
    e.ConsumerFailed: Lanes._failed,
    e.WorkerStarted: Lanes._started,
    e.WorkerReady: Lanes._ready,
    e.MessageHeld: Lanes._held,
    e.MessageReceived: Lanes._received,
    e.GhostsPassed: Lanes._passed_over,
    e.WorkerContinued: Lanes._ready,
    e.WorkerStopped: Lanes._stopped,
    e.WorkerExited: Lanes._exited,
}
