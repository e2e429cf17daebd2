# SPDX-License-Identifier: GPL-3.0-or-later
"""The WebSocket load generator of benchmarks/echo.py and chat.py: one process, one JSON command on the command line.

{"url", "connections", "seconds", "pids", "size", "mode", "rate"}: the modes are
  echo   every connection keeps one message under way
  room   connection 0 sends `rate` messages a second, everybody is to get each
  paced  connections send in turn, `rate` messages a second together, each is to come back to its sender
  flood  as room, with 8 messages under way
Prints one JSON line: delivered, sent, seconds, p50 and p99 (seconds of delay), cpu (seconds of all `pids`), lost.
Frames are cut by their fixed length, so the generator costs little: a payload has `size` bytes, more than 125 never.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

TICK = os.sysconf("SC_CLK_TCK")
WARM = 0.3  # seconds before measuring
PATIENCE = 4.0  # seconds for the last deliveries of a room
PING, PONG = b"\x89\x00", b"\x8a\x80\0\0\0\0"  # the server's are empty (RFC 6455, 5.5.2 and 5.5.3)
UNDER_WAY = 8  # messages of a flood

now = time.monotonic


def cpu_of(pids: list[int]) -> float:
    """Return the CPU seconds of processes (proc(5): utime and stime)."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.buffer = b""
        self.is_open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport) -> None:
        url = urlsplit(self.load.url)
        self.transport = transport
        transport.write(
            f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open.done():
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            if rest or self.buffer.endswith(b"\r\n\r\n"):
                assert b" 101 " in head, head
                self.is_open.set_result(True)
                self.buffer = rest
        length = self.load.length
        while len(self.buffer) >= 2:
            if self.buffer.startswith(PING):
                self.buffer = self.buffer[len(PING) :]
                self.transport.write(PONG)
                continue
            if len(self.buffer) < length:
                break
            frame, self.buffer = self.buffer[:length], self.buffer[length:]
            self.load.delivered(self, frame)

    def connection_lost(self, exc) -> None:
        self.load.lost += 1
        if not self.is_open.done():
            self.is_open.set_exception(ConnectionError(f"no handshake: {self.buffer[:200]!r}"))

    def send(self) -> None:
        """Send the time and padding, masked with zeros."""
        payload = f"{time.monotonic_ns():019d}".ljust(self.load.size, "x").encode()
        self.transport.write(bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload)


class Load:
    """The connections, and what is counted."""

    def __init__(self, url: str, mode: str, size: int) -> None:
        self.url, self.mode, self.size = url, mode, size
        self.length = size + 2
        self.clients: list[Client] = []
        self.delays: list[float] = []
        self.count = self.sent = self.lost = 0
        self.is_counting, self.is_running = False, True

    def delivered(self, client: Client, frame: bytes) -> None:
        """A frame came."""
        self.count += 1
        if self.is_counting:
            self.delays.append((time.monotonic_ns() - int(frame[2:21])) / 1e9)
        if self.mode == "echo" and self.is_running:
            client.send()
        elif self.mode == "flood" and self.is_running:
            self.fill()

    def fill(self) -> None:
        """Keep a flood up."""
        while self.sent - self.count // len(self.clients) < UNDER_WAY:
            self.sent += 1
            self.clients[0].send()

    async def connect(self, connections: int) -> None:
        """Open all connections."""
        loop, url = asyncio.get_running_loop(), urlsplit(self.url)
        for _ in range(connections):
            _, client = await loop.create_connection(lambda: Client(self), url.hostname, url.port)
            self.clients.append(client)
            await client.is_open
        await asyncio.sleep(0.3)  # a room's members join after their handshake

    async def run(self, seconds: float, rate: float) -> None:
        """Load for some time."""
        if self.mode in ("room", "paced"):
            begin, senders = now(), self.clients if self.mode == "paced" else self.clients[:1]
            for number in range(int(seconds * rate)):
                await asyncio.sleep(max(0.0, begin + number / rate - now()))
                self.sent += 1
                senders[number % len(senders)].send()
            whole = self.sent * (len(self.clients) if self.mode == "room" else 1)
            while self.count < whole and now() < begin + seconds + PATIENCE:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        else:
            await asyncio.sleep(seconds)


async def measure(url, connections, seconds, pids, size=64, mode="echo", rate=0.0) -> dict:
    """Return what is to be printed."""
    load = Load(url, mode, size)
    await load.connect(connections)
    if mode == "echo":
        for client in load.clients:
            client.send()
    elif mode == "flood":
        load.fill()
    await asyncio.sleep(WARM if mode not in ("room", "paced") else 0)
    load.is_counting, begin, cpu, base = True, now(), cpu_of(pids), load.count
    await load.run(seconds, rate)
    took, cpu = now() - begin, cpu_of(pids) - cpu
    load.is_counting = load.is_running = False
    delays = sorted(load.delays) or [float("nan")]
    p50, p99 = delays[len(delays) // 2], delays[len(delays) * 99 // 100]
    figures = {"delivered": load.count - base, "sent": load.sent, "seconds": took, "p50": p50, "p99": p99}
    return {**figures, "cpu": cpu, "lost": load.lost}


def main() -> None:
    """Measure and print."""
    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run
    print(json.dumps(run(measure(**json.loads(sys.argv[1])))))


if __name__ == "__main__":
    main()
