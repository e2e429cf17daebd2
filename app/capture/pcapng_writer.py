# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets into a pcapng file (draft-ietf-opsawg-pcapng): one section, an interface for each link type."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from app.capture.records import Packet

_NANOSECONDS = struct.pack("<HHB3x", 9, 1, 9)  # if_tsresol
_END = bytes(4)  # opt_endofopt


def write_pcapng(path: Path, packets: Sequence[Packet], comment: str = "") -> None:
    """Write packets with their times, to the nanosecond, and their comments; `comment` is on the file as a whole."""
    links = list(dict.fromkeys(packet.link for packet in packets))
    with path.open("wb") as file:
        file.write(_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(comment)))
        for link in links:
            file.write(_block(1, struct.pack("<HHI", link, 0, 0) + _NANOSECONDS + _END))
        for packet in packets:
            file.write(_block(6, _enhanced(packet, links.index(packet.link))))


def _enhanced(packet: Packet, interface: int) -> bytes:
    ticks = int(packet.time) * 10**9 + round(packet.time % 1 * 10**9)
    head = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), packet.original)
    return head + _padded(packet.data) + _option(packet.comment)


def _option(comment: str) -> bytes:
    """Return the options with an opt_comment, nothing for none; a longer one than may be is cut between characters."""
    text = comment.encode()[:0xFFFF].decode(errors="ignore").encode()
    return struct.pack("<HH", 1, len(text)) + _padded(text) + _END if text else b""


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
