# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP packets for bytes that were seen without any: for exporting what the live system's tap saw."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address

LINK = 101  # raw IP
_FIN, _SYN, _RST, _PUSH, _ACK = 1, 2, 4, 8, 16
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
    talk, time = Talk(client, server), frames[0][0] if frames else 0.0
    before = talk.opening() + [packet for one in ("client", "server") for packet in talk.data(one, heads[one])]
    for i, packet in enumerate(before):
        yield time - _STEP * (len(before) - i), packet
    for at, direction, data in frames:
        for packet in talk.data(direction, data):
            yield at, packet


class Talk:
    """The packets of one TCP connection, made one after another; `seen`: bytes of each direction before the first."""

    def __init__(self, client: str, server: str, seen: Mapping[str, int] | None = None) -> None:
        self._ends = {"client": _end(client), "server": _end(server)}
        if len(self._ends["client"][0]) != len(self._ends["server"][0]):  # a name, or two kinds of address
            self._ends = {side: (bytes((127, 0, 0, 1)), port) for side, (_, port) in self._ends.items()}
        seen = seen or {}
        self._sent = {side: 1 + seen.get(side, 0) for side in self._ends}

    def opening(self) -> list[bytes]:
        """Return the three packets that open it."""
        return [
            self._packet("client", flags=_SYN),
            self._packet("server", flags=_SYN | _ACK),
            self._packet("client", flags=_ACK),
        ]

    def data(self, direction: str, data: bytes) -> list[bytes]:
        """Return packets that carry bytes and acknowledge all that came before; none for no bytes."""
        parts = (data[start : start + _MOST] for start in range(0, len(data), _MOST))
        return [self._packet(direction, part, _PUSH | _ACK) for part in parts]

    def skip_to(self, direction: str, offset: int) -> None:
        """Go on at a place of a direction's stream: what is before it was sent, but not seen."""
        self._sent[direction] = 1 + offset

    def closing(self, first: str) -> list[bytes]:
        """Return the packets with which one side, then the other closes it."""
        other = "server" if first == "client" else "client"
        return [
            self._packet(first, flags=_FIN | _ACK),
            self._packet(other, flags=_FIN | _ACK),
            self._packet(first, flags=_ACK),
        ]

    def reset(self, by: str) -> list[bytes]:
        """Return the packet with which one side breaks it off."""
        return [self._packet(by, flags=_RST | _ACK)]

    def _packet(self, direction: str, data: bytes = b"", flags: int = 0) -> bytes:
        other = "server" if direction == "client" else "client"
        sequence = self._sent[direction] - (1 if flags & _SYN else 0)
        acknowledged = self._sent[other] if flags & _ACK else 0
        self._sent[direction] += len(data) + bool(flags & _FIN)
        return _bytes(self._ends[direction], self._ends[other], (sequence, acknowledged, flags), data)


End = tuple[bytes, int]


def _end(text: str) -> End:
    """Return address and port; a name that is no address counts as the machine itself."""
    host, _, port = text.rpartition(":")
    try:
        address = ip_address(host.strip("[]")).packed
    except ValueError:
        address = bytes((127, 0, 0, 1))
    return address, int(port) if port.isdigit() else 0


def _bytes(source: End, target: End, numbers: tuple[int, int, int], data: bytes) -> bytes:
    """Return an IP packet; `numbers` are those of TCP: sequence, acknowledgment, flags."""
    sequence, acknowledged, flags = numbers
    tcp = struct.pack(
        ">HHIIBBHHH", source[1], target[1], sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 5 << 4, flags,
        0xFFFF, 0, 0,
    )  # fmt: skip
    ends, length = source[0] + target[0], len(tcp) + len(data)
    tcp = tcp[:16] + struct.pack(">H", _checksum(ends + struct.pack(">IxxxB", length, 6) + tcp + data)) + tcp[18:]
    if len(source[0]) == 16:
        return struct.pack(">IHBB", 0x60000000, length, 6, 64) + ends + tcp + data
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 6, 0) + ends
    return head[:10] + struct.pack(">H", _checksum(head)) + head[12:] + tcp + data


def _checksum(data: bytes) -> int:
    """RFC 1071: the ones' complement of the ones' complement sum of 16-bit words."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
