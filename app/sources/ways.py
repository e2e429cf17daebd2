# SPDX-License-Identifier: GPL-3.0-or-later
"""Says of a client's message, once its first answer is out, where it spent its time: which part took longest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app import events as e

PER_SECOND = 20  # ways that are measured; more would only be noise
KEPT = 500  # messages remembered
EARLY = 20  # events kept of one that nobody has said was sent


_Told = e.MessageSent | e.MessageReceived | e.ConsumerStarted | e.ConsumerFinished


@dataclass
class _Way:
    """When one message was where; 0.0: nobody has said."""

    sent: float
    whole: float
    received: float = 0.0
    started: float = 0.0
    finished: float = 0.0
    replied: float = 0.0  # when its first reply was sent
    answered: float = 0.0  # when the interface server took a reply


class Ways:
    """Learns from events in any order; `feed` returns what an event completes."""

    def __init__(self) -> None:
        self._open: dict[str, _Way] = {}
        self._replies: dict[str, tuple[str, float]] = {}  # key of a reply -> what it answers, when it was sent
        self._whole: dict[tuple[str, int], float] = {}  # a client's message -> when it was whole
        self._early: dict[str, list[_Told]] = {}  # said by one pipe before another said that the message was sent
        self._second = self._begun = 0

    def feed(self, event: e.Event) -> e.WayMeasured | None:
        """Take an event."""
        handler = _HANDLERS.get(type(event))
        return handler(self, event) if handler else None

    def see(self, event: e.WebSocketMessageSeen) -> None:
        """A WebSocket message is complete."""
        if event.direction == "client":
            _keep(self._whole, (event.connection, event.n), event.t)

    def _sent(self, event: e.MessageSent) -> e.WayMeasured | None:
        if event.cause in self._open and "!" in event.channel:
            _keep(self._replies, event.key, (event.cause, event.t))
            way = self._open[event.cause]
            way.replied = way.replied or event.t
        elif event.connection and event.n and self._may_begin(event.t):
            whole = self._whole.get((event.connection, event.n), event.t)
            _keep(self._open, event.key, _Way(event.t, whole))
        else:
            if event.cause in self._early and "!" in event.channel:
                self._too_early(event.cause, event)
            return None
        early = [self.feed(one) for one in self._early.pop(event.key, ())]
        return next(filter(None, early), None)

    def _may_begin(self, t: float) -> bool:
        if int(t) != self._second:
            self._second, self._begun = int(t), 0
        self._begun += 1
        return self._begun <= PER_SECOND

    def _received(self, event: e.MessageReceived) -> e.WayMeasured | None:
        if way := self._open.get(event.key):
            way.received = event.t
            return None
        if event.key not in self._replies:
            self._too_early(event.key, event)
            return None
        key, sent = self._replies.pop(event.key)
        way = self._open.get(key)
        if way is None or way.answered:
            return None
        way.replied, way.answered = sent, event.t
        return self._finish(key, way, event.t)

    def _started(self, event: e.ConsumerStarted) -> None:
        if way := self._open.get(event.key):
            way.started = event.t
        else:
            self._too_early(event.key, event)

    def _finished(self, event: e.ConsumerFinished) -> e.WayMeasured | None:
        way = self._open.get(event.key)
        if way is None:
            self._too_early(event.key, event)
            return None
        way.finished = event.t
        return self._finish(event.key, way, event.t)

    def _too_early(self, key: str, event: _Told) -> None:
        """Keep what is said of a message that nobody has said was sent; perhaps another pipe will."""
        if self._begun > PER_SECOND and int(event.t) == self._second:  # a message that comes now is not measured
            return
        early = self._early.get(key)
        if early is None:
            _keep(self._early, key, [event])
        elif len(early) < EARLY:
            early.append(event)

    def _finish(self, key: str, way: _Way, t: float) -> e.WayMeasured | None:
        if not way.finished or (way.replied and not way.answered):
            return None
        del self._open[key]
        spent = {
            "server": way.sent - way.whole,
            "queue": way.received - way.sent,
            "consumer": way.finished - way.started,
            "reply": way.answered - way.replied,
        }
        longest: Any = max(spent, key=lambda part: spent[part])
        return e.WayMeasured(t=t, source="lab", key=key, longest=longest, **{k: max(v, 0.0) for k, v in spent.items()})


def _keep(things: dict[Any, Any], name: object, thing: object) -> None:
    things[name] = thing
    if len(things) > KEPT:
        del things[next(iter(things))]


_HANDLERS: dict[type[e.Event], Callable[[Ways, Any], e.WayMeasured | None]] = {
    e.MessageSent: Ways._sent,
    e.MessageReceived: Ways._received,
    e.ConsumerStarted: Ways._started,
    e.ConsumerFinished: Ways._finished,
}
