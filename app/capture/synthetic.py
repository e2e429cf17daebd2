# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP packets for bytes that were seen without any: for exporting what the live system's tap saw."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address

LINK = 101  # raw IP
_SYN, _PUSH, _ACK = 2, 8, 16
_MOST = 60_000  # bytes of a segment
_STEP = 1e-6  # seconds between packets whose times nobody knows

Frames = Iterable[tuple[float, str, bytes]]  # time, direction, bytes


def conversation(client: str, server: str, heads: Mapping[str, bytes], frames: Frames) -> Iterator[tuple[float, bytes]]:
    """Yield time and packet of a TCP connection that carries the heads of a handshake, then frames.

    Args:
        client: its end, as "1.2.3.4:80" or "[::1]:80".
        server: the other.
        heads: what each direction sent before its first frame.
        frames: in the order of their times.
    """
    frames = list(frames)
    time = frames[0][0] if frames else 0.0
    ends = {"client": _end(client), "server": _end(server)}
    sent = {"client": 1, "server": 1}
    before = [("client", b"", _SYN), ("server", b"", _SYN | _ACK), ("client", b"", _ACK)]
    before += [(direction, heads[direction], _PUSH | _ACK) for direction in ("client", "server") if heads[direction]]
    for i, (direction, data, flags) in enumerate(before):
        yield time - _STEP * (len(before) - i), _packet(ends, sent, direction, data, flags)
    for at, direction, data in frames:
        for start in range(0, len(data), _MOST):
            yield at, _packet(ends, sent, direction, data[start : start + _MOST], _PUSH | _ACK)


End = tuple[bytes, int]


def _end(text: str) -> End:
    """Return address and port; a name that is no address counts as the machine itself."""
    host, _, port = text.rpartition(":")
    try:
        address = ip_address(host.strip("[]")).packed
    except ValueError:
        address = bytes((127, 0, 0, 1))
    return address, int(port) if port.isdigit() else 0


def _packet(ends: Mapping[str, End], sent: dict[str, int], direction: str, data: bytes, flags: int) -> bytes:
    other = "server" if direction == "client" else "client"
    (source, source_port), (target, target_port) = ends[direction], ends[other]
    sequence = sent[direction] - (1 if flags & _SYN else 0)
    acknowledged = sent[other] if flags & _ACK else 0
    sent[direction] += len(data)
    tcp = struct.pack(
        ">HHIIBBHHH", source_port, target_port, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 5 << 4, flags,
        0xFFFF, 0, 0,
    )  # fmt: skip
    if len(source) != len(target):
        source = target = bytes((127, 0, 0, 1))
    pseudo = source + target + struct.pack(">IxxxB", len(tcp) + len(data), 6)
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp + data)) + tcp[18:]
    if len(source) == 16:
        return struct.pack(">IHBB", 0x60000000, len(tcp) + len(data), 6, 64) + source + target + tcp + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(data), 0, 0x4000, 64, 6, 0) + source + target
    return head[:10] + struct.pack(">H", _checksum(head)) + head[12:] + tcp + data


def _checksum(data: bytes) -> int:
    """RFC 1071: the ones' complement of the ones' complement sum of 16-bit words."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
