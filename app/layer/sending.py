# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends: one script each, several in one trip when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec

from app.layer import messages, names
from app.layer.copies import send_all
from app.layer.keys import key_of, new_key, new_stem
from app.layer.receipts import Sent
from app.layer.refused import ChannelFull, KeyTaken, MessageTooLarge, Refused
from app.layer.resp import Word, word, words
from app.layer.rules import Rules
from app.layer.shards import is_bound
from app.layer.strict import Unread
from app.layer.trips import Pause, Script, Steps, Trip

SLICE = 100  # sends that one script does

_SEND = Script.named("send")


class Route(msgspec.Struct, frozen=True):
    """What is the same for all sends to one channel; `inner` is the name that travels in the body, if any."""

    channel: str
    queue: str
    inner: str
    shard: int  # -1: all of them in turn
    head: bytes  # the packed command up to the digits of the body's key
    capacity: int | None  # if it is not that of most channels


class Sending:
    """The operations that put a message into one channel."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._key_head = word(rules.keys.body("0" * 32)).removesuffix(
            b"0" * 32 + b"\r\n"
        )  # a body's key up to its digits
        self._unread = Unread(rules)
        self._route = lru_cache(4096)(self._new_route)
        self._tail = lru_cache(64)(lambda expiry, capacity: b"\r\n" + words(expiry, capacity))  # behind the body

    def post(self, channel: str, message: Mapping[str, Any]) -> Steps[Sent]:
        """Send one message.

        Raises:
            TypeError: no such name or message is possible.
            Refused: it was turned away.
        """
        route, sent = self.prepared(channel, message)
        if self._rules.is_one_by_one:
            return (yield from self._post_specially(route, sent))
        if not (yield self.trip(route, sent)):
            raise self.full(route)
        return sent

    def prepared(self, channel: str, message: Mapping[str, Any]) -> tuple[Route, Sent]:
        """Return where a message goes, and what it will be once it is there; the same is raised."""
        rules = self._rules
        route = self._route(channel) if isinstance(channel, str) else self._new_route(channel)
        body = messages.encode(message, route.inner, rules.message_limit)
        return route, Sent(new_key(), channel, body, float(rules.expiry))

    def _post_specially(self, route: Route, sent: Sent) -> Steps[Sent]:
        """Send where something may go wrong on purpose, or where each message is noted."""
        if self._rules.resilience is not None:
            is_dropped, seconds = self._rules.resilience.decide(route.queue)
            if seconds:
                yield Pause(seconds)
            if is_dropped:
                return msgspec.structs.replace(sent, is_dropped=True)
        if self._rules.strict_spec:
            return (yield from self._post_strictly(route, sent))
        if not (yield self.trip(route, sent)):
            raise self.full(route)
        return sent

    def _post_strictly(self, route: Route, sent: Sent) -> Steps[Sent]:
        yield from self._unread.note([(sent.key, route.channel)])
        try:
            if not (yield self.trip(route, sent)):
                raise self.full(route)
        except Refused:
            yield from self._unread.strike([(sent.key, route.channel)])
            raise
        return sent

    def post_many(self, sends: Iterable[tuple[str, Mapping[str, Any]]]) -> Steps[list[Sent | Refused]]:
        """Send messages in order, `SLICE` to a script; a refusal is an answer here, it is not raised."""
        answers: list[Sent | Refused] = []
        waiting = iter(sends)
        while some := list(islice(waiting, SLICE)):
            answers += yield from self._post_some(some)
        return answers

    def post_all(self, sends: Sequence[tuple[str, Mapping[str, Any]]]) -> Steps[list[Sent | Refused]]:
        """Do as `post_many`; a single message goes the way that costs Redis less than a list of one."""
        return self._one_by_one(sends) if len(sends) == 1 else self.post_many(sends)

    def _post_some(self, sends: list[tuple[str, Mapping[str, Any]]]) -> Steps[list[Sent | Refused]]:
        if self._rules.is_one_by_one:
            return (yield from self._one_by_one(sends))
        answers: list[Sent | Refused] = []
        shards: dict[int, list[tuple[int, Route, Sent]]] = {}  # with the place in `answers`
        for channel, message in sends:
            try:
                route = self._route(channel) if isinstance(channel, str) else self._new_route(channel)
                body = messages.encode(message, route.inner, self._rules.message_limit)
            except MessageTooLarge as refused:
                answers.append(refused)
            else:
                sent = Sent("", channel, body, float(self._rules.expiry))
                shards.setdefault(self._shard(route), []).append((len(answers), route, sent))
                answers.append(sent)
        stems = [new_stem() for _ in shards]
        replies = yield [self._trip_of_many(*one, stem) for one, stem in zip(shards.items(), stems, strict=True)]
        for stem, those, reply in zip(stems, shards.values(), replies, strict=True):
            for place, answer in self._answers(stem, those, reply):
                answers[place] = answer
        return answers

    def _trip_of_many(self, shard: int, those: list[tuple[int, Route, Sent]], stem: str) -> Trip:
        words: list[Word] = []
        for _, route, sent in those:
            words += (route.channel, self._rules.seal.close(sent.body))
        queues = {route.queue for _, route, _ in those}
        return send_all(self._rules, shard, "bodies", stem, queues=queues, members=words)

    def _answers(
        self, stem: str, those: list[tuple[int, Route, Sent]], reply: Any
    ) -> Iterator[tuple[int, Sent | Refused]]:
        if isinstance(reply, Exception) and not isinstance(reply, Refused):
            raise reply
        skipped = set() if isinstance(reply, Refused) else set(reply[2])
        for number, (place, route, sent) in enumerate(those, 1):
            if isinstance(reply, Refused):
                yield place, reply
            elif number in skipped:
                yield place, self.full(route)
            elif -number in skipped:
                yield place, KeyTaken(f"The key of {route.queue!r} in Redis holds something of somebody else's.")
            else:
                yield place, Sent(key_of(stem, number), sent.channel, sent.body, sent.expiry)

    def _one_by_one(self, sends: Iterable[tuple[str, Mapping[str, Any]]]) -> Steps[list[Sent | Refused]]:
        answers: list[Sent | Refused] = []
        for channel, message in sends:
            try:
                answers.append((yield from self.post(channel, message)))
            except Refused as refused:
                answers.append(refused)
        return answers

    def trip(self, route: Route, sent: Sent) -> Trip:
        """Return the trip that sends it; the reply is 1, or 0 where the channel is full."""
        rules = self._rules
        body = sent.body if rules.seal.is_open else rules.seal.close(sent.body)
        tail = self._tail(rules.expiry, rules.capacity if route.capacity is None else route.capacity)
        data = b"".join((route.head, sent.key.encode(), b"\r\n$%d\r\n" % len(body), body, tail))
        return Trip(route.shard if route.shard >= 0 else self._shard(route), data, _SEND)

    def _shard(self, route: Route) -> int:
        return route.shard if route.shard >= 0 else next(self._rules.ring.send_turns)

    def _new_route(self, channel: str) -> Route:
        queue = names.queue_of(names.check_channel(channel))
        keys, ring = self._rules.keys, self._rules.ring
        of_channel, of_layer = keys.counters(queue), keys.layer_counters
        counters = (of_channel[0], of_layer[0], of_channel[1], of_layer[1])
        head = _SEND.head(6, 3) + words(keys.queue(queue), *counters) + self._key_head
        shard = ring.of(queue) if is_bound(queue) or ring.count == 1 else -1
        capacity = self._rules.special_capacity_of(queue)
        return Route(channel, queue, channel if queue.endswith("!") else "", shard, head, capacity)

    def full(self, route: Route) -> ChannelFull:
        """Return what is raised where the channel is full."""
        return ChannelFull(
            f"Channel {route.queue!r} holds {self._rules.capacity_of(route.queue)} messages, its capacity."
        )
