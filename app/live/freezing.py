# SPDX-License-Identifier: GPL-3.0-or-later
"""The live system stands still, goes on, goes slowly, or makes one step: gates in the processes, and Redis's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from app import events as e
from app import orders
from app.layer.keys import Keys
from app.live.delays import Delays, Move
from app.live.hearing import Hearing
from app.live.room import Inviting
from app.live.stepping import Steps
from app.settings import STATS_PREFIX
from app.sources.crew import Crew
from app.sources.processes import ChildProcess

if TYPE_CHECKING:
    from app.live.redis_clock import RedisClock
    from app.live.slow_clock import SlowClock

LATE = 0.02  # seconds between two times that keys made by a step are stopped
SLOWEST, FASTEST = 0.01, 1.0
NOT_OURS = "this Redis was not started by the program, so its clock is left alone"
INVITED = "workers of other machines are invited, and nobody can hold those: close the invitation first"
NOT_FROZEN = "nothing is held: freeze first"


class CannotFreeze(Exception):
    """It cannot be frozen, or no step can be made; the text says why."""


class Freezing:
    """Whether the system stands still, and how fast it goes; all gates of the processes obey.

    Args:
        server: the interface server.
        crew: the workers.
        inviting: guests cannot be held.
        emit: takes events.
        prefix: what the keys of the layer begin with.
    """

    def __init__(
        self, server: ChildProcess, crew: Crew, inviting: Inviting, emit: Callable[[e.Event], None], prefix: str
    ) -> None:
        self._server, self._crew, self._inviting, self._emit = server, crew, inviting, emit
        self.url = ""  # Redis, for a user who may do everything; "": it is not ours
        self._keys = Keys(prefix, STATS_PREFIX)
        self._hearing = Hearing(server, crew, e.GatesSet)
        self._turn = asyncio.Lock()  # one change at a time
        self._clock: RedisClock | None = None  # stopped; None: it goes
        self._since = 0.0
        self._slow: SlowClock | None = None  # made when it is needed for the first time
        self._steps = Steps(server, crew)
        self._delays = Delays(crew)
        self._touched: set[str] = set()  # keys that live anew since the clock stopped
        self._stopping: asyncio.Task[None] | None = None
        self.speed = 1.0

    @property
    def is_frozen(self) -> bool:
        """Whether the system stands still."""
        return self._clock is not None

    @property
    def refusal(self) -> str:
        """Why it cannot be frozen, "" when it can."""
        return INVITED if self._inviting.is_open else "" if self.url else NOT_OURS

    @property
    def options(self) -> list[str]:
        """The options of processes that start now."""
        return [*(["--frozen"] if self.is_frozen else []), "--speed", f"{self.speed:g}"]

    # --- verbs ---

    async def freeze(self) -> None:
        """Hold everything, and stop Redis's clock. Raises CannotFreeze."""
        from app.layer import RedisGone  # redis-py takes longer to import than a window to start
        from app.live.redis_clock import RedisClock

        async with self._turn:
            if self.is_frozen:
                return
            if reason := self.refusal:
                raise CannotFreeze(reason)
            clock = self._clock = RedisClock(self.url, self._keys)
            await self._hearing.tell(orders.SetGates(True, self.speed))
            try:
                await self._pace(1.0)
                await clock.stop()
            except RedisGone as error:
                self._clock = None
                await clock.close()
                await self._pace(self.speed)
                await self._hearing.tell(orders.SetGates(False, self.speed))
                raise CannotFreeze(f"Redis does not answer, so its clock cannot be stopped: {error}") from error
            self._since = time.time()
            self._emit(e.Frozen(t=self._since, source="lab"))

    async def thaw(self) -> None:
        """Let Redis's clock go on, then everything."""
        from app.layer import RedisGone

        async with self._turn:
            if self._clock is None:
                return
            with suppress(RedisGone):  # and all keys with it
                if self._stopping:  # nothing may be stopped after the others went on
                    await self._stopping
                await self._stop_touched()
                await self._clock.go_on()
            await self._end_freeze()
            await self._pace(self.speed)
            await self._delays.settle()
            await self._hearing.tell(orders.SetGates(False, self.speed))

    async def set_speed(self, speed: float) -> None:
        """Hold every message at every gate so long that it goes at this speed, or none at 1; so goes Redis's clock.

        Raises CannotFreeze.
        """
        async with self._turn:
            if not SLOWEST <= speed <= FASTEST:
                raise CannotFreeze(f"the live system goes at a speed from {SLOWEST:g} to {FASTEST:g}, not {speed:g}")
            is_slower = speed < self.speed
            self._turn_to(speed)
            if not self.is_frozen:
                await self._pace(speed)
            self._emit(e.SpeedSet(t=time.time(), source="lab", speed=speed, redis=speed if self.url else 1.0))
            if is_slower:  # what is delayed between these two may come early, but not be slowed down twice
                await self._delays.settle()
            await self._hearing.tell(orders.SetGates(self.is_frozen, speed))
            await self._delays.settle()

    async def forget(self) -> None:
        """Everything begins anew: what is held is thrown away, and everything goes as usual."""
        async with self._turn:
            if self.is_frozen or self.speed != 1.0:
                self._turn_to(1.0)
                await self._end_freeze()
                await self._pace(1.0)
                await self._hearing.tell(orders.SetGates(forgets=True))
                self._emit(e.SpeedSet(t=time.time(), source="lab", speed=1.0))

    async def step(self, gate: str = "", number: int = 0, channel: str = "", holder: str = "") -> None:
        """Let one message pass one gate: the one that is named, or the one that is furthest on its way.

        Args:
            gate: only there.
            number: of a held message.
            channel: of it; at "receive" the one to take from.
            holder: the process.

        Raises:
            CannotFreeze: nothing is held, or nothing that was named.
        """
        from app.layer import RedisGone

        async with self._turn:
            if self._clock is None:
                raise CannotFreeze(NOT_FROZEN)
            with suppress(RedisGone):
                await self._clock.rejuvenate()
                if await self._steps.make(self._clock, gate, number, channel, holder):
                    return
            named = (gate and f"at the gate {gate}", channel and f"on {channel}", holder and f"of {holder}")
            raise CannotFreeze(" ".join(("nothing is held", *filter(None, named))))

    async def close(self) -> None:
        """The lab ends, frozen or not: the private Redis ends too."""
        if self._stopping:
            self._stopping.cancel()
        self._turn_to(1.0)
        await self._end_freeze()
        await self._delays.settle()
        if self._slow is not None:
            await self._slow.close()

    # --- what the others ask and tell ---

    def left_of(self, name: bytes, pttl: int) -> float:
        """Return the seconds that a key has left where Redis says so many milliseconds; -1: it stays."""
        if self._clock is not None and pttl < 0 and (left := self._clock.left_of(name)) is not None:
            return left
        if self._slow is not None and pttl >= 0 and (slow := self._slow.left_of(name, pttl)) is not None:
            return slow / 1000
        return pttl / 1000 if pttl >= 0 else -1.0

    def notice(self, event: e.Event) -> bool:
        """Learn from an event; returns whether it is for us alone."""
        self._steps.notice(event)
        if self._hearing.notice(event) or self._delays.notice(event):
            return True
        match event:
            case e.MessagesWiped() if self._clock is not None:
                self._clock.forget()
            case e.MessageSent() if self._clock is not None:
                keys, queue = self._keys, event.channel
                self._touch(keys.body(event.key), keys.queue(queue), *keys.counters(queue), *keys.layer_counters)
            case e.MessageSent() if self._slow is not None:
                self._slow.sent(self._keys.body(event.key), event.t, event.expiry)
            case e.GroupAdded() if self._clock is not None:
                self._touch(self._keys.group(event.group))
        return False

    def server_ended(self) -> None:
        """What it held is gone."""
        self._steps.forget("server")

    # --- inside ---

    def _turn_to(self, speed: float) -> None:
        self._delays.owe(Move.stretched(self._since if self.is_frozen else time.time(), self.speed / speed))
        self.speed = speed

    async def _pace(self, speed: float) -> None:
        """Let the clock of Redis go at a speed; one that is not ours is left alone."""
        if self.url and (self._slow or speed != 1.0):
            from app.live.slow_clock import SlowClock

            self._slow = self._slow or SlowClock(self._keys, self._emit)
            await self._slow.go(self.url, speed)

    async def _end_freeze(self) -> None:
        clock, self._clock = self._clock, None
        if clock is not None:
            now = time.time()
            self._emit(e.Thawed(t=now, source="lab", seconds=now - self._since))
            self._delays.owe(Move.later(now - self._since))
            await clock.close()

    def _touch(self, *names: str) -> None:
        """A step gave these keys a life; the clock stands still for them too, in a moment."""
        self._touched.update(names)
        if self._stopping is None or self._stopping.done():
            self._stopping = asyncio.create_task(self._stop_touched())

    async def _stop_touched(self) -> None:
        from app.layer import RedisGone

        await asyncio.sleep(LATE)
        names, self._touched = self._touched, set()
        with suppress(RedisGone):
            if names and self._clock is not None:
                await self._clock.stop_these(names)
