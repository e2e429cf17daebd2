# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues to read from, packed once for a list of channels."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import partial
from typing import Any

from app.layer import names
from app.layer.foresight import Foresight
from app.layer.keys import Keys
from app.layer.resp import command, word
from app.layer.shards import Ring
from app.layer.trips import Script, Trip, plain

_GETDEL, _GET, _DEL = (command(name, "").removesuffix(word("")) for name in ("GETDEL", "GET", "DEL"))
_KEY_SIZE = 32  # of a body's key, after its prefix
_FEW = 50  # queues of which every order is kept packed
MANY = 50  # queues; with more of them BLPOP and the body take less of Redis's time than the script with all their names
_RECEIVE, _POP = Script.named("receive"), Script.named("pop")


class Place:
    """The queues of a list of channels on one server.

    `is_expecting`: the last look left something, so that another look will probably find it.
    """

    def __init__(self, shard: int, queues: Sequence[str], prefix: str) -> None:
        self.shard, self.queues = shard, tuple(queues)
        self.expect(True)
        packed = [word(queue) for queue in queues]
        self._starts = [0]
        for one in packed[:-1]:
            self._starts.append(self._starts[-1] + len(one))
        self._packed = b"".join(packed)
        self._receive = _RECEIVE.head(len(packed), 1)
        self._prefix, self._key_head = word(prefix), prefix.encode()
        self._key_size = len(self._key_head) + _KEY_SIZE
        self._fetch_usual = b"%b$%d\r\n" % (_GETDEL, self._key_size)
        self._pop = _POP.head(len(packed), 0)
        self._lengths = {queue.encode(): command("LLEN", queue) for queue in queues}
        self._wait = command("BLPOP", *([""] * (len(packed) + 1))).split(b"$0", 1)[0]
        self._last = queues[0].encode()  # the queue of the last message that a wait brought
        self.foresight = Foresight()
        self._trips: dict[tuple[str, float, int], Trip] = {}  # kept: by what they do, seconds and first queue

    def expect(self, is_more: bool) -> None:
        """Note whether the next look will probably find something; at too many queues it is not worth its price."""
        self.is_expecting = is_more and len(self.queues) <= MANY

    def receive(self) -> Trip:
        """Return the trip that takes a message if there is one."""
        start = self._any()
        return self._trips.get(("receive", 0.0, start)) or self._keep(
            ("receive", 0.0, start),
            Trip(self.shard, b"".join((self._receive, self._from(start), self._prefix)), _RECEIVE),
        )

    def pop(self) -> Trip:
        """Return the trip that takes only a message's place in its queue."""
        return Trip(self.shard, self._pop + self._from(self._any()), _POP)

    def wait(self, seconds: float) -> Trip:
        """Return the trip that takes a message's place in its queue, and waits for one."""
        start = self._any()
        return self._trips.get(("wait", seconds, start)) or self._keep(
            ("wait", seconds, start), Trip(self.shard, self._waiting(start, seconds), None, True)
        )

    def take(self, seconds: float) -> Trip:
        """Return the trip that does the same, fetches the message's body, and asks how many places are left.

        Its replies are those of BLPOP, GETDEL and LLEN; only the first where nothing came, or what came is no key of
        ours.
        """
        start = self._any()
        return self._trips.get(("take", seconds, start)) or self._keep(
            ("take", seconds, start), Trip(self.shard, self._waiting(start, seconds), None, True, self._fetch)
        )

    def take_foreseen(self, seconds: float) -> Trip:
        """Return the trip that does the same, and asks for the body that is foreseen in the write that waits.

        Its replies are the same; where it was right, no GETDEL is sent but a DEL, which nobody waits for.
        """
        key = self.foresight.key
        if not key:
            return self.take(seconds)
        data = b"".join((self.wait(seconds).data, _GET, word(key), self._lengths[self._last]))
        return Trip(self.shard, data, None, True, partial(self._fetch_or_delete, key), 3)

    def watch(self, seconds: float) -> Trip:
        """Return the trip that waits at the one queue and takes nothing: its first place is moved to where it was."""
        (queue,) = self.queues
        return plain(self.shard, "BLMOVE", queue, queue, "LEFT", "LEFT", seconds, waits=True)

    def see(self, queue: bytes, entry: bytes) -> None:
        """Learn from what a wait brought."""
        self._last = queue
        self.foresight.see(entry)

    def _fetch_or_delete(self, foreseen: bytes, replies: list[Any]) -> tuple[tuple[bytes, ...], bool]:
        popped, body, _ = replies
        if type(popped) is list and popped[1] == foreseen and type(body) is bytes:
            if popped[0] != self._last:  # it is not known how many wait in that queue
                replies[2] = 0
            return (_DEL + word(foreseen),), False
        del replies[1:]
        return self._fetch(replies)

    def _fetch(self, replies: list[Any]) -> tuple[tuple[bytes, ...], bool]:
        popped = replies[0]
        if type(popped) is not list or not popped[1].startswith(self._key_head):
            return (), False
        queue, entry = popped
        if len(entry) == self._key_size:
            return (self._fetch_usual + entry + b"\r\n", self._lengths[queue]), True
        return (_GETDEL + word(entry), self._lengths[queue]), True

    def _any(self) -> int:
        """Return the place in `_starts` of any queue."""
        count = len(self._starts)
        return int(random.random() * count) if count > 1 else 0

    def _waiting(self, start: int, seconds: float) -> bytes:
        return b"".join((self._wait, self._from(start), word(seconds)))

    def _from(self, start: int) -> bytes:
        """The queues, beginning with any of them: a busy channel must not starve a quiet one (ASGI 1.x)."""
        return self._packed[self._starts[start] :] + self._packed[: self._starts[start]]

    def _keep(self, known_as: tuple[str, float, int], trip: Trip) -> Trip:
        if len(self._starts) <= _FEW:
            self._trips[known_as] = trip
        return trip


def places_of(channels: Sequence[str], keys: Keys, ring: Ring) -> tuple[Place, ...]:
    """Return where messages for these channels may be, one place for each server.

    Raises:
        TypeError: one of them is no name to receive from.
    """
    queues: dict[int, list[str]] = {}
    for channel in dict.fromkeys(channels):
        for shard in ring.all_of(names.check_receivable(channel)):
            queues.setdefault(shard, []).append(keys.queue(channel))
    return tuple(Place(shard, those, keys.prefix) for shard, those in sorted(queues.items()))
