# SPDX-License-Identifier: GPL-3.0-or-later
"""Events summed up second by second: messages per channel, how many wait, and how long each hop takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from app import events as e
from app.pace import Pace
from app.samples import Samples, quantile

KEPT = 2 * 3600  # seconds summed up; older ones are forgotten
WAITING = 20_000  # messages remembered that wait
MARKS = 2_000  # kept
EARLY = 2_000  # keys taken before the news that they were sent, remembered so long
HOPS = ("queue", "consumer", "reply")  # waiting for a worker, in its consumer, waiting for the interface server


@dataclass
class Second:
    """One second.

    By queue: messages taken, the most that waited at once, and those that waited at its end. By hop: seconds spent.
    """

    taken: Counter[str] = field(default_factory=Counter)
    most: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    spent: dict[str, Samples] = field(default_factory=dict)

    def samples(self, hop: str) -> Samples:
        """Return where seconds spent at a hop go."""
        found = self.spent.get(hop)
        if found is None:
            found = self.spent[hop] = Samples()
        return found

    def copy(self) -> Second:
        """Return one that may be added to on its own."""
        spent = {hop: values.copy() for hop, values in self.spent.items()}
        return Second(self.taken.copy(), self.most.copy(), self.last.copy(), spent)


@dataclass(frozen=True)
class Series:
    """Points to draw: `times` are the middles of intervals, in seconds since the epoch."""

    times: tuple[float, ...]
    values: tuple[float, ...]


class Metrics:
    """Takes events one after the other and answers with series over any span of time."""

    def __init__(self) -> None:
        self.seconds: dict[int, Second] = {}
        self.marks: list[tuple[float, str]] = []  # when a worker was killed ("kill") or a message expired ("expiry")
        self._waiting: dict[str, tuple[str, float]] = {}  # key -> its queue, when it was sent
        self._depth: Counter[str] = Counter()
        self._order: dict[str, int] = {}  # queue -> its number: the first that something was sent to has 0
        self._early: dict[str, float] = {}
        self._clock = Pace()
        self._blind = 0.0  # until when some of what was to be told was dropped
        self._shared: set[int] = set()  # seconds that a copy has too: another takes their place before they change

    def copy(self) -> Metrics:
        """Return one that goes on on its own."""
        self._shared = set(self.seconds)
        other = Metrics()
        other.__dict__.update({name: _copied(value) for name, value in self.__dict__.items()})
        return other

    @property
    def start(self) -> float:
        """When the oldest second kept began, 0.0 without any."""
        return float(min(self.seconds, default=0))

    def add(self, events: Iterable[e.Event]) -> None:
        """Take events; there may be tens of thousands, for after a time out of sight all are summed up."""
        known = _HANDLERS.get
        for event in events:
            if handler := known(type(event)):
                handler(self, event)

    # --- what it makes of events ---

    def _sent(self, event: e.MessageSent) -> None:
        if event.key in self._early:  # each process has a pipe of its own: it was taken, says another, already
            self._spend(_hop(event.channel), self._early.pop(event.key), event.t)
            return
        queue = queue_of(event.channel)
        self._waiting[event.key] = queue, event.t
        self._change(queue, 1, event.t)
        if len(self._waiting) > WAITING:
            self._leave(next(iter(self._waiting)), event.t)

    def _received(self, event: e.MessageReceived) -> None:
        taken, queue = self._second(event.t).taken, queue_of(event.channel)
        taken[queue] = taken.get(queue, 0) + 1
        known = self._leave(event.key, event.t)
        if known is not None:
            self._spend(_hop(event.channel), event.t, known)
        else:
            self._early[event.key] = event.t
            if len(self._early) > EARLY:
                del self._early[next(iter(self._early))]

    def _finished(self, event: e.ConsumerFinished) -> None:
        self._second(event.t).samples(HOPS[1]).add(event.seconds)

    def _expired(self, event: e.MessageExpired) -> None:
        self._leave(event.key, event.t)
        self._mark(event.t, "expiry")

    def _lost(self, event: e.MessageLost) -> None:
        self._leave(event.key, event.t)

    def _wiped(self, event: e.MessagesWiped | e.LabStarted) -> None:
        for queue, depth in list(self._depth.items()):
            self._change(queue, -depth, event.t)
        self._waiting.clear()

    def _exited(self, event: e.WorkerExited) -> None:
        if event.signal:
            self._mark(event.t, "kill")

    def _dropped(self, event: e.EventsDropped) -> None:
        self._blind = event.t

    def _measured(self, event: e.ChannelMeasured) -> None:
        """Where news were dropped, Redis says how many wait."""
        excess = self._depth[event.channel] - event.live
        if excess > 0 and self._blind:
            old = [key for key, (queue, t) in self._waiting.items() if queue == event.channel and t <= self._blind]
            for key in old[:excess]:
                self._leave(key, event.t)

    def _frozen(self, event: e.Frozen) -> None:
        self._clock = self._clock.frozen(event.t)

    def _thawed(self, event: e.Thawed) -> None:
        self._clock = self._clock.thawed(event.t)

    def _slowed(self, event: e.SpeedSet) -> None:
        self._clock = self._clock.slowed(event.t, event.redis)

    def _mark(self, t: float, sort: str) -> None:
        self.marks.append((t, sort))
        del self.marks[:-MARKS]

    def _leave(self, key: str, t: float) -> float | None:
        """A message waits no longer; return when it was sent, None when nobody said."""
        queue, sent = self._waiting.pop(key, ("", None))
        if sent is not None:
            self._change(queue, -1, t)
        return sent

    def _spend(self, hop: str, taken: float, sent: float) -> None:
        self._second(taken).samples(hop).add(max(self._clock.between(sent, taken), 0.0))

    def _change(self, queue: str, by: int, t: float) -> None:
        second = self._second(t)
        if queue not in self._order:
            self._order[queue] = len(self._order)
        depth = second.last[queue] = self._depth.get(queue, 0) + by
        if depth > second.most.get(queue, -1):
            second.most[queue] = depth
        if depth:
            self._depth[queue] = depth
        else:
            self._depth.pop(queue, None)

    def _second(self, t: float) -> Second:
        number = int(t)
        second = self.seconds.get(number)
        if second is None:
            depth = {queue: count for queue, count in self._depth.items() if count}
            second = self.seconds[number] = Second(most=depth, last=depth.copy())
            if len(self.seconds) > KEPT:
                del self.seconds[min(self.seconds)]
        elif number in self._shared:
            self._shared.discard(number)
            second = self.seconds[number] = second.copy()
        return second

    # --- what it answers ---

    def busiest(self, start: float, end: float, count: int) -> list[str]:
        """Return the queues with the most messages in a span of time, the busiest first."""
        total: Counter[str] = Counter()
        for second in self._between(start, end):
            total.update(second.taken)
            total.update(second.most)
        return [queue for queue, _ in total.most_common(count)]

    def fullest(self, start: float, end: float, count: int) -> list[str]:
        """Return the queues where most wait now, then those where most waited in a span of time."""
        most: Counter[str] = Counter()
        for second in self._between(start, end):
            for queue, number in second.most.items():
                most[queue] = max(most[queue], number)
        for queue, number in self._depth.items():
            most[queue] = max(most[queue], number)
        waiting = [queue for queue in most if most[queue]]
        ranks = sorted(waiting, key=lambda queue: (-self._depth[queue], -most[queue], self.number_of(queue)))
        return ranks[:count]

    def number_of(self, queue: str) -> int:
        """Return a queue's number, which stays its own; 0 for one never seen."""
        return self._order.get(queue, 0)

    def waiting(self, queue: str) -> int:
        """Return how many wait in a queue now."""
        return self._depth[queue]

    def rate(self, queue: str, start: float, end: float, width: int) -> Series:
        """Return messages taken from a queue per second, as means over intervals of `width` seconds."""
        return self._series(start, end, width, lambda part: sum(s.taken[queue] for s in part) / width)

    def depth(self, queue: str, start: float, end: float, width: int) -> Series:
        """Return the most messages that waited at once; a second without news is like the one before."""
        before = max((t for t in self.seconds if t < int(start) // width * width), default=None)
        last = self.seconds[before].last.get(queue, 0) if before is not None else 0

        def highest(part: list[Second]) -> float:
            nonlocal last
            most = max((second.most.get(queue, 0) for second in part), default=last)
            last = part[-1].last.get(queue, 0) if part else last
            return float(most)

        return self._series(start, end, width, highest)

    def spent(self, hop: str, part: float, start: float, end: float, width: int) -> Series:
        """Return a quantile (`part` 0.5: the median) of the seconds spent at a hop; empty intervals are left out."""
        whole = self._series(start, end, width, lambda seconds: quantile(_all(seconds, hop), part))
        points = [(t, v) for t, v in zip(whole.times, whole.values, strict=True) if v >= 0]
        return Series(tuple(t for t, _ in points), tuple(v for _, v in points))

    def _between(self, start: float, end: float) -> list[Second]:
        return [second for t, second in self.seconds.items() if int(start) <= t <= end]

    def _series(self, start: float, end: float, width: int, value: Callable[[list[Second]], float]) -> Series:
        first = int(start) // width * width
        times = range(first, int(end) + 1, width)
        values = (value([self.seconds[s] for s in range(t, t + width) if s in self.seconds]) for t in times)
        return Series(tuple(t + width / 2 for t in times), tuple(values))


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, (dict, list, set)) else value


def queue_of(channel: str) -> str:
    """Return the list in Redis that a channel is kept in: for a process-specific one the part up to `!` (ASGI 1.x)."""
    return channel[: channel.index("!") + 1] if "!" in channel else channel


def _hop(channel: str) -> str:
    return HOPS[2] if "!" in channel else HOPS[0]


def _all(seconds: Iterable[Second], hop: str) -> list[Samples]:
    return [second.spent[hop] for second in seconds if hop in second.spent]


_HANDLERS: dict[type[e.Event], Callable[[Metrics, Any], None]] = {
    e.MessageSent: Metrics._sent,
    e.MessageReceived: Metrics._received,
    e.ConsumerFinished: Metrics._finished,
    e.MessageExpired: Metrics._expired,
    e.MessageLost: Metrics._lost,
    e.MessagesWiped: Metrics._wiped,
    e.LabStarted: Metrics._wiped,
    e.EventsDropped: Metrics._dropped,
    e.ChannelMeasured: Metrics._measured,
    e.WorkerExited: Metrics._exited,
    e.Frozen: Metrics._frozen,
    e.SpeedSet: Metrics._slowed,
    e.Thawed: Metrics._thawed,
}
