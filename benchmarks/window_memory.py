# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of the window's process while it looks on at a live system under load."""

from __future__ import annotations

import statistics
import time

import psutil
from window_frames import Looker, on_load

LOOK = 5.0  # seconds between two looks at memory


def grow(seconds: float, rate: float) -> float:
    """Print the memory of the window's process while it looks on; return its growth in the second half, as a share.

    It is that of the line that fits best. The index has its full size before: with this load it would take a quarter
    of an hour to get it, and takes as long to be the load's own.
    """
    looker, seen = Looker(), []
    print(f"  before that {own_memory():7.1f} MB; index and Wire table are filled to the limit")
    looker.fill()
    print(f"{rate:.0f} frames/s from clients, each echoed by a worker, for {seconds / 60:g} minutes")
    began = time.perf_counter()
    with on_load(rate, seconds + 60, looker.port, "/echo/"):
        while (age := time.perf_counter() - began) < seconds:
            looker.rest(LOOK)
            store, size = looker.window.live.store, own_memory()
            index, kept = looker.lab.index, store.end - store.start
            seen.append((age, size, len(index)))
            frames = f"{len(index):,} frames, {index.dropped:,} fell off"
            if age * 30 // seconds > (seen[-2][0] if len(seen) > 1 else -1.0) * 30 // seconds:
                print(f"  {age / 60:5.1f} min {size:7.1f} MB, {frames}; {kept:,} events", flush=True)
    print(f"  {looker.state.events_dropped:,} observations dropped")
    looker.close()
    times, sizes, _ = zip(*seen[len(seen) // 2 :], strict=True)
    line = statistics.linear_regression(times, sizes)
    return line.slope * (times[-1] - times[0]) / statistics.mean(sizes)


def own_memory() -> float:
    """Return the MB that are this process's own.

    Pages of libraries are not: 40 MB of them count as private only while no other process has them too (USS does that),
    so that it would matter who else starts Qt meanwhile.
    """
    now = psutil.Process().memory_info()
    return (now.rss - now.shared) / 2**20
