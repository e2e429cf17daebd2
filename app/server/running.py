# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that counts only while the system runs: a freeze stops it, slow motion slows it down.

Nobody's clock is replaced, which would cost something for every message; whoever waits asks how much time was lost
meanwhile, and waits so much longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

LEAST = 0.1  # seconds that are waited more, at least

Result = TypeVar("Result")


class RunningTime:
    """How many seconds of a loop's time do not count."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rate = 1.0
        self._since = loop.time()
        self._lost = 0.0

    @property
    def lost(self) -> float:
        """How many so far."""
        return self._lost + (1.0 - self._rate) * (self._loop.time() - self._since)

    @property
    def stands_still(self) -> bool:
        """Whether it does now."""
        return self._rate == 0.0

    def set_rate(self, rate: float) -> None:
        """From now on each second counts as so many: 0 while the system stands still."""
        self._lost, self._since, self._rate = self.lost, self._loop.time(), rate

    def later(self, seconds: float, callback: Callable[[], object]) -> Later:
        """Call back once so many seconds have counted."""
        return Later(self, self._loop, seconds, callback)

    async def within(self, seconds: float, wait: Callable[[], Awaitable[Result]]) -> Result:
        """Return what `wait` waits for; it is called again when time was lost meanwhile.

        Raises:
            TimeoutError: so many seconds have counted.
        """
        while True:
            before = self.lost
            try:
                async with asyncio.timeout(seconds):
                    return await wait()
            except TimeoutError:
                if (missing := self.lost - before) <= 0:
                    raise
                seconds = max(missing, LEAST)


class Later:
    """Something to be called back; see `RunningTime.later`."""

    def __init__(
        self, time: RunningTime, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], object]
    ) -> None:
        self._time, self._loop, self._callback = time, loop, callback
        self._wait(seconds)

    def cancel(self) -> None:
        """Do not."""
        self._handle.cancel()

    def _wait(self, seconds: float) -> None:
        self._before = self._time.lost
        self._handle = self._loop.call_later(seconds, self._fire)

    def _fire(self) -> None:
        missing = self._time.lost - self._before
        if missing > 0:
            self._wait(max(missing, LEAST))
        else:
            self._callback()
