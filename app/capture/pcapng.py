# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of a pcapng file (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import NamedTuple

MAGIC = b"\x0a\x0d\x0d\x0a"  # the type of a section header block, the same in both byte orders
_SECTION = 0x0A0D0D0A
_INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED = 1, 2, 3, 6
_KNOWN = (_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE, 4, 5, _ENHANCED, 10)
_HEADS = {_OLD_PACKET: 28, _SIMPLE: 12, _ENHANCED: 28}  # bytes of a block before its packet
_COMMENT = 1  # the option's code
_REACH = 1 << 22  # bytes in which the next block is looked for after a damaged one
_LONGEST = 0x10000000  # a longer block than 256 MiB is a damaged length


class Interface(NamedTuple):
    """What an interface block says."""

    link: int
    snap: int
    per_second: int  # ticks of its clock
    offset: int  # seconds to be added


class Place(NamedTuple):
    """Where in a file a block begins, and what was said before it; reading can go on from here."""

    position: int = 0
    order: str = "<"
    interfaces: tuple[Interface, ...] = ()


Found = tuple[float, int, int, int, int]


class Blocks:
    """Goes through the blocks of a file; `place` is where it stands.

    Args:
        data: the file.
        notes: gets what is wrong with it.
        place: where to begin.
    """

    def __init__(self, data: mmap.mmap, notes: list[str], place: Place | None = None) -> None:
        self._data = data
        self._notes = notes
        place = place or Place()
        self._position, self._order, self._interfaces = place.position, place.order, list(place.interfaces)

    @property
    def place(self) -> Place:
        """The block of the packet that was found last, or the beginning."""
        return Place(self._position, self._order, tuple(self._interfaces))

    def records(self) -> Iterator[Found]:
        """Yield (time, link type, position, captured length, original length) of every packet."""
        data, size = self._data, len(self._data)
        while self._position + 12 <= size:
            position = self._position
            if data[position : position + 4] == MAGIC:
                self._order = "<" if data[position + 8 : position + 12] == b"\x4d\x3c\x2b\x1a" else ">"
                self._interfaces = []
            kind, length = struct.unpack_from(self._order + "II", data, position)
            if length < 12 or length % 4 or length > _LONGEST:
                if not self._resume(length):
                    return
                continue
            end = min(position + length, size)
            if end < position + length:
                self._note(f"the last block is cut short: {end - position} of {length} bytes")
            if kind == _INTERFACE and end - position >= 16:
                self._interfaces.append(_interface(data, self._order, position, end))
            elif kind in _HEADS and (found := self._packet(kind, position, end)):
                yield found
            self._position = position + length
        if self._position < size:
            self._note("the file ends inside the header of a block")

    def _note(self, text: str) -> None:
        self._notes.append(f"byte {self._position}: {text}")

    def _packet(self, kind: int, position: int, end: int) -> Found | None:
        data, order = self._data, self._order
        start = position + _HEADS[kind]
        if end < start:
            return None
        if kind == _SIMPLE:
            if not self._interfaces:
                self._note("a packet before any interface was described")
                return None
            (original,) = struct.unpack_from(order + "I", data, position + 8)
            captured = min(original, self._interfaces[0].snap or original)
            return 0.0, self._interfaces[0].link, start, max(min(captured, end - start), 0), original
        pattern = "IIIII" if kind == _ENHANCED else "HHIIII"
        values = struct.unpack_from(order + pattern, data, position + 8)
        number, (high, low, captured, original) = values[0], values[-4:]
        if number >= len(self._interfaces):
            self._note("a packet of an interface that was not described")
            return None
        link, _, per_second, offset = self._interfaces[number]
        ticks = high << 32 | low
        # Whole seconds first: a float cannot hold nanoseconds since 1970.
        time = offset + ticks // per_second + ticks % per_second / per_second
        return time, link, start, min(captured, end - start), original

    def _resume(self, length: int) -> bool:
        """Go to the next block after one whose length is damaged; returns whether there is one."""
        data, begin = self._data, self._position
        for position in range(begin + 4, min(len(data) - 12, begin + _REACH), 4):
            kind, size = struct.unpack_from(self._order + "II", data, position)
            if kind in _KNOWN and 12 <= size <= len(data) - position and not size % 4:
                (again,) = struct.unpack_from(self._order + "I", data, position + size - 4)
                if again == size:
                    self._note(f"a block says it has {length} bytes; {position - begin} bytes were passed over")
                    self._position = position
                    return True
        self._note(f"a block says it has {length} bytes; what follows cannot be read")
        return False


def _options(data: mmap.mmap, order: str, place: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield code and value of the options between `place` and `end`."""
    while place + 4 <= end:
        code, length = struct.unpack_from(order + "HH", data, place)
        if code == 0:
            return
        yield code, data[place + 4 : min(place + 4 + length, end)]
        place += 4 + (length + 3) // 4 * 4


def _interface(data: mmap.mmap, order: str, position: int, end: int) -> Interface:
    link, _, snap = struct.unpack_from(order + "HHI", data, position + 8)
    per_second, offset = 1_000_000, 0
    for code, value in _options(data, order, position + 16, end - 4):
        if code == 9 and len(value) == 1:  # if_tsresol: a power of ten, or of two when the top bit is set
            per_second = 1 << (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == 14 and len(value) == 8:  # if_tsoffset
            (offset,) = struct.unpack(order + "q", value)
    return Interface(link, snap, per_second, offset)


def comment_at(data: mmap.mmap, place: Place) -> str:
    """Return the comment on the packet whose block begins at `place`, "" if it has none."""
    kind, length = struct.unpack_from(place.order + "II", data, place.position)
    end = min(place.position + length, len(data))
    if kind not in (_OLD_PACKET, _ENHANCED) or end - place.position < 32:
        return ""
    (captured,) = struct.unpack_from(place.order + "I", data, place.position + 20)
    options = _options(data, place.order, place.position + 28 + (captured + 3) // 4 * 4, end - 4)
    return "\n".join(value.decode("utf-8", "replace") for code, value in options if code == _COMMENT)
