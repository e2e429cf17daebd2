# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory and CPU of sockets that do nothing, and how more workers speed a slow consumer up.

The sockets are open through the whole path; memory is that of the interface server, for a socket. The slow consumer
works 10 ms on each message of a flood. Options: --sockets 1000 --seconds 3
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack

import psutil
from serving import free_port, load, observed, until_open
from ws_load import cpu_of

from tests.redis_fixture import real_redis
from tests.server.raw import Raw

ROUTING = "tests.server.echo_routing."


class Address:
    """What tests call a server."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"


def started(stack: ExitStack, url: str, routing: str, workers: int) -> tuple[int, int]:
    """Start a server and workers; return port and the server's pid."""
    port, layer = free_port(), ["--redis", url, "--capacity", 10_000]
    server = stack.enter_context(observed([sys.executable, "-m", "app.server", "--port", port, *layer]))
    worker = [sys.executable, "-m", "app.worker", "--settings", "", "--routing", ROUTING + routing, *layer]
    for _ in range(workers):
        stack.enter_context(observed(worker))
    until_open(port)
    return port, server.pid


def idle(url: str, count: int, seconds: float) -> None:
    """Print what sockets cost that do nothing."""
    with ExitStack() as stack:
        port, pid = started(stack, url, "routing", 1)
        server = psutil.Process(pid)

        def opened() -> Raw:
            raw = stack.enter_context(Raw(Address(port)))
            raw.shake()
            raw.until(b"\r\n\r\n")
            return raw

        opened()  # what is made once is not a socket's
        before = server.memory_info().rss
        for _ in range(count):
            opened()
        size = (server.memory_info().rss - before) / count
        cpu = cpu_of([pid])
        time.sleep(seconds)
        used = (cpu_of([pid]) - cpu) / seconds
        print(f"{count} idle sockets: {size / 1024:.1f} KiB each, {used:.1%} of a core")


def slow(url: str, workers: int, seconds: float) -> None:
    """Print how many messages a second a slow consumer does."""
    with ExitStack() as stack:
        port, pid = started(stack, url, "slow_routing", workers)
        found = load(url=f"ws://127.0.0.1:{port}/echo/", connections=20, seconds=seconds, pids=[pid], size=64)
        print(f"{workers} workers of 10 ms a message: {found['delivered'] / found['seconds']:.0f} messages/s")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3.0)
    args = parser.parse_args()
    with real_redis() as server:
        idle(server.url, args.sockets, args.seconds)
        for workers in (1, 2, 4):
            slow(server.url, workers, args.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
