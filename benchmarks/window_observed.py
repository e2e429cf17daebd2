# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of benchmarks/window_load.py that compare a system that is looked at with one that nobody looks at.

Two systems of the same processes with the same options: one is the lab's, its events decoded, stored and shown by the
window in a process of its own; the other's server and worker are plain programs, and what
they would print goes nowhere. Both are up; while the second is measured, the window's process is stopped.
"""

from __future__ import annotations

import signal
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import psutil
from serving import ROOT, free_port, load, running, until_open

from app.live.launch import layer_args
from app.settings import Settings
from tests.redis_fixture import real_redis

ROUTING = {"django_settings": "", "routing": "tests.server.echo_routing.routing"}
# Runs a program of ours by hand, without the lines that it prints then.
PLAIN = """
import importlib, sys
import app.lines
app.lines.print_line = lambda event, *kinds: None
sys.exit(importlib.import_module(f"app.{sys.argv[1]}.__main__").main(sys.argv[2:]))
"""
CONNECTIONS, SIZE = 20, 64
WARM = 1.5  # seconds before it counts
System = tuple[int, list[int]]  # port, and the processes of server, worker and Redis


def settings(**more: object) -> Settings:
    """Return the settings of either system."""
    return Settings(port=0, workers=1, capacity=10_000, **ROUTING, **more)


@contextmanager
def unobserved() -> Iterator[System]:
    """Run server and worker as plain programs."""
    with ExitStack() as stack:
        redis = stack.enter_context(real_redis())
        port, layer = free_port(), ["--redis", redis.url, *layer_args(settings())]
        plain = [sys.executable, "-c", PLAIN]
        server = [*plain, "server", "--port", port, "--access-log", "", *layer]
        worker = [*plain, "worker", "--settings", "", "--routing", ROUTING["routing"], *layer]
        pids = [stack.enter_context(running(command)).pid for command in (server, worker)]
        until_open(port)
        yield port, [*pids, redis.process.pid]


@contextmanager
def observed() -> Iterator[tuple[System, subprocess.Popen]]:
    """Run the lab and its window in a process of their own."""
    command = [sys.executable, ROOT / "benchmarks" / "window_frames.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as window:
        try:
            port = int(window.stdout.readline())
            yield (port, system_below(window.pid)), window
        finally:
            window.send_signal(signal.SIGCONT)
            window.stdin.close()
            window.wait(20)


def system_below(pid: int) -> list[int]:
    """Return the processes of server, worker and Redis among a process's children."""
    found = [
        child.pid
        for child in psutil.Process(pid).children(recursive=True)
        if any(name in child.cmdline() for name in ("app.server", "app.worker")) or is_redis(child)
    ]
    assert len(found) == 3, found
    return found


def is_redis(process: psutil.Process) -> bool:
    """Whether a process is Redis itself, not its guard."""
    return any(name in process.name() for name in ("redis-server", "valkey-server"))


def compare(pairs: int, seconds: float, rate: float) -> dict[str, float]:
    """Print and return the medians of observed ÷ unobserved: "p50" of the echoes, "cpu" of a message.

    Both systems are started anew for each pair: how their processes came to lie in memory and on processors stays as it
    is while they run, and moves the ratio of a whole run by a tenth to either side.
    """
    print(f"{rate:.0f} frames/s from {CONNECTIONS} clients, each echoed by a worker; {pairs} pairs of {seconds:g} s")
    figures: dict[str, list[dict]] = {"observed": [], "unobserved": []}
    for number in range(pairs):
        with unobserved() as plain, observed() as (looked_at, window):
            systems = {"observed": looked_at, "unobserved": plain}
            order = sorted(systems, reverse=bool(number % 2))
            for name, length in [*((name, WARM) for name in order), *((name, seconds) for name in order)]:
                window.send_signal(signal.SIGCONT if name == "observed" else signal.SIGSTOP)
                found = echo(*systems[name], length, rate)
                if length != WARM:
                    figures[name].append(found)
    _say(figures)
    return {
        figure: statistics.median(a[figure] / b[figure] for a, b in zip(*figures.values(), strict=True))
        for figure in ("p50", "cpu")
    }


def echo(port: int, pids: Sequence[int], seconds: float, rate: float) -> dict:
    """Let clients send at a fixed rate; return the figures, "cpu" for one message."""
    how = {"connections": CONNECTIONS, "seconds": seconds, "size": SIZE, "mode": "paced", "rate": rate}
    found = load(url=f"ws://127.0.0.1:{port}/echo/", pids=list(pids), **how)
    assert found["delivered"] > 0.98 * found["sent"], f"the load is too much for this machine: {found}"
    return {**found, "cpu": found["cpu"] / found["delivered"]}


def _say(figures: dict[str, list[dict]]) -> None:
    from window_load import say

    for name, found in figures.items():
        print(f"{name}, {statistics.median(one['delivered'] / one['seconds'] for one in found):.0f} echoes/s")
        say("p50", [one["p50"] * 1e6 for one in found], "µs")
        say("p99", [one["p99"] * 1e6 for one in found], "µs")
        say("CPU", [one["cpu"] * 1e6 for one in found], "µs a message")
    for figure in ("p50", "cpu"):
        say(f"{figure} ratio", [a[figure] / b[figure] for a, b in zip(*figures.values(), strict=True)], "")
