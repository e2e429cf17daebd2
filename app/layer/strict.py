# SPDX-License-Identifier: GPL-3.0-or-later
"""`strict_spec`: a process-specific channel whose message expired unread leaves its groups (checklist §16, row 3).

ASGI 1.x asks for it, asgi_redis never did it, and a body that is gone does not say whose it was. So every message to
such a channel is noted in a sorted set beside its queue, `asgi::unread:<prefix>!`, by the time of its end: before it is
sent, until it is received. Whoever looks at a group first removes members with a message that ended after they joined.
All processes on the layer must have it on: what another one receives is not struck off.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from app.layer.names import queue_of
from app.layer.resp import Word
from app.layer.rules import Rules
from app.layer.trips import Steps, plain

Pairs = Iterable[tuple[str, str]]  # a message's key and its channel's full name


class Unread:
    """Notes of what was not read yet; it does nothing unless the rules are strict."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def note(self, messages: Pairs) -> Steps[None]:
        """Note messages that are about to be sent."""
        end = time.time() + self._rules.expiry
        for queue, notes in self._by_queue(messages).items():
            shard, key = self._where(queue)
            yield plain(shard, "ZADD", key, *(word for one in notes for word in (end, one)))
            yield plain(shard, "EXPIRE", key, self._rules.group_expiry + self._rules.expiry)

    def strike(self, messages: Pairs) -> Steps[None]:
        """Forget messages that were received, or not sent after all."""
        for queue, notes in self._by_queue(messages).items():
            shard, key = self._where(queue)
            yield plain(shard, "ZREM", key, *notes)

    def leave(self, shard: int, group: str) -> Steps[None]:
        """Remove the members of a group (its key on its server) that have had a message expire since they joined."""
        if not self._rules.strict_spec:
            return
        packed = yield plain(shard, "ZRANGE", group, 0, -1, "WITHSCORES")
        joined = {member.decode(): float(score) for member, score in zip(packed[::2], packed[1::2], strict=True)}
        gone: set[str] = set()
        for queue in {queue_of(member) for member in joined if "!" in member}:
            gone |= {channel for end, channel in (yield from self._ended(queue)) if joined.get(channel, end) < end}
        if gone:
            yield plain(shard, "ZREM", group, *gone)

    def _ended(self, queue: str) -> Steps[list[tuple[float, str]]]:
        shard, key = self._where(queue)
        now = time.time()
        yield plain(shard, "ZREMRANGEBYSCORE", key, "-inf", now - self._rules.group_expiry)
        packed = yield plain(shard, "ZRANGEBYSCORE", key, "-inf", now, "WITHSCORES")
        notes = zip(packed[::2], packed[1::2], strict=True)
        return [(float(end), note.decode().partition(" ")[2]) for note, end in notes]

    def _by_queue(self, messages: Pairs) -> dict[str, list[Word]]:
        queues: dict[str, list[Word]] = {}
        for key, channel in messages if self._rules.strict_spec else ():
            if "!" in channel:
                queues.setdefault(queue_of(channel), []).append(f"{key} {channel}")
        return queues

    def _where(self, queue: str) -> tuple[int, str]:
        return self._rules.ring.of(queue), self._rules.keys.unread(queue)
