# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that one Redis runs for a user who may do everything; what both its clocks need, the stopped and the slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.layer import RedisGone

SLICE = 2000  # keys that one script looks at; it takes Redis a few milliseconds

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


class RedisAdmin:
    """A connection; whatever is asked raises RedisGone when Redis does not answer."""

    def __init__(self, url: str) -> None:
        self._redis: Any = redis.asyncio.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=5.0)

    async def run(self, script: str, keys: Sequence[Any] = (), *args: Any) -> Any:
        """Run a script."""
        try:
            return await self._redis.eval(script, len(keys), *keys, *args)
        except (redis.RedisError, OSError) as error:
            raise RedisGone(str(error)) from error

    async def rejuvenate(self, groups: Sequence[bytes], seconds: float, now: float) -> None:
        """Let the members of groups be so much younger."""
        if groups:
            await self.run(_REJUVENATE, groups, f"{seconds:.6f}", f"{now:.6f}")

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()
