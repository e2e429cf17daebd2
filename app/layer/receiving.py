# SPDX-License-Identifier: GPL-3.0-or-later
"""Receives: one script when something is there; when not, BLPOP waits and the body is fetched after it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from app.layer import messages
from app.layer.hosts import BLPOP_TIMEOUT
from app.layer.places import Place, places_of
from app.layer.receipts import Taken
from app.layer.refused import KeyTaken
from app.layer.rules import Rules
from app.layer.strict import Unread
from app.layer.trips import Script, Steps, Trip, plain, run

BATCH = 100  # messages of a process-specific channel that one trip brings
_KNOWN_LISTS = 256  # lists of channels whose queues are kept packed
_KNOWN_QUEUES = 4096  # queues whose channel names are kept

Command = Literal["popped", "fetched", "deleted"]  # what a classic receive has just done

_RECEIVE_BATCH = Script.named("receive_batch")
_log = logging.getLogger(__name__)


class Receiving:
    """The operations that take messages out of channels."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._keys = rules.keys
        self._unread = Unread(rules)
        self._prefix = rules.keys.prefix.encode()
        self._places: dict[tuple[str, ...], tuple[Place, ...]] = {}
        self._names: dict[bytes, str] = {}
        self._told: set[str] = set()
        self.between: Callable[[Command, str, str], None] | None = None  # told after each command, if classic
        self.unreadable_count = 0  # bodies passed over because they are no messages

    def receive(self, channels: Sequence[str], block: bool) -> Steps[tuple[str | None, dict[str, Any] | None]]:
        """Take the next message, past ghosts and bodies that cannot be read: (channel, message), or (None, None)."""
        while taken := (yield from self.take(channels, block)):
            if taken.message is not None:
                return taken.channel, taken.message
            if taken.key:
                _log.warning("Message %s on %s cannot be read; it is passed over.", taken.key, taken.queue)
        return None, None

    def usual(self, channels: Sequence[str]) -> Place | None:
        """Return where to look and wait for them, where nothing else has to be minded; None: take all the steps."""
        places = self._in_turn(channels)
        is_special = len(places) != 1 or self._rules.strict_spec or self._rules.is_classic
        return None if is_special else places[0]

    def take(self, channels: Sequence[str], block: bool) -> Steps[Taken | None]:
        """Look once for a message of any of the channels, or of all that are there wait for one."""
        if self._rules.strict_spec:
            return self._take_strictly(channels, block)
        return self._take(channels, block)

    def _take_strictly(self, channels: Sequence[str], block: bool) -> Steps[Taken | None]:
        taken = yield from self._take(channels, block)
        if taken:
            yield from self._unread.strike([(taken.key, taken.channel)])
        return taken

    def _take(self, channels: Sequence[str], block: bool) -> Steps[Taken | None]:
        places = self._in_turn(channels)
        if not places:
            return None
        if self._rules.is_classic:
            return (yield from self._take_classic(places, block))
        for place in places:
            if place.is_expecting or not block or len(places) > 1:
                taken = yield from self._look(place)
                if taken:
                    return taken
        if not block:
            return None
        place = places[0]
        try:
            popped, *fetched = yield place.take(BLPOP_TIMEOUT / len(places))
        except KeyTaken:
            lists = yield from self._without_keys_of_others(place)
            popped, *fetched = yield lists.take(BLPOP_TIMEOUT / len(places))
        return self.waited(place, popped, *fetched)

    def _look(self, place: Place) -> Steps[Taken | None]:
        began = time.perf_counter()
        reply = yield place.receive()
        return self.looked(place, reply, time.perf_counter() - began)

    def looked(self, place: Place, reply: list[bytes] | None, took: float) -> Taken | None:
        """Return what a look found."""
        if place.is_expecting != bool(reply):
            place.expect(bool(reply))
        if not reply:
            return None
        queue, entry, body, *ghosts = reply
        return self._taken(queue, entry, body, tuple(map(self._keys.message_of, ghosts)), took)

    def waited(
        self, place: Place, popped: tuple[bytes, bytes] | None, body: Any = b"", left: int = 0, took: float = 0.0
    ) -> Taken | None:
        """Return what a wait brought, from the replies to the trip of a place."""
        if not popped:
            return None
        queue, entry = popped
        place.see(queue, entry)
        # Whoever is killed before it has deleted the body loses the message; the body stays until it expires.
        place.expect(left != 0)  # whether the next look will find something, known at no extra trip
        return self._with_body(queue, entry, body, took)

    def take_batch(self, channel: str, block: bool) -> Steps[tuple[Taken, ...]]:
        """Take what is in a channel that nobody else reads, in order, up to `BATCH` messages; or wait for it."""
        place = self._in_turn((channel,))[0]
        batch: Any = ([], [])
        if place.is_expecting or not block:
            batch = yield self._batch(place)
        if block and not batch[0]:
            popped = yield from self._popped(place, BLPOP_TIMEOUT)
            batch = (yield self._batch(place, popped[1])) if popped else batch
        place.expect(len(batch[0]) > 1)  # after a single one the next is probably still to come
        told = self._read_batch(place, *batch)
        yield from self._unread.strike((taken.key, taken.channel) for taken in told)
        return told

    def is_waiting(self, channels: Sequence[str]) -> Steps[bool]:
        """Say whether anything is in one of the channels, ghosts too; nothing is taken."""
        for place in self._in_turn(channels):
            if (yield plain(place.shard, "EXISTS", *place.queues)):
                return True
        return False

    def batches_of(
        self, channel: str
    ) -> tuple[Trip, Trip, Callable[[list[bytes], list[bytes | None]], tuple[Taken, ...]]]:
        """Return the trip that waits at a channel without taking anything, that which takes a batch, and its reader."""
        (place,) = self._in_turn((channel,))
        return place.watch(BLPOP_TIMEOUT), self._batch(place), partial(self._read_batch, place)

    # --- one at a time ---

    def _popped(self, place: Place, seconds: float) -> Steps[tuple[bytes, bytes] | None]:
        """BLPOP: the place in its queue of the next message, if one comes in time."""
        try:
            return (yield place.wait(seconds))  # type: ignore[no-any-return]
        except KeyTaken:
            lists = yield from self._without_keys_of_others(place)
            return (yield lists.wait(seconds))  # type: ignore[no-any-return]

    def _take_classic(self, places: Sequence[Place], block: bool) -> Steps[Taken | None]:
        """Receive as asgi_redis 1.4.3 does: pop, GET and DEL are three commands."""
        for place in places:
            if block:
                popped = yield from self._popped(place, BLPOP_TIMEOUT / len(places))
            else:
                popped = yield place.pop()
            if popped:
                queue, entry = popped
                self._after("popped", queue, entry)
                body = yield plain(place.shard, "GET", entry)
                self._after("fetched", queue, entry)
                yield plain(place.shard, "DEL", entry)
                self._after("deleted", queue, entry)
                return self._with_body(queue, entry, body)
        return None

    def _after(self, command: Command, queue: bytes, entry: bytes) -> None:
        if self.between is not None and entry.startswith(self._prefix):
            self.between(command, self._names.get(queue) or self._name_of(queue), self._keys.message_of(entry))

    def _with_body(self, queue: bytes, entry: bytes, body: Any, took: float = 0.0) -> Taken:
        if body is None:
            return self._taken(queue, b"", b"", (self._keys.message_of(entry),))
        return self._taken(queue, entry, body if isinstance(body, bytes) else b"", (), took)

    # --- batches ---

    def _batch(self, place: Place, *first: bytes) -> Trip:
        count = BATCH - len(first)
        return run(place.shard, _RECEIVE_BATCH, place.queues, self._prefix, count, *first)

    def _read_batch(self, place: Place, entries: list[bytes], bodies: list[bytes | None]) -> tuple[Taken, ...]:
        queue = place.queues[0].encode()
        if len(entries) == 1 and bodies[0] is not None:  # as mostly
            return (self._taken(queue, entries[0], bodies[0], ()),)
        taken, ghosts = [], []
        for entry, body in zip(entries, bodies, strict=True):
            if body is None:
                ghosts.append(self._keys.message_of(entry))
            else:
                taken.append(self._taken(queue, entry, body, tuple(ghosts)))
                ghosts.clear()
        if ghosts:
            taken.append(self._taken(queue, b"", b"", tuple(ghosts)))
        return tuple(taken)

    # --- what replies mean ---

    def _taken(self, queue: bytes, entry: bytes, body: bytes, ghosts: tuple[str, ...], took: float = 0.0) -> Taken:
        name = self._names.get(queue) or self._name_of(queue)
        if not entry:
            return Taken(name, name, "", None, b"", ghosts)
        seal = self._rules.seal
        key = entry.decode(errors="replace").removeprefix(self._keys.prefix)  # message_of(), without a call
        try:
            opened = body if seal.is_open else seal.open(body, self._rules.expiry)
            channel, message = messages.decode(opened)
        except messages.UnreadableBody:
            self.unreadable_count += 1
            return Taken(name, name, key, None, body, ghosts)
        return Taken(name, channel or name, key, message, opened, ghosts, took)

    def _name_of(self, queue: bytes) -> str:
        if len(self._names) >= _KNOWN_QUEUES:
            self._names.clear()
        name = self._names[queue] = self._keys.channel_of(queue)
        return name

    # --- where to look ---

    def _in_turn(self, channels: Sequence[str]) -> tuple[Place, ...]:
        if isinstance(channels, str):
            raise TypeError(f"receive() needs a list of channel names, not the str {channels!r}.")
        known = tuple(channels)
        places = self._places.get(known)
        if places is None:
            places = places_of(known, self._keys, self._rules.ring)
            if len(self._places) >= _KNOWN_LISTS:
                self._places.clear()
            self._places[known] = places
        if len(places) < 2:
            return places
        turn = next(self._rules.ring.receive_turns) % len(places)
        return places[turn:] + places[:turn]

    def _without_keys_of_others(self, place: Place) -> Steps[Place]:
        """BLPOP refuses to wait where one key is no list; wait at the others."""
        kinds = yield [plain(place.shard, "TYPE", queue) for queue in place.queues]
        taken = [queue for queue, kind in zip(place.queues, kinds, strict=True) if kind not in (b"list", b"none")]
        for key in set(taken) - self._told:
            _log.warning(
                "The key %s in Redis is no list: somebody else uses it, and nothing can be received there.", key
            )
        self._told |= set(taken)
        lists = [queue for queue in place.queues if queue not in taken]
        if not lists:
            raise KeyTaken(f"Nothing can be received: {', '.join(taken)} in Redis holds something of somebody else's.")
        return Place(place.shard, lists, self._keys.prefix)
