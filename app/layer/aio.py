# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer for asyncio code, such as the interface server; every method is that of `sync`, to be awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.layer.calls import Call, Result, command
from app.layer.core import Core
from app.layer.errors import translated
from app.layer.receipts import Sent, Skipped, Taken


class AsyncRedisChannelLayer(Core):
    """An ASGI 1.x channel layer on one Redis, for one event loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._redis = self._client()

    async def send(self, channel: str, message: Mapping[str, Any]) -> None:
        """Put a message into a channel; never waits for a reader."""
        await self.post(channel, message)

    async def receive(self, channels: Sequence[str], block: bool = False) -> tuple[str | None, dict[str, Any] | None]:
        """Take the next message of any of the channels: (channel, message), or (None, None) if there is none."""
        while taken := await self.take(channels, block):
            if taken.message is not None:
                return taken.channel, taken.message
        return None, None

    receive_many = receive

    async def new_channel(self, pattern: str) -> str:
        """Return an unused channel name that begins with `pattern`, which ends in `?`."""
        while not await self._do(self._is_free_call(name := self._candidate(pattern))):
            pass
        return name

    async def group_add(self, group: str, channel: str) -> None:
        """Let a channel join a group, or renew its membership."""
        await self._do(self._group_add_call(group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        """Let a channel leave a group, if it is in it."""
        await self._do(self._group_discard_call(group, channel))

    async def group_channels(self, group: str) -> list[str]:
        """Return the names of a group's members."""
        return await self._do(self._group_channels_call(group))

    async def send_group(self, group: str, message: Mapping[str, Any]) -> None:
        """Send a message to every member of a group; members that are full get none."""
        await self.post_group(group, message)

    async def flush(self) -> None:
        """Delete all messages, groups and counters: the keys under our two prefixes and no others."""
        for prefix in (self.prefix, self.stats_prefix):
            cursor = b"0"
            while (cursor := await self._do(self._flush_call(prefix, cursor))) != b"0":
                pass

    # --- the same, with receipts ---

    async def post(self, channel: str, message: Mapping[str, Any]) -> Sent:
        """Send, and say what is in Redis now."""
        return await self._do(self._send_call(channel, message))

    async def post_group(self, group: str, message: Mapping[str, Any]) -> tuple[Sent | Skipped, ...]:
        """Send to a group, and say of each member what became of its copy. Atomic."""
        members = await self.group_channels(group) if self.channel_capacity else ()
        return await self._do(self._send_group_call(group, message, members))

    async def take(self, channels: Sequence[str], block: bool = False) -> Taken | None:
        """Look once for a message; None when there was nothing at all. Cancelled while waiting it may lose one."""
        if not channels:
            return None
        queues = self._queues(channels)
        taken = await self._do(self._receive_call(queues))
        if taken or not block:
            return taken
        place = await self._do(self._wait_call(queues))
        if place is None:
            return None
        return await self._do(self._take_call(*place))

    async def ping(self) -> None:
        """Ask whether Redis answers.

        Raises:
            RedisGone: it does not.
        """
        await self._do(self._ping_call())

    async def wake(self) -> None:
        """End every `take` of this layer that waits; no message is lost by it."""
        async with self._client() as other:
            with translated():
                for connection in await other.client_list():
                    if connection["name"] == self._options["client_name"]:
                        await other.client_unblock(int(connection["id"]))

    async def run_id(self) -> str:
        """Return the identity of the running Redis; another one than before means that its data is gone (S-11)."""
        return await self._do(command(lambda info: str(info["run_id"]), "INFO", "server"))

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    # --- Redis ---

    def _client(self) -> redis.asyncio.Redis:
        return redis.asyncio.Redis.from_url(self._url, retry=Retry(NoBackoff(), 0), **self._options)

    async def _do(self, call: Call[Result]) -> Result:
        with translated():
            try:
                reply = await self._redis.execute_command(*call.command)  # type: ignore[no-untyped-call]
            except redis.exceptions.NoScriptError:
                reply = await self._redis.execute_command(*call.first_time)  # type: ignore[no-untyped-call]
        return call.read(reply)
