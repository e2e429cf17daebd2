# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of benchmarks/soak.py: sockets that echo and sockets in a room, at a steady rate until told to stop.

One JSON command on the command line: {"url", "echoes", "room", "rates": [echoes/s, room/s] or null, "minute"}. Without
rates it keeps one echo of each socket and 8 messages of the room under way, for the greatest rates there are. Prints a
JSON line for each `minute` (seconds), with what it counted since the line before. When stdin ends it stops sending,
waits for what is under way, lets every socket send once more and wait for just that, and prints a last line.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import os
import sys
import time
from collections import Counter

import uvloop
from ws_load import Client, Load, now

SIZE = 125
STEP = math.log(1.05)  # a bucket of delays is 5 % wide
TURN = 0.02  # seconds between two batches of a steady rate
QUIET = 3.0  # seconds without a delivery: nothing is under way any more
PATIENCE = 20.0  # seconds that each socket has to answer at the end


def bucket_of(seconds: float) -> int:
    """Return the bucket of a delay, in steps of 5 % from 1 µs."""
    return round(math.log(max(seconds, 1e-6) * 1e6) / STEP)


def seconds_of(bucket: int) -> float:
    """Return the delay that a bucket stands for."""
    return math.exp(bucket * STEP) / 1e6


class Steady(Load):
    """Connections of one path; delays are counted by bucket, and by connection what came.

    `copies`: how many frames come back for each that is sent.
    """

    def __init__(self, url: str, mode: str, copies: int = 1) -> None:
        super().__init__(url, mode, SIZE)
        self.copies = copies
        self.buckets: Counter[int] = Counter()
        self.came: Counter[Client] = Counter()
        self.newest = now()
        self._next = itertools.count()

    def delivered(self, client: Client, frame: bytes) -> None:
        """A frame came."""
        super().delivered(client, frame)
        self.newest = now()
        self.came[client] += 1
        self.buckets[bucket_of((time.monotonic_ns() - int(frame[2:21])) / 1e9)] += 1

    async def keep(self, rate: float) -> None:
        """Send at a rate, one socket after the other; what the loop was late with is sent at once."""
        begin, sent = now(), 0
        while self.is_running:
            await asyncio.sleep(TURN)
            for _ in range(int((now() - begin) * rate) - sent):
                sent += 1
                self.sent += 1
                self.clients[next(self._next) % len(self.clients)].send()

    def greatest(self) -> None:
        """Begin what keeps itself going as fast as it can."""
        if self.mode == "flood":
            self.fill()
        else:
            for client in self.clients:
                client.send()

    def counted(self) -> dict:
        """Return what was counted since the last time."""
        buckets, self.buckets = self.buckets, Counter()
        return {"sent": self.sent, "got": self.count, "lost": self.lost, "buckets": buckets}

    async def stuck(self) -> int:
        """Let each socket send once and wait for it; return how many got nothing."""
        lost = self.lost
        while now() < self.newest + QUIET:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        self.came.clear()
        for client in self.clients:
            self.sent += 1
            client.send()
        end = now() + PATIENCE
        while now() < end and any(self.came[client] < self.copies for client in self.clients):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return (
            sum(self.came[client] < self.copies for client in self.clients) if lost == self.lost else len(self.clients)
        )


async def told_to_stop() -> None:
    """Wait until stdin ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def work(url: str, echoes: int, room: int, rates: list[float] | None, minute: float) -> None:
    """Load until told to stop."""
    modes = ("echo", "flood") if rates is None else ("steady", "steady")
    loads = {"echo": Steady(f"{url}/echo/", modes[0]), "room": Steady(f"{url}/room/", modes[1], room)}
    await loads["echo"].connect(echoes)
    await loads["room"].connect(room)
    tasks = []
    for load, rate in zip(loads.values(), rates or (0, 0), strict=True):
        if rates is None:
            load.greatest()
        else:
            tasks.append(asyncio.create_task(load.keep(rate)))
    stopping = asyncio.create_task(told_to_stop())
    while not stopping.done():
        await asyncio.wait([stopping], timeout=minute)
        print(json.dumps({name: load.counted() for name, load in loads.items()}), flush=True)
    for load in loads.values():
        load.is_running = False
    await asyncio.gather(*tasks)
    stuck = {name: await load.stuck() for name, load in loads.items()}
    print(json.dumps({name: {**load.counted(), "stuck": stuck[name]} for name, load in loads.items()}), flush=True)


if __name__ == "__main__":
    os.nice(10)
    uvloop.run(work(**json.loads(sys.argv[1])))
