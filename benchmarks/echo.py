# SPDX-License-Identifier: GPL-3.0-or-later
"""A WebSocket echo of our interface server, with the wire tap on, beside uvicorn's websockets-sansio without one.

Both run all the time; each repeat measures one, then the other. The figure is the server's CPU for an echo, and what
counts is the median of the repeats' ratios. Options: --repeats 5 --seconds 1 --connections 20 --size 64
"""

from __future__ import annotations

import argparse
import statistics
import sys
from contextlib import ExitStack

from serving import free_port, load, observed, running, until_open

from tests.redis_fixture import real_redis

TARGET = 1.0  # CPU for an echo ÷ that of uvicorn, at most (issue 6)


async def application(scope, receive, send):
    """Echo, as an ASGI application: what uvicorn runs."""
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})


def commands(redis_url: str, ports: tuple[int, int]) -> tuple[list[object], list[object]]:
    """Return how our server is started, and uvicorn."""
    ours = [sys.executable, "-m", "app.server", "--redis", redis_url, "--port", ports[0], "--echo"]
    theirs = [sys.executable, "-m", "uvicorn", "benchmarks.echo:application", "--port", ports[1], "--lifespan", "off"]
    theirs += ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--log-level", "error"]
    return ours, [*theirs, "--app-dir", "benchmarks"]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--size", type=int, default=64)
    args = parser.parse_args()
    shared = {"connections": args.connections, "seconds": args.seconds, "size": args.size}
    costs: dict[str, list[float]] = {"ours, tapped": [], "uvicorn sansio": []}
    with ExitStack() as stack:
        redis = stack.enter_context(real_redis())
        ports = free_port(), free_port()
        our_command, their_command = commands(redis.url, ports)
        pids = stack.enter_context(observed(our_command)).pid, stack.enter_context(running(their_command)).pid
        for port in ports:
            until_open(port)
        for _ in range(args.repeats):
            for name, port, pid in zip(costs, ports, pids, strict=True):
                found = load(url=f"ws://127.0.0.1:{port}/_scope/echo", pids=[pid], **shared)
                costs[name].append(found["cpu"] / found["delivered"] * 1e6)
                rate, p50 = found["delivered"] / found["seconds"], found["p50"] * 1e6
                print(f"{name:16} {rate:9,.0f} echoes/s  {costs[name][-1]:6.1f} µs CPU  p50 {p50:6,.0f} µs")
    ratio = statistics.median(mine / other for mine, other in zip(*costs.values(), strict=True))
    print(f"CPU for an echo, ours ÷ uvicorn: {ratio:.2f} (at most {TARGET}{'' if ratio <= TARGET else ': MISSED'})")
    return ratio > TARGET


if __name__ == "__main__":
    sys.exit(main())
