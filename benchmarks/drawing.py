# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing together costs at every setting of the slider: messages, bytes, Redis operations, delay, fates.

The whole live system (3 workers, everything observed) and bots in a process of their own, on this machine. Prints a
Markdown table. Options: --bots 1,10,50 --paces 0,60,30,10 --seconds 4 --workers 3 --capacity 100
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).parent.parent))

from app.entities import Fate
from tests.live_fixture import live_lab
from tests.redis_fixture import real_redis

COLUMNS = (
    "bots", "pace", "sent/s", "got/s", "kB/s up", "kB/s down", "Redis ops/s", "ops a message", "delay ms", "99 %",
    "sockets lost", "fates that are not delivered",
)  # fmt: skip


def operations(client) -> int:
    """Return how many commands Redis has run, those of scripts too."""
    return sum(one["calls"] for one in client.info("commandstats").values())


def measure(live, client, count: int, pace: int, seconds: float) -> list[object]:
    """Return a line of the table."""
    done = live.lab.set_up()
    live.until(done.done, "a new run", 30)
    live.until_working(live.lab.settings.workers)
    ops = operations(client)
    command = [sys.executable, "main.py", "bots", "--json", "--address", live.lab.address, "--count", str(count)]
    process = subprocess.Popen(
        [*command, "--pace", str(pace), "--seconds", str(seconds)], cwd=ROOT, stdout=subprocess.PIPE
    )
    live.until(lambda: process.poll() is not None, "the bots are done", 60 + seconds)
    whole = json.loads(process.stdout.read())
    live.quiet()
    ops = operations(client) - ops
    fates = {fate.name.lower(): n for fate, n in live.state.fates.items() if n and fate is not Fate.DELIVERED}
    fates |= {"refused": live.state.refused} if live.state.refused else {}
    per = 1 / whole["seconds"]
    figures = [whole["sent"] * per, whole["received"] * per, whole["bytes_sent"] * per / 1000]
    figures += [whole["bytes_received"] * per / 1000, ops * per, ops / max(whole["sent"], 1)]
    delays = [f"{whole[name] * 1000:.0f}" for name in ("delay_p50", "delay_p99")]
    lost = ", ".join(whole["closed"]) + (f" after {whole['seconds']:.1f} s" if whole["closed"] else "")
    return [count, pace or "every move", *(f"{figure:.0f}" for figure in figures), *delays, lost or "–", fates or "–"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bots", default="1,10,50")
    parser.add_argument("--paces", default="0,60,30,10")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--capacity", type=int, default=100)
    args = parser.parse_args()
    print("|", " | ".join(COLUMNS), "|\n|", " | ".join("---" for _ in COLUMNS), "|", flush=True)
    with (
        real_redis() as server,
        server.client() as client,
        live_lab(workers=args.workers, capacity=args.capacity, redis=server.url) as live,
    ):
        live.until_working(args.workers)
        for count in map(int, args.bots.split(",")):
            for pace in map(int, args.paces.split(",")):
                line = measure(live, client, count, pace, args.seconds)
                print("|", " | ".join(map(str, line)), "|", flush=True)


if __name__ == "__main__":
    main()
