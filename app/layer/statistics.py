# SPDX-License-Identifier: GPL-3.0-or-later
"""The statistics extension of ASGI 1.x: all six values, for one channel and for the whole layer.

`messages_count` counts sends, not deliveries (as asgi_redis). What waits is counted without ghosts: unlike LLEN, and
unlike asgi_redis, which fails on a ghost at the head of a queue. Per-second values are those of the last ten seconds
in which somebody asked: 0.0 when asked for the first time.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from app.layer import names
from app.layer.rules import Rules
from app.layer.trips import Script, Steps, plain, run
from app.layer.upkeep import glob_of

Figures = dict[str, int | float]

WINDOW = 10.0  # seconds back that a rate looks at most

_STATISTICS, _QUEUES = Script.named("statistics"), Script.named("queues")


class Rate:
    """How fast a counter grows, from looks at it."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque()

    def of(self, count: int, now: float) -> float:
        """Return the growth per second since the oldest look within the window."""
        self._looks.append((now, count))
        while now - self._looks[0][0] > WINDOW and len(self._looks) > 2:
            self._looks.popleft()
        then, before = self._looks[0]
        return max(0.0, (count - before) / (now - then)) if now > then else 0.0


class Statistics:
    """The operations that count; remembers earlier counts for the rates."""

    def __init__(self, rules: Rules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._rates: dict[str, tuple[Rate, Rate]] = {}

    def of_channel(self, channel: str) -> Steps[Figures]:
        """Return the figures of one channel; all channels under one `prefix!` are one."""
        queue = names.queue_of(names.check_channel(channel))
        sent, full, pending, oldest = 0, 0, 0, 0.0
        for shard in self._rules.ring.all_of(queue):
            keys = (self._rules.keys.queue(queue), *self._rules.keys.counters(queue))
            mine, refused, live, left = yield run(shard, _STATISTICS, keys, self._rules.keys.prefix)
            sent, full, pending = sent + mine, full + refused, pending + live
            oldest = max(oldest, self._age(left))
        return self._figures(queue, sent, full, pending, oldest)

    def of_layer(self) -> Steps[Figures]:
        """Return the figures of all channels together; looks through all keys, in slices."""
        sent, full, pending, oldest = 0, 0, 0, 0.0
        for shard in range(self._rules.ring.count):
            counts = yield plain(shard, "MGET", *self._rules.keys.layer_counters)
            sent, full = sent + int(counts[0] or 0), full + int(counts[1] or 0)
            for queue in (yield from self._queues(shard)):
                _, _, live, left = yield run(shard, _STATISTICS, (queue, b"", b""), self._rules.keys.prefix)
                pending, oldest = pending + live, max(oldest, self._age(left))
        return self._figures("#global#", sent, full, pending, oldest)

    def _queues(self, shard: int) -> Steps[set[bytes]]:
        queues: set[bytes] = set()
        cursor = b"0"
        while True:
            cursor, *found = yield run(shard, _QUEUES, (), cursor, glob_of(self._rules.keys.prefix))
            queues.update(found)
            if cursor == b"0":
                return queues

    def _age(self, left: int) -> float:
        """Return the age in seconds of a message that has so many milliseconds left (-1: none waits)."""
        return max(0.0, self._rules.expiry - left / 1000) if left >= 0 else 0.0

    def _figures(self, name: str, sent: int, full: int, pending: int, oldest: float) -> Figures:
        sends, refusals = self._rates.setdefault(name, (Rate(), Rate()))
        now = self._clock()
        return {
            "messages_count": sent,
            "messages_count_per_second": sends.of(sent, now),
            "messages_pending": pending,
            "messages_max_age": oldest,
            "channel_full_count": full,
            "channel_full_count_per_second": refusals.of(full, now),
        }
