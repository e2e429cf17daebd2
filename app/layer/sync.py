# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer for synchronous code, such as workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.layer.calls import Call, Result
from app.layer.core import Core
from app.layer.errors import translated
from app.layer.receipts import Sent, Skipped, Taken


class RedisChannelLayer(Core):
    """An ASGI 1.x channel layer on one Redis. Threads may share it, processes may not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._redis = self._client()

    def send(self, channel: str, message: Mapping[str, Any]) -> None:
        """Put a message into a channel; never waits.

        Raises:
            ChannelFull, MessageTooLarge, OutOfMemory: it was refused.
            RedisGone: Redis does not answer.
        """
        self.post(channel, message)

    def receive(self, channels: Sequence[str], block: bool = False) -> tuple[str | None, dict[str, Any] | None]:
        """Take the next message of any of the channels: (channel, message), or (None, None) if there is none.

        A process-specific channel is named up to its `!`. With `block` it waits up to 5 s for one to come.
        """
        while taken := self.take(channels, block):
            if taken.message is not None:
                return taken.channel, taken.message
        return None, None

    receive_many = receive  # the old name, which Channels 1.1.8 still calls

    def new_channel(self, pattern: str) -> str:
        """Return an unused channel name that begins with `pattern`, which ends in `?`."""
        while not self._do(self._is_free_call(name := self._candidate(pattern))):
            pass
        return name

    def group_add(self, group: str, channel: str) -> None:
        """Let a channel join a group, or renew its membership."""
        self._do(self._group_add_call(group, channel))

    def group_discard(self, group: str, channel: str) -> None:
        """Let a channel leave a group, if it is in it."""
        self._do(self._group_discard_call(group, channel))

    def group_channels(self, group: str) -> list[str]:
        """Return the names of a group's members."""
        return self._do(self._group_channels_call(group))

    def send_group(self, group: str, message: Mapping[str, Any]) -> None:
        """Send a message to every member of a group; members that are full get none."""
        self.post_group(group, message)

    def flush(self) -> None:
        """Delete all messages, groups and counters: the keys under our two prefixes and no others."""
        for prefix in (self.prefix, self.stats_prefix):
            cursor = b"0"
            while (cursor := self._do(self._flush_call(prefix, cursor))) != b"0":
                pass

    # --- the same, with receipts ---

    def post(self, channel: str, message: Mapping[str, Any]) -> Sent:
        """Send, and say what is in Redis now."""
        return self._do(self._send_call(channel, message))

    def post_group(self, group: str, message: Mapping[str, Any]) -> tuple[Sent | Skipped, ...]:
        """Send to a group, and say of each member what became of its copy. Atomic."""
        # Only members whose capacity may differ have to be known beforehand.
        members = self.group_channels(group) if self.channel_capacity else ()
        return self._do(self._send_group_call(group, message, members))

    def take(self, channels: Sequence[str], block: bool = False) -> Taken | None:
        """Look once for a message; None when there was nothing at all.

        Without waiting, pop and body are one script. While waiting they are BLPOP and a script: a process killed
        between the two loses the message, as in asgi_redis.
        """
        if not channels:
            return None
        queues = self._queues(channels)
        taken = self._do(self._receive_call(queues))
        if taken or not block:
            return taken
        place = self._do(self._wait_call(queues))
        return self._do(self._take_call(*place)) if place else None

    def ping(self) -> None:
        """Ask whether Redis answers.

        Raises:
            RedisGone: it does not.
        """
        self._do(self._ping_call())

    def wake(self) -> None:
        """End a `take` that waits in another thread, or below a signal handler; no message is lost by it."""
        with self._client() as other, translated():
            for connection in other.client_list():
                if connection["name"] == self._options["client_name"]:
                    other.client_unblock(int(connection["id"]))

    def close(self) -> None:
        """Hang up."""
        self._redis.close()

    # --- Redis ---

    def _client(self) -> redis.Redis:
        # Never retry by itself: a send whose answer got lost may have been done (at most once, ASGI 1.x).
        retry = Retry(NoBackoff(), 0)
        return redis.Redis.from_url(self._url, retry=retry, **self._options)

    def _do(self, call: Call[Result]) -> Result:
        with translated():
            try:
                reply = self._redis.execute_command(*call.command)  # type: ignore[no-untyped-call]
            except redis.exceptions.NoScriptError:
                reply = self._redis.execute_command(*call.first_time)  # type: ignore[no-untyped-call]
        return call.read(reply)
