# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of Redis, slowed down: ten times a second every key of ours is given back what it aged too much.

Redis's own clock goes on at full speed, so each key has a little more to live than is left of its life: what it loses
too much until after the next look. Nothing expires too early for it, and what is due before that look gets the very
time after which it is to expire. So PTTL says up to 0.2 s too much, and never too little. A key that was made or
renewed between two looks is taken to be half as old as that, 0.05 s too old or too young at most, once; of a body it
is known how old it is, since its sending is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from app.events import Event
from app.layer import RedisGone
from app.layer.keys import Keys
from app.layer.upkeep import glob_of
from app.live.redis_admin import SLICE, RedisAdmin
from app.sources.tasks import end_tasks, kept

EACH = 0.1  # seconds between two looks
A_KEY = 40e-6  # seconds more between two looks for each key: Redis is to have time for others, however many there are
YOUTH = 10  # looks between two times that members of groups are made younger
SAME = 4.0  # milliseconds by which a time to live may differ from what it was set to, less what has passed since

# ARGV  1 cursor (0 to begin), 2 pattern, 3 how many keys to look at
# Returns {cursor, now in microseconds, {key, milliseconds left, ...}}
_LOOK = """
local time = redis.call('TIME')
local cursor, keys = unpack(redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3]))
local found = {}
for _, key in ipairs(keys) do
    local left = redis.call('PTTL', key)
    if left >= 0 then
        found[#found + 1] = key
        found[#found + 1] = left
    end
end
return {cursor, string.format('%.0f', time[1] * 1000000 + time[2]), found}
"""
# KEYS  any; ARGV  for each the milliseconds it had left when it was looked at, and those that it is to have.
# What was renewed or taken since is left alone.
_GIVE = """
for place, key in ipairs(KEYS) do
    local left, seen = redis.call('PTTL', key), tonumber(ARGV[2 * place - 1])
    if left >= 0 and left <= seen and left > seen - 1000 then
        redis.call('PEXPIRE', key, math.max(ARGV[2 * place] - (seen - left), 1))
    end
end
"""


class Life(NamedTuple):
    """What is left of a key's life, by the slow clock; the time to live it was given; and when, by Redis's clock."""

    left: float  # milliseconds, as is all here
    given: float
    at: float

    def is_as_given(self, pttl: float, passed: float) -> bool:
        """Whether nobody has renewed the key since."""
        return abs(self.given - passed - pttl) <= SAME


def aged(known: Life | None, pttl: float, now: float, since: float, speed: float) -> float:
    """Return what is left of a key that is looked at; what was made or renewed since the last look is half as old."""
    if known is not None and known.is_as_given(pttl, now - known.at):
        return known.left - speed * (now - known.at)
    return pttl + (1 - speed) * max(now - since, 0.0) / 2


def given(left: float, ahead: float, speed: float) -> float:
    """Return the time to live for a key that will be looked at again in less than `ahead`."""
    return max(min(left + (1 - speed) * ahead, left / speed), 1.0)


class SlowClock:
    """Of one Redis; at speed 1 it leaves it alone. Where Redis is away there is nothing to be slowed down."""

    def __init__(self, keys: Keys, emit: Callable[[Event], None]) -> None:
        self._keys, self._emit = keys, emit
        self._group = f"{keys.prefix}:group:".encode()
        self._admin: RedisAdmin | None = None
        self._lives: dict[bytes, Life] = {}
        self._bodies: dict[bytes, tuple[float, float]] = {}  # told of since the last look: when it was sent, its life
        self._since = 0.0  # when the last look began, by Redis's clock
        self._aged = 0.0  # until when the members of groups are as old as they should be
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self.speed = 1.0

    async def go(self, url: str, speed: float) -> None:
        """Let the clock of the Redis there go at this speed from now on."""
        async with self._turn:
            if speed == self.speed:
                return
            self._admin = self._admin or RedisAdmin(url)
            if self.speed == 1.0:
                self._aged = time.time()
            with suppress(RedisGone):
                await self._look(speed)
                await self._rejuvenate()
            self.speed = speed
            if speed == 1.0:
                await self._forget()
            elif self._task is None:
                self._task = kept(self._run(), "the slow clock of Redis", self._emit)

    async def close(self) -> None:
        """Leave Redis as it is."""
        async with self._turn:
            await self._forget()

    def sent(self, name: str, t: float, expiry: float) -> None:
        """A body was sent: so long it lives."""
        if self.speed != 1.0:
            self._bodies[name.encode()] = t, expiry

    def left_of(self, name: bytes, pttl: int) -> float | None:
        """Return the milliseconds a key has left by this clock, by what Redis says; None: that is right already."""
        life = self._lives.get(name)
        if life is None or not 0 <= life.given - pttl < 1000:  # renewed since, or not looked at for long
            return None
        return max(life.left - self.speed * (life.given - pttl), 0.0)

    # --- inside ---

    @property
    def _each(self) -> float:
        """Seconds between two looks."""
        return max(EACH, A_KEY * len(self._lives))

    async def _forget(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await end_tasks([task])
        self._lives.clear()
        self._bodies.clear()
        if self._admin is not None:
            await self._admin.close()
            self._admin = None

    async def _run(self) -> None:
        looks = 0
        while True:
            await asyncio.sleep(self._each)
            async with self._turn:
                looks += 1
                try:
                    await self._look(self.speed)
                    if looks % YOUTH == 0:
                        await self._rejuvenate()
                except RedisGone:
                    self._lives.clear()

    async def _look(self, speed: float) -> None:
        """Look at every key; from here on it ages at this speed."""
        assert self._admin is not None
        start, lives = 0.0, {}
        bodies, self._bodies = self._bodies, {}
        ahead = 2000 * self._each
        for prefix in (self._keys.prefix, self._keys.stats_prefix):
            cursor = 0
            while True:
                cursor, clock, found = await self._admin.run(_LOOK, (), cursor, glob_of(prefix), SLICE)
                now, cursor = int(clock) / 1000, int(cursor)
                start = start or now
                wanted = []
                for name, pttl in zip(found[0::2], map(int, found[1::2]), strict=True):
                    if name not in lives:  # SCAN may name a key twice
                        left = aged(self._lives.get(name), pttl, now, self._since or now, self.speed)
                        if name in bodies:
                            t, expiry = bodies[name]
                            left = 1000 * expiry - self.speed * (now - 1000 * t)
                        lives[name] = Life(left, int(given(left, ahead, speed)), now)
                        wanted.append((name, pttl, int(lives[name].given)))
                if wanted:
                    words = [word for _, *pair in wanted for word in pair]
                    await self._admin.run(_GIVE, [name for name, *_ in wanted], *words)
                if cursor == 0:
                    break
        self._lives, self._since = lives, start

    async def _rejuvenate(self) -> None:
        """Let the members of groups age as slowly."""
        assert self._admin is not None
        now = time.time()
        groups = [name for name in self._lives if name.startswith(self._group)]
        await self._admin.rejuvenate(groups, (1 - self.speed) * (now - self._aged), now)
        self._aged = now
