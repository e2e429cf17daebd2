# SPDX-License-Identifier: GPL-3.0-or-later
"""What both faces of the layer share: its settings, and every operation as a call to make and a reply to read."""

from __future__ import annotations

import fnmatch
import random
import re
import string
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from app.layer import calls, messages, names
from app.layer.calls import Call
from app.layer.errors import ChannelFull, MessageTooLarge
from app.layer.hosts import BLPOP_TIMEOUT, Host, address, options
from app.layer.keys import CHANNEL_COUNTER_EXPIRY, GLOBAL_COUNTER_EXPIRY, Keys, new_key
from app.layer.receipts import Sent, Skipped, Taken

_COUNTER_EXPIRIES = (CHANNEL_COUNTER_EXPIRY, GLOBAL_COUNTER_EXPIRY)


class Core:
    """The arguments of asgi_redis 1.4.3, and pure functions; a face makes the calls.

    Args:
        expiry: seconds after which an unread message is gone; may be changed at any time.
        hosts: one Redis, as a URL (`redis://`, `rediss://`, `unix://`) or as (host, port).
        prefix: what the keys of bodies, queues and groups begin with.
        group_expiry: seconds after which a membership that is not renewed is gone.
        capacity: messages a channel may hold.
        channel_capacity: capacities of channels by pattern, the first match counts: a str is a glob, a compiled
            regular expression is matched at the beginning of the name.
        symmetric_encryption_keys: None; encryption is not there yet.
        stats_prefix: what the keys of counters begin with.
        connection_kwargs: passed on to redis-py.
    """

    ChannelFull: ClassVar[type[ChannelFull]] = ChannelFull
    MessageTooLarge: ClassVar[type[MessageTooLarge]] = MessageTooLarge
    extensions: ClassVar[list[str]] = ["groups", "flush"]

    def __init__(  # noqa: PLR0913, PLR0917 - the arguments of asgi_redis, in its order
        self,
        expiry: int = 60,
        hosts: Sequence[Host] | None = None,
        prefix: str = "asgi:",
        group_expiry: int = 86400,
        capacity: int = 100,
        channel_capacity: Mapping[str | re.Pattern[str], int] | None = None,
        symmetric_encryption_keys: Sequence[str] | None = None,
        stats_prefix: str = "asgi-meta:",
        connection_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        if symmetric_encryption_keys:
            raise ValueError("symmetric_encryption_keys: encryption is not there yet; leave it None.")
        if not isinstance(prefix, str) or not isinstance(stats_prefix, str):
            raise ValueError("prefix and stats_prefix must be str.")
        self.expiry = expiry
        self.group_expiry = group_expiry
        self.capacity = capacity
        self.channel_capacity = dict(channel_capacity or {})
        self.prefix = prefix
        self.stats_prefix = stats_prefix
        self._keys = Keys(prefix, stats_prefix)
        self._url = address(hosts)
        self._options = options(connection_kwargs)

    def capacity_of(self, channel: str) -> int:
        """Return how many messages the channel may hold; everything under one `prefix!` shares it."""
        queue = names.queue_of(channel)
        for pattern, capacity in self.channel_capacity.items():
            found = fnmatch.fnmatchcase(queue, pattern) if isinstance(pattern, str) else pattern.match(queue)
            if found:
                return capacity
        return self.capacity

    # --- calls ---

    def _send_call(self, channel: str, message: Mapping[str, Any]) -> Call[Sent]:
        queue = names.queue_of(names.check_channel(channel))
        body = messages.encode(message, channel if queue.endswith("!") else "")
        sent = Sent(new_key(), channel, body, float(self.expiry))

        def read(accepted: int) -> Sent:
            if not accepted:
                raise ChannelFull(f"Channel {queue!r} holds {self.capacity_of(queue)} messages, its capacity.")
            return sent

        keys = (self._keys.body(sent.key), self._keys.queue(queue), *self._keys.counters(queue))
        return calls.run(calls.SEND, read, keys, body, self.expiry, self.capacity_of(queue), *_COUNTER_EXPIRIES)

    def _send_group_call(
        self, group: str, message: Mapping[str, Any], members: Iterable[str]
    ) -> Call[tuple[Sent | Skipped, ...]]:
        body = messages.encode(message)
        header, longer = messages.header(len(message)), messages.header(len(message) + 1)
        entries, expiry = body[len(header) :], float(self.expiry)

        def read(told: list[bytes]) -> tuple[Sent | Skipped, ...]:
            result: list[Sent | Skipped] = []
            for member, key in zip(told[::2], told[1::2], strict=True):
                channel = member.decode()
                is_long = names.queue_of(channel).endswith("!")
                copy = messages.with_channel(longer, entries, channel) if is_long else body
                result.append(Sent(key.decode(), channel, copy, expiry) if key else Skipped(channel))
            return tuple(result)

        exceptions = [word for member in members for word in (member, self.capacity_of(member))]
        return calls.run(
            calls.SEND_GROUP, read, (self._keys.group(names.check_group(group)),),
            self._oldest_membership(), self.expiry, self.capacity, self.prefix, self.stats_prefix, *_COUNTER_EXPIRIES,
            uuid.uuid4().bytes, header, entries, longer, messages.CHANNEL_ENTRY, *exceptions,
        )  # fmt: skip

    def _receive_call(self, queues: Sequence[str]) -> Call[Taken | None]:
        def read(told: list[bytes] | None) -> Taken | None:
            if not told:
                return None
            queue, body_key, body, *ghosts = told
            passed = tuple(self._keys.message_of(ghost) for ghost in ghosts)
            return self._taken(queue, body_key, body, passed)

        return calls.run(calls.RECEIVE, read, [self._keys.queue(queue) for queue in queues])

    def _wait_call(self, queues: Sequence[str]) -> Call[tuple[bytes, bytes] | None]:
        """BLPOP: the place in the queue of the next message, if one comes in time."""
        keys = [self._keys.queue(queue) for queue in queues]
        return calls.command(lambda reply: (reply[0], reply[1]) if reply else None, "BLPOP", *keys, BLPOP_TIMEOUT)

    def _take_call(self, queue: bytes, body_key: bytes) -> Call[Taken]:
        def read(body: bytes | None) -> Taken:
            if body is None:
                return self._taken(queue, b"", b"", (self._keys.message_of(body_key),))
            return self._taken(queue, body_key, body, ())

        return calls.run(calls.TAKE, read, (body_key.decode(),))

    def _group_add_call(self, group: str, channel: str) -> Call[None]:
        names.check_group(group)
        names.check_channel(channel)
        key = self._keys.group(group)
        return calls.run(calls.GROUP_ADD, lambda _: None, (key,), channel, time.time(), self.group_expiry)

    def _group_discard_call(self, group: str, channel: str) -> Call[None]:
        names.check_group(group)
        names.check_channel(channel)
        return calls.command(lambda _: None, "ZREM", self._keys.group(group), channel)

    def _group_channels_call(self, group: str) -> Call[list[str]]:
        key = self._keys.group(names.check_group(group))
        return calls.run(calls.GROUP_CHANNELS, _read_names, (key,), self._oldest_membership())

    def _is_free_call(self, channel: str) -> Call[bool]:
        return calls.command(lambda count: not count, "EXISTS", self._keys.queue(channel))

    def _flush_call(self, prefix: str, cursor: bytes) -> Call[bytes]:
        return calls.run(calls.FLUSH, bytes, (), cursor, _glob_escaped(prefix) + "*")

    def _ping_call(self) -> Call[None]:
        return calls.command(lambda _: None, "PING")

    # --- what needs no call ---

    def _candidate(self, pattern: str) -> str:
        """Return a random name for `new_channel`."""
        # Names ending in ! are made by the process that reads them; the code of 1.x refuses to make one.
        if not isinstance(pattern, str) or not pattern.endswith("?"):
            raise TypeError(f"new_channel() needs a name that ends in ?, not {pattern!r}.")
        return names.check_channel(pattern + "".join(random.choices(string.ascii_letters, k=12)))

    @staticmethod
    def _queues(channels: Sequence[str]) -> list[str]:
        """Return the queues to look at, in a random order: a busy channel must not starve a quiet one (ASGI 1.x)."""
        if isinstance(channels, str):
            raise TypeError(f"receive() needs a list of channel names, not the str {channels!r}.")
        queues = [names.check_receivable(channel) for channel in channels]
        random.shuffle(queues)
        return queues

    def _oldest_membership(self) -> int:
        return int(time.time()) - self.group_expiry

    def _taken(self, queue: bytes, body_key: bytes, body: bytes, ghosts: tuple[str, ...]) -> Taken:
        name = self._keys.channel_of(queue)
        if not body_key:
            return Taken(name, name, "", None, b"", ghosts)
        try:
            channel, message = messages.decode(body)
        except messages.UnreadableBody:
            return Taken(name, name, self._keys.message_of(body_key), None, body, ghosts)
        return Taken(name, channel or name, self._keys.message_of(body_key), message, body, ghosts)


def _read_names(reply: list[bytes]) -> list[str]:
    return [name.decode() for name in reply]


def _glob_escaped(text: str) -> str:
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
