# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of a pcapng file (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator

MAGIC = b"\x0a\x0d\x0d\x0a"  # the type of a section header block, the same in both byte orders
_INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED = 1, 2, 3, 6
_LONGEST = 0x10000000  # a longer block than 256 MiB is a damaged length

Interface = tuple[int, int, int, int]  # link type, snap length, ticks per second, offset in seconds
Found = tuple[float, int, int, int, int]


def pcapng_records(data: mmap.mmap, notes: list[str]) -> Iterator[Found]:
    """Yield (time, link type, position, captured length, original length) of every packet."""
    position, size, order = 0, len(data), "<"
    interfaces: list[Interface] = []
    while position + 12 <= size:
        if data[position : position + 4] == MAGIC:
            order = "<" if data[position + 8 : position + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, position)
        if length < 12 or length % 4 or length > _LONGEST:
            notes.append(f"byte {position}: a block says it has {length} bytes; what follows cannot be read")
            return
        end = min(position + length, size)
        if end < position + length:
            notes.append(f"byte {position}: the last block is cut short: {end - position} of {length} bytes")
        if kind == _INTERFACE and end - position >= 16:
            interfaces.append(_interface(data, order, position, end))
        elif kind in (_OLD_PACKET, _SIMPLE, _ENHANCED):
            found = _packet(data, order, kind, position, end, interfaces)
            if found is not None:
                yield found
            elif end == position + length:
                notes.append(f"byte {position}: a packet of an interface that was not described")
        position += length
    if position < size:
        notes.append(f"byte {position}: the file ends inside the header of a block")


def _interface(data: mmap.mmap, order: str, position: int, end: int) -> Interface:
    link, _, snap = struct.unpack_from(order + "HHI", data, position + 8)
    per_second, offset = 1_000_000, 0
    place = position + 16
    while place + 4 <= end - 4:
        code, length = struct.unpack_from(order + "HH", data, place)
        if code == 0:
            break
        if code == 9 and length == 1:  # if_tsresol: a power of ten, or of two when the top bit is set
            resolution = data[place + 4]
            per_second = 1 << (resolution & 0x7F) if resolution & 0x80 else 10**resolution
        elif code == 14 and length == 8:  # if_tsoffset
            (offset,) = struct.unpack_from(order + "q", data, place + 4)
        place += 4 + (length + 3) // 4 * 4
    return link, snap, per_second, offset


def _packet(
    data: mmap.mmap, order: str, kind: int, position: int, end: int, interfaces: list[Interface]
) -> Found | None:
    number, ticks, captured, start = 0, 0, 0, position + 28
    if kind == _SIMPLE:
        start = position + 12
        if end < start or not interfaces:
            return None
        (original,) = struct.unpack_from(order + "I", data, position + 8)
        captured = min(original, interfaces[0][1] or original)
    else:
        if end < start:
            return None
        pattern = "IIIII" if kind == _ENHANCED else "HHIIII"
        values = struct.unpack_from(order + pattern, data, position + 8)
        number, (high, low, captured, original) = values[0], values[-4:]
        ticks = high << 32 | low
    if number >= len(interfaces):
        return None
    link, _, per_second, offset = interfaces[number]
    # Whole seconds first: a float cannot hold nanoseconds since 1970.
    time = offset + ticks // per_second + ticks % per_second / per_second
    return time, link, start, max(min(captured, end - start), 0), original
