# SPDX-License-Identifier: GPL-3.0-or-later
"""What a herd of bots cost: its own figures with Redis's beside them, and two runs compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from app.events import BotsCompared, BotsCounted, Event

if TYPE_CHECKING:
    import redis.asyncio

SAME = 1.15  # times a delay that is called the same


class Herding:
    """Gives figures that a herd tells to `emit`, in their order."""

    def __init__(self, url: str, emit: Callable[[Event], None]) -> None:
        self._url, self._emit = url, emit
        self._told: asyncio.Queue[BotsCounted] = asyncio.Queue()

    def tell(self, event: Event) -> None:
        """Take what the process of the bots says."""
        if isinstance(event, BotsCounted):
            self._told.put_nowait(event)
        else:
            self._emit(event)

    async def run(self) -> BotsCounted:
        """Until the herd is over; returns the figures of all of it."""
        import redis.asyncio  # a window does not wait for it (docs/decisions/0001-what-is-late.md)

        async with redis.asyncio.Redis.from_url(self._url, socket_timeout=2.0) as client:
            first = last = await _operations(client)
            while True:
                event = await self._told.get()
                now = await _operations(client)
                event = replace(event, operations=max(now - (first if event.is_over else last), 0))
                last = now
                self._emit(event)
                if event.is_over:
                    return event


def compare(before: BotsCounted, after: BotsCounted) -> BotsCompared | None:
    """Compare two runs of as many bots that drew at different paces; None where that says nothing."""
    if (before.count, before.page, after.page) != (after.count, "draw", "draw") or before.pace == after.pace:
        return None
    messages, sent = _share(before, after, "sent"), _share(before, after, "bytes_sent")
    return BotsCompared(
        t=time.time(), source="lab", count=after.count, pace_before=before.pace, pace=after.pace, messages=messages,
        bytes=sent, operations=_share(before, after, "operations"), delay=_delay(before.delay_p50, after.delay_p50),
        bytes_fell="not" if sent > 0.95 else "as much" if sent < messages * 1.1 else "less",
    )  # fmt: skip


def _share(before: BotsCounted, after: BotsCounted, name: str) -> float:
    then, now = (float(getattr(one, name)) / max(one.seconds, 0.001) for one in (before, after))
    return round(now / max(then, 0.001), 2)


def _delay(before: float, after: float) -> Literal["less", "same", "more"]:
    return "less" if after * SAME < before else "more" if after > before * SAME else "same"


async def _operations(client: redis.asyncio.Redis) -> int:
    """Return how many commands Redis has run; 0 where it does not say."""
    from redis import RedisError

    try:
        said = await client.info("commandstats")
    except RedisError:
        return 0
    return sum(one["calls"] for one in said.values())
