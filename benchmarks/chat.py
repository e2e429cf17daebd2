# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat through the whole path, observed, beside Channels 4.3 on uvicorn: ratios of one run.

Ours: interface server, one worker, all that happens told to a reader. Theirs: the consumer runs in the server, so the
path has a hop less; a message goes through the channel layer (core, pubsub). Redis on a unix socket for all. Echoes
are measured in short turns while all contenders are there, each with a Redis of its own, since the machine may be
another one a minute later; for the rest each repeat runs every contender once. The order changes; figures are medians,
CPU is that of all its processes but Redis. `--original` adds the stack of 2016 (original.py) with as many workers as
ours, in both of daphne's modes; Redis is on TCP for it, since the twisted mode knows nothing else. A contender "floor",
which only echoes, is our path without Python's work (chat_floor.py): --only ours,floor,pubsub --figures echo.
Options: --repeats 5 --seconds 2 --room 50 --rate 50 --workers 1 --only ours,core,pubsub --original
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import redis
from serving import ROOT, free_port, load, observed, running, until_open

from tests.layer.peers import CHANNELS_REDIS, NoPeer, interpreter
from tests.redis_fixture import real_redis

CHANNELS = [
    *CHANNELS_REDIS,
    "channels==4.3.2",
    "Django>=5.2,<5.3",
    "uvicorn==0.54.0",
    "uvloop",
    "httptools",
    "websockets",
]
# setuptools: channels 1.1.8 imports pkg_resources; txredisapi: the one of its time, daphne is slower still with others.
ORIGINAL = ["Django==1.11.29", "channels==1.1.8", "daphne==1.4.2", "asgi_redis==1.4.3", "asgiref==1.1.2"]
ORIGINAL += ["redis==2.10.6", "hiredis>=3,<4", "txredisapi==1.4.4", "wheel", "setuptools<70"]
# What issue 6 asks for: (figure, peer, whether ours ÷ theirs is to be at most this, the ratio).
TARGETS = [
    ("echo p50 µs", "pubsub", True, 0.6),
    ("room, p99 ms", "core", True, 0.3),
    ("flood, deliveries/s", "core", False, 8.0),
    ("flood, CPU µs a delivery", "core", True, 0.2),
]
TURNS = 5  # of echoes for each repeat and contender
ORIGINALS = {"original": "", "original, sync": "--force-sync"}
Contender = tuple[int, list[int]]  # port, pids


@contextmanager
def ours(redis_url: str, workers: int) -> Iterator[Contender]:
    """Our interface server and workers."""
    port, layer = free_port(), ["--redis", redis_url, "--capacity", 10_000]
    routing = ["--settings", "", "--routing", "tests.server.echo_routing.routing"]
    with ExitStack() as stack:
        server = [sys.executable, "-m", "app.server", "--port", port, *layer]
        worker = [sys.executable, "-m", "app.worker", *routing, *layer]
        processes = [stack.enter_context(observed(command)) for command in [server, *[worker] * workers]]
        yield port, [process.pid for process in processes]


@contextmanager
def floor(redis_url: str) -> Iterator[Contender]:
    """The same path from bare sockets; it echoes only."""
    port, path = free_port(), redis_url.removeprefix("unix://")
    argv = [sys.executable, ROOT / "benchmarks" / "chat_floor.py"]
    with running([*argv, "worker", path]) as worker, running([*argv, "server", path, port]) as server:
        yield port, [server.pid, worker.pid]


@contextmanager
def theirs(redis_url: str, layer: str) -> Iterator[Contender]:
    """Channels 4 under uvicorn."""
    port, python = free_port(), interpreter("channels4", CHANNELS)
    command = [python, "-m", "uvicorn", "channels4:application", "--app-dir", ROOT / "benchmarks", "--port", port]
    command += ["--ws", "websockets-sansio", "--lifespan", "off", "--log-level", "error", "--no-access-log"]
    with running(command, env={**os.environ, "REDIS_URL": redis_url, "LAYER": layer}) as process:
        yield port, [process.pid]


def original_python() -> Path:
    """Return the Python of the stack of 2016; msgpack 1 over its msgpack-python, which has no C part here."""
    return interpreter("original", ORIGINAL, over="msgpack>=1,<2")


