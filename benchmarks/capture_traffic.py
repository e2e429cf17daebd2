# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket traffic of any size as a pcap file, with the frames that are in it; the same seed makes the same bytes."""

from __future__ import annotations

import base64
import hashlib
import heapq
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MSS = 1448
SYN, FIN, PSH, ACK = 2, 1, 8, 16
SIZES = ((60, 2, 125), (30, 126, 1200), (9, 1200, 16000), (1, 16000, 120000))


class Expected(NamedTuple):
    """A frame that was written: what a decoder must find."""

    stream: int
    is_client: bool
    first: int
    length: int
    digest: str


def traffic(path: Path, packets: int, seed: int = 1) -> list[Expected]:
    """Write about so many packets; returns the frames in them, those of each direction in the order of their bytes."""
    draw = random.Random(seed)
    expected: list[Expected] = []
    running: list[tuple[float, int, Iterator[tuple[float, bytes]], bytes]] = []
    written, streams, now = 0, 0, 1_700_000_000.0
    numbers: dict[int, int] = {}  # streams in the order of their first packets
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        while running or written < packets:
            while len(running) < 48 and written < packets:
                kind = _web if draw.random() < 0.25 else _other
                talk = kind(random.Random(draw.random()), streams, now, expected)
                time, packet = next(talk)
                heapq.heappush(running, (time, streams, talk, packet))
                streams += 1
            now, stream, talk, packet = heapq.heappop(running)
            numbers.setdefault(stream, len(numbers))
            micros = round(now * 1_000_000)
            file.write(struct.pack("<IIII", micros // 1_000_000, micros % 1_000_000, len(packet), len(packet)) + packet)
            written += 1
            if (following := next(talk, None)) is not None:
                heapq.heappush(running, (max(following[0], now), stream, talk, following[1]))
    return [frame._replace(stream=numbers[frame.stream]) for frame in expected]


class _Wire:
    """A TCP connection that makes packets: some overtaken, some twice, one in four connections over IPv6."""

    def __init__(self, draw: random.Random, stream: int, now: float, port: int) -> None:
        self.draw, self.time = draw, now + draw.random() * 0.05
        is_six = draw.random() < 0.25
        self.ethernet = bytes(range(12)) + (b"\x86\xdd" if is_six else b"\x08\x00")
        width = 16 if is_six else 4
        ends = [draw.randbytes(width) for _ in range(2)]
        ports = struct.pack(">HH", 20000 + stream % 40000, port)
        self.heads = {True: (ends[0] + ends[1], ports), False: (ends[1] + ends[0], ports[2:] + ports[:2])}
        self.next = {True: draw.randrange(2**32), False: draw.randrange(2**32)}

    def packet(self, is_client: bool, sequence: int, flags: int, data: bytes = b"") -> tuple[float, bytes]:
        addresses, ports = self.heads[is_client]
        self.time += self.draw.expovariate(2000)
        tcp = ports + struct.pack(
            ">IIBBHHH12s", sequence & 0xFFFFFFFF, self.next[not is_client] & 0xFFFFFFFF, 0x80, flags, 500, 0, 0,
            b"\x01\x01\x08\x0a" + bytes(8),
        )  # fmt: skip
        size = len(tcp) + len(data)
        if len(addresses) == 32:
            ip = struct.pack(">IHBB", 0x60000000, size, 6, 64)
        else:
            ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 1, 0x4000, 64, 6, 0)
        return self.time, self.ethernet + ip + addresses + tcp + data

    def begin(self) -> Iterator[tuple[float, bytes]]:
        for is_client in (True, False):
            yield self.packet(is_client, self.next[is_client], SYN | (0 if is_client else ACK))
            self.next[is_client] += 1
        yield self.packet(True, self.next[True], ACK)

    def send(self, is_client: bool, data: bytes) -> Iterator[tuple[float, bytes]]:
        made = []
        for start in range(0, len(data), MSS):
            piece = data[start : start + MSS]
            made.append(self.packet(is_client, self.next[is_client] + start, ACK | PSH, piece))
        self.next[is_client] += len(data)
        if len(made) > 1 and self.draw.random() < 0.02:
            i = self.draw.randrange(len(made) - 1)
            made[i], made[i + 1] = (made[i][0], made[i + 1][1]), (made[i + 1][0], made[i][1])
        for one in made:
            yield one
            if self.draw.random() < 0.005:
                yield one
        yield self.packet(not is_client, self.next[not is_client], ACK)

    def end(self) -> Iterator[tuple[float, bytes]]:
        for is_client in (True, False):
            yield self.packet(is_client, self.next[is_client], FIN | ACK)
            self.next[is_client] += 1


def _web(draw: random.Random, stream: int, now: float, expected: list[Expected]) -> Iterator[tuple[float, bytes]]:
    wire, is_deflated = _Wire(draw, stream, now, 8000), draw.random() < 0.2
    key = base64.b64encode(draw.randbytes(16))
    extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if is_deflated else b""
    yield from wire.begin()
    yield from wire.send(True, (
        b"GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key
        + b"\r\nSec-WebSocket-Version: 13\r\n" + extension + b"\r\n"
    ))  # fmt: skip
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    yield from wire.send(False, (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept + b"\r\n" + extension + b"\r\n"
    ))  # fmt: skip
    squeeze = {is_client: zlib.compressobj(1, wbits=-15) for is_client in (True, False)}
    for _ in range(draw.randrange(60, 300)):
        is_client = draw.random() < 0.4
        data = b"".join(_message(draw, is_client, squeeze[is_client] if is_deflated else None, stream, expected)
                        for _ in range(draw.choice((1, 1, 1, 1, 4))))  # fmt: skip
        yield from wire.send(is_client, data)
    for is_client in (True, False):
        yield from wire.send(is_client, _frame(draw, 0x88, b"\x03\xe8", is_client, stream, expected))
    yield from wire.end()


def _message(draw: random.Random, is_client: bool, squeeze: object, stream: int, expected: list[Expected]) -> bytes:
    _, low, high = draw.choices(SIZES, [size[0] for size in SIZES])[0]
    data = (b'{"message": "%x"} ' % draw.getrandbits(64) * (high // 20 + 1))[: draw.randint(low, high)]
    first = 0x81
    if squeeze is not None:
        data, first = (squeeze.compress(data) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4], 0xC1  # type: ignore[attr-defined]
    if draw.random() < 0.04 and len(data) > 4:
        half = len(data) // 2
        return (
            _frame(draw, first & 0x7F, data[:half], is_client, stream, expected)
            + _frame(draw, 0x89, b"still there?", is_client, stream, expected)
            + _frame(draw, 0x80, data[half:], is_client, stream, expected)
        )
    return _frame(draw, first, data, is_client, stream, expected)


def _frame(
    draw: random.Random, first: int, data: bytes, is_client: bool, stream: int, expected: list[Expected]
) -> bytes:
    expected.append(Expected(stream, is_client, first, len(data), hashlib.sha256(data).hexdigest()))
    size, masked = len(data), 0x80 if is_client else 0
    if size < 126:
        head = bytes((first, masked | size))
    elif size < 0x10000:
        head = bytes((first, masked | 126)) + struct.pack(">H", size)
    else:
        head = bytes((first, masked | 127)) + struct.pack(">Q", size)
    if not is_client or not data:
        return head + (draw.randbytes(4) if is_client else b"") + data
    key = draw.randbytes(4)
    long_key = (key * (size // 4 + 1))[:size]
    return head + key + (int.from_bytes(data) ^ int.from_bytes(long_key)).to_bytes(size)


def _other(draw: random.Random, stream: int, now: float, _: list[Expected]) -> Iterator[tuple[float, bytes]]:
    is_http = draw.random() < 0.5
    wire = _Wire(draw, stream, now, 80 if is_http else 443)
    yield from wire.begin()
    for _ in range(draw.randrange(1, 12)):
        size = draw.randrange(200, 20000)
        ask = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" if is_http else b"\x17\x03\x03\x00\xc8" + draw.randbytes(200)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size if is_http else b"\x17\x03\x03\x40\x00"
        yield from wire.send(True, ask)
        yield from wire.send(False, head + draw.randbytes(size))
    yield from wire.end()
