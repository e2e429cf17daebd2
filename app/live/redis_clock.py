# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of Redis, stopped: every key of ours keeps what is left of its life until the clock goes on.

Redis has no such clock to stop. So each key's PTTL is noted and its expiry taken off (PERSIST), in one script for many
keys; later each is given its remainder. Keys that got another time to live meanwhile, from others, keep that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.layer import RedisGone
from app.layer.keys import Keys
from app.layer.upkeep import glob_of

SLICE = 2000  # keys that one script stops or starts; it takes Redis a few milliseconds

_NOTE = """
local noted = {}
for _, key in ipairs(keys) do
    local left = redis.call('PTTL', key)
    if left >= 0 then
        redis.call('PERSIST', key)
        noted[#noted + 1] = key
        noted[#noted + 1] = left
    end
end
return {cursor, noted}
"""
# ARGV  1 cursor (0 to begin), 2 pattern, 3 how many keys to look at
_STOP_SLICE = "local cursor, keys = unpack(redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3]))" + _NOTE
# KEYS  any
_STOP_THESE = "local cursor, keys = '0', KEYS" + _NOTE
# KEYS  any; ARGV  milliseconds each had left
_GO_ON = """
for place, key in ipairs(KEYS) do
    if redis.call('PTTL', key) == -1 then
        redis.call('PEXPIRE', key, ARGV[place])
    end
end
"""
# KEYS  groups; ARGV  1 seconds that did not count, 2 now. Who joined in the meantime has not aged at all.
_REJUVENATE = """
for _, key in ipairs(KEYS) do
    if redis.call('TYPE', key).ok == 'zset' then
        local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
        for place = 1, #members, 2 do
            local joined = math.min(tonumber(members[place + 1]) + tonumber(ARGV[1]), tonumber(ARGV[2]))
            redis.call('ZADD', key, string.format('%.6f', joined), members[place])
        end
    end
end
"""
_LENGTHS = """
local lengths = {}
for place, key in ipairs(KEYS) do
    lengths[place] = redis.call('LLEN', key)
end
return lengths
"""


class RedisClock:
    """Of one Redis, for a user who may do everything; it knows only what it stopped itself.

    What asks Redis raises RedisGone when it does not answer.
    """

    def __init__(self, url: str, keys: Keys) -> None:
        self._keys = keys
        self._redis: Any = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=5.0)
        self._left: dict[bytes, int] = {}  # key -> milliseconds
        self._aged = 0.0  # until when the members of groups are as old as they should be

    async def stop(self) -> None:
        """Stop all keys under our two prefixes."""
        self._aged = time.time()
        for prefix in (self._keys.prefix, self._keys.stats_prefix):
            cursor: Any = 0
            while True:
                cursor, noted = await self._eval(_STOP_SLICE, 0, cursor, glob_of(prefix), SLICE)
                self._note(noted)
                if int(cursor) == 0:
                    break

    async def stop_these(self, names: Iterable[str]) -> None:
        """Stop keys that were made, or given a new life, after the others had been stopped."""
        names = list(names)
        _, noted = await self._eval(_STOP_THESE, len(names), *names)
        self._note(noted)

    async def go_on(self) -> None:
        """Give every key back what was left."""
        await self.rejuvenate()
        waiting = iter(self._left.items())
        while some := list(islice(waiting, SLICE)):
            await self._eval(_GO_ON, len(some), *(name for name, _ in some), *(left for _, left in some))
        self._left.clear()

    async def rejuvenate(self) -> None:
        """Let the members of groups be no older than when the clock stopped."""
        start = f"{self._keys.prefix}:group:".encode()
        groups = [name for name in self._left if name.startswith(start)]
        now = time.time()
        if groups:
            await self._eval(_REJUVENATE, len(groups), *groups, f"{now - self._aged:.6f}", f"{now:.6f}")
        self._aged = now

    def forget(self) -> None:
        """Redis was emptied: there is nothing to give back."""
        self._left.clear()

    def left_of(self, name: bytes) -> float | None:
        """Return the seconds that a stopped key has left, None for one that was not stopped."""
        left = self._left.get(name)
        return None if left is None else left / 1000

    async def lengths(self, channels: list[str]) -> list[int]:
        """Return how many entries each channel's queue has."""
        queues = [self._keys.queue(channel) for channel in channels]
        found: list[int] = await self._eval(_LENGTHS, len(queues), *queues)
        return found

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    async def _eval(self, script: str, count: int, *words: Any) -> Any:
        """Run a script; raises RedisGone."""
        try:
            return await self._redis.eval(script, count, *words)
        except (redis.RedisError, OSError) as error:
            raise RedisGone(str(error)) from error

    def _note(self, noted: list[Any]) -> None:
        self._left.update(zip(noted[0::2], map(int, noted[1::2]), strict=True))