@contextmanager
def original(redis_url: str, workers: int, mode: str) -> Iterator[Contender]:
    """Channels 1.1.8 with its workers, under daphne 1.4.2."""
    port, redis_port = free_port(), free_port()
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("port", redis_port)
    argv = [original_python(), "-W", "ignore", "-c", "import original; original.main()"]
    environment = {**os.environ, "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    with ExitStack() as stack:
        commands = [[*argv, "server", port, mode], *[[*argv, "worker"]] * workers]
        started = [stack.enter_context(running(one, cwd=ROOT / "benchmarks", env=environment)) for one in commands]
        yield port, [process.pid for process in started]


def contender(name: str, redis_url: str, workers: int) -> AbstractContextManager[Contender]:
    """Return what starts and ends a contender."""
    if name == "ours":
        return ours(redis_url, workers)
    if name == "floor":
        return floor(redis_url)
    if name in ORIGINALS:
        return original(redis_url, workers, ORIGINALS[name])
    return theirs(redis_url, name)


def echoes(names: list[str], args: argparse.Namespace) -> Iterator[tuple[str, dict[str, float]]]:
    """Measure echoes over one connection in turns; yields whose turn it was and its figures."""
    with ExitStack() as stack:
        started = {}
        for name in names:
            redis_server = stack.enter_context(real_redis())
            started[name] = stack.enter_context(contender(name, redis_server.url, args.workers))
            until_open(started[name][0])
        for turn in range(args.repeats * TURNS):
            for name in random.Random(turn).sample(names, len(names)):
                port, pids = started[name]
                seconds = args.seconds / TURNS
                echo = load(url=f"ws://127.0.0.1:{port}/echo/", connections=1, pids=pids, seconds=seconds, size=125)
                yield name, {"echo p50 µs": echo["p50"] * 1e6, "echo CPU µs": echo["cpu"] / echo["delivered"] * 1e6}


def in_room(started: Contender, args: argparse.Namespace) -> dict[str, float]:
    """Return the other figures of one contender."""
    port, pids = started
    until_open(port)
    url, shared = f"ws://127.0.0.1:{port}", {"pids": pids, "seconds": args.seconds, "size": 125}
    figures: dict[str, float] = {}
    if "room" in args.figures:
        room = load(url=f"{url}/room/", connections=args.room, mode="room", rate=args.rate, **shared)
        figures["room, arrived %"] = 100 * room["delivered"] / (room["sent"] * args.room)
        figures |= {"room, p50 ms": room["p50"] * 1e3, "room, p99 ms": room["p99"] * 1e3}
    if "flood" in args.figures:
        flood = load(url=f"{url}/room/", connections=args.room, mode="flood", **shared)
        figures["flood, deliveries/s"] = flood["delivered"] / flood["seconds"]
        figures["flood, CPU µs a delivery"] = flood["cpu"] / flood["delivered"] * 1e6
        figures["flood, p50 ms"] = flood["p50"] * 1e3
    return figures


def measure(names: list[str], args: argparse.Namespace) -> dict[str, list[dict[str, float]]]:
    """Return the figures of every run of every contender."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    if "echo" in args.figures:
        for name, figures in echoes(names, args):
            runs[name].append(figures)
    if {"room", "flood"} & set(args.figures.split(",")):
        with real_redis() as server:
            for repeat in range(args.repeats):
                for name in random.Random(repeat).sample(names, len(names)):
                    server.client().flushall()
                    with contender(name, server.url, args.workers) as started:
                        runs[name].append(in_room(started, args))
    return runs


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    figures = dict.fromkeys(figure for run in runs for figure in run)
    return {figure: statistics.median(run[figure] for run in runs if figure in run) for figure in figures}


def judge(found: dict[str, dict[str, float]]) -> int:
    """Print every figure and ratio; return how many targets are missed."""
    for figure in found["ours"]:
        print(f"{figure:26}", *(f"{name} {those[figure]:12,.2f}" for name, those in found.items()))
    missed = 0
    for figure, peer, is_at_most, target in TARGETS:
        if peer in found and figure in found["ours"]:
            ratio = found["ours"][figure] / found[peer][figure]
            is_met = ratio <= target if is_at_most else ratio >= target
            missed += not is_met
            bound = f"at {'most' if is_at_most else 'least'} {target}{'' if is_met else ': MISSED'}"
            print(f"{figure}, ours ÷ {peer}: {ratio:.2f} ({bound})")
    return missed


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--room", type=int, default=50)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", default="ours,core,pubsub")
    parser.add_argument("--figures", default="echo,room,flood")
    parser.add_argument("--original", action="store_true", help="the stack of 2016 as well")
    args = parser.parse_args()
    names = args.only.split(",")
    if args.original:
        try:
            original_python()
            names += ORIGINALS
        except NoPeer as error:
            print(f"not run: the stack of 2016, which cannot be installed: {error}", file=sys.stderr)
    try:
        runs = measure(names, args)
    except NoPeer as error:
        print(f"The peer cannot be installed: {error}", file=sys.stderr)
        return 2
    return bool(judge({name: medians(those) for name, those in runs.items()}))


if __name__ == "__main__":
    sys.exit(main())
