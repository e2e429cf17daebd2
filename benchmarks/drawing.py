# SPDX-License-Identifier: GPL-3.0-or-later
"""What drawing together costs at every setting of the slider: messages, bytes, Redis operations, delay, fates.

Bots in a process of their own. With `--bare` server and workers are told to nobody who understands them, which shows
what the path itself bears; without, the lab decodes everything and every message's fate is counted. Prints a Markdown
table. Options: --bots 1,10,50 --paces 0,60,30,10 --seconds 4 --workers 3 --capacity 100 --bare
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import msgspec
from serving import ROOT, free_port, observed, running, until_open

from app.entities import Fate
from app.events import BotsCounted
from app.layer import RedisChannelLayer
from app.ledger import ledger
from app.state import State
from tests.live_fixture import live_lab
from tests.redis_fixture import real_redis

COLUMNS = (
    "bots", "pace", "sent/s", "got/s", "kB/s up", "kB/s down", "Redis ops/s", "ops a message", "delay ms", "99 %",
    "sockets lost", "fates that are not delivered",
)  # fmt: skip
Bots = Callable[[str], BotsCounted]  # given the pages' address


@contextmanager
def with_lab(redis_url: str, args: argparse.Namespace) -> Iterator[Callable[[Bots], tuple[BotsCounted, object]]]:
    """Yield a function that lets bots run on the live system, all of it observed."""
    with live_lab(workers=args.workers, capacity=args.capacity, redis=redis_url) as live:

        def run(bots: Bots) -> tuple[BotsCounted, object]:
            done = live.lab.set_up()
            live.until(done.done, "a new run", 30)
            live.until_working(args.workers)
            whole = bots(live.lab.address)
            live.until(lambda: not any_open(live.state), "every message has its fate", 60)
            tried = attempts(redis_url)
            with suppress(AssertionError):  # then the line says how much is missing
                live.until(lambda: sum(ledger(live.state).values()) == tried, "all is told", 30)
            return whole, fates_of(live.state, tried)

        yield run


@contextmanager
def bare(redis_url: str, args: argparse.Namespace) -> Iterator[Callable[[Bots], tuple[BotsCounted, object]]]:
    """Yield the same on a server and workers whose events are read by `cat`."""
    with ExitStack() as stack:
        port, folder = free_port(), stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["CHANNELSCOPE_DATA"] = folder
        subprocess.run([sys.executable, "-m", "app.demo.prepare"], cwd=ROOT, check=True)
        layer = ["--redis", redis_url, "--capacity", args.capacity]
        demo = ["--settings", "app.demo.settings", "--routing", "app.demo.routing.channel_routing"]
        stack.enter_context(observed([sys.executable, "-m", "app.server", "--port", port, *layer]))
        for _ in range(args.workers):
            stack.enter_context(observed([sys.executable, "-m", "app.worker", *demo, *layer]))
        until_open(port)
        yield lambda bots: (bots(f"http://127.0.0.1:{port}"), "")


def attempts(redis_url: str) -> int:
    """Return how many messages were sent or refused, as Redis counted them."""
    layer = RedisChannelLayer(hosts=[redis_url])
    counted = layer.global_statistics()
    layer.close()
    return int(counted["messages_count"] + counted["channel_full_count"])


def fates_of(state: State, tried: int) -> str:
    """Return the ledger without what was delivered, and its sum beside what Redis counted."""
    told = ledger(state)
    others = [f"{n} {name}" for name, n in told.items() if n and name != Fate.DELIVERED.value]
    return f"{', '.join(others) or 'none'}; {sum(told.values())} fates for {tried} attempts"


def any_open(state) -> bool:
    """Whether a message has no fate yet."""
    return any(fate.is_open and n for fate, n in state.fates.items())


def operations(client) -> int:
    """Return how many commands Redis has run, those of scripts too."""
    return sum(one["calls"] for one in client.info("commandstats").values())


def bots_of(count: int, pace: int, seconds: float) -> Bots:
    """Return what runs so many bots and returns their figures."""
    options = {"--count": count, "--pace": pace, "--seconds": seconds}

    def run(address: str) -> BotsCounted:
        command = [sys.executable, "main.py", "bots", "--json", "--address", address]
        with running([*command, *(word for pair in options.items() for word in pair)], stdout=subprocess.PIPE) as bots:
            said, _ = bots.communicate()
        return msgspec.json.decode(b'{"type":"BotsCounted",' + said[1:], type=BotsCounted)

    return run


def line_of(whole: BotsCounted, ops: int, fates: object) -> list[object]:
    """Return a line of the table."""
    per = 1 / whole.seconds
    figures = [whole.sent * per, whole.received * per, whole.bytes_sent * per / 1000]
    figures += [whole.bytes_received * per / 1000, ops * per, ops / max(whole.sent, 1)]
    figures += [whole.delay_p50 * 1000, whole.delay_p99 * 1000]
    lost = ", ".join(whole.closed) + (f" after {whole.seconds:.1f} s" if whole.closed else "")
    return [
        whole.count,
        whole.pace or "every move",
        *(f"{figure:.0f}" for figure in figures),
        lost or "–",
        fates or "–",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bots", default="1,10,50")
    parser.add_argument("--paces", default="0,60,30,10")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--capacity", type=int, default=100)
    parser.add_argument("--bare", action="store_true")
    args = parser.parse_args()
    print("|", " | ".join(COLUMNS), "|\n|", " | ".join("---" for _ in COLUMNS), "|", flush=True)
    with real_redis() as server, server.client() as client:
        for count in map(int, args.bots.split(",")):
            for pace in map(int, args.paces.split(",")):
                with (bare if args.bare else with_lab)(server.url, args) as run:
                    ops = operations(client)
                    whole, fates = run(bots_of(count, pace, args.seconds))
                    line = line_of(whole, operations(client) - ops, fates)
                print("|", " | ".join(map(str, line)), "|", flush=True)
                client.flushall()


if __name__ == "__main__":
    main()
