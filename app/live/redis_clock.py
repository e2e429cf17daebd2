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

from app.layer.keys import Keys
from app.layer.upkeep import glob_of
from app.live.redis_admin import SLICE, RedisAdmin

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
        self._admin = RedisAdmin(url)
        self._left: dict[bytes, int] = {}  # key -> milliseconds
        self._aged = 0.0  # until when the members of groups are as old as they should be

    async def stop(self) -> None:
        """Stop all keys under our two prefixes."""
        self._aged = time.time()
        for prefix in (self._keys.prefix, self._keys.stats_prefix):
            cursor: Any = 0
            while True:
                cursor, noted = await self._admin.run(_STOP_SLICE, (), cursor, glob_of(prefix), SLICE)
                self._note(noted)
                if int(cursor) == 0:
                    break

    async def stop_these(self, names: Iterable[str]) -> None:
        """Stop keys that were made, or given a new life, after the others had been stopped."""
        _, noted = await self._admin.run(_STOP_THESE, list(names))
        self._note(noted)

    async def go_on(self) -> None:
        """Give every key back what was left."""
        await self.rejuvenate()
        waiting = iter(self._left.items())
        while some := list(islice(waiting, SLICE)):
            await self._admin.run(_GO_ON, [name for name, _ in some], *(left for _, left in some))
        self._left.clear()

    async def rejuvenate(self) -> None:
        """Let the members of groups be no older than when the clock stopped."""
        start = f"{self._keys.prefix}:group:".encode()
        groups = [name for name in self._left if name.startswith(start)]
        now = time.time()
        await self._admin.rejuvenate(groups, now - self._aged, now)
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
        found: list[int] = await self._admin.run(_LENGTHS, queues)
        return found

    async def close(self) -> None:
        """Hang up."""
        await self._admin.close()

    def _note(self, noted: list[Any]) -> None:
        self._left.update(zip(noted[0::2], map(int, noted[1::2]), strict=True))
