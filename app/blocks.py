# SPDX-License-Identifier: GPL-3.0-or-later
"""Packed lines in blocks that can be read without each other, so that a damage costs little more than where it is.

Each block is a gzip of its own (RFC 1952), and so is the file: `zcat` reads it too. A field of ours in its head says
how many lines stand before it, and has a checksum for each *strip* of its lines: what is unpacked of a damaged block
may be wrong anywhere, so it counts strip by strip. The last block is empty, so a missing end is noticed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from mmap import mmap
from operator import attrgetter
from typing import Literal, NamedTuple

SIZE = 128 * 1024  # bytes of lines in a block: some 300 events; blocks take a tenth more space than one long stream
STRIPS = 16  # of a block, at most; a line belongs to the strip in which it begins
CHUNK = 1 << 16  # bytes unpacked at once
GZIP = 31  # how zlib is told that what it unpacks is gzip
TABLE = struct.Struct("<" + "I" * (1 + 3 * STRIPS))  # the lines before; of each strip its bytes, lines and checksum
CHECK = struct.Struct("<I")  # of the table, since gzip has none for its head
FIELD = TABLE.size + CHECK.size
# Deflate, with a field; no time; packed as well as can be; no system; how long all fields are; ours.
SIGNATURE = b"\x1f\x8b\x08\x04" + bytes(4) + b"\x02\xff" + struct.pack("<H2sH", 4 + FIELD, b"CS", FIELD)
HEAD = len(SIGNATURE) + FIELD


class Strip(NamedTuple):
    """What is known of lines that stand together: bytes, how many, checksum."""

    size: int
    lines: int
    check: int


class Piece(NamedTuple):
    """Lines that stand together in the block from byte `start` to before `end`; `data` is None where they are damaged.

    `before` is how many lines stand before them, None where that is not known.
    """

    start: int
    end: int
    before: int | None
    data: bytes | None


def block(before: int, lines: Sequence[bytes]) -> bytes:
    """Return whole lines as a block; so many stand before it."""
    strips: list[list[bytes]] = [[] for _ in range(STRIPS)]
    place = 0
    for line in lines:
        strips[min(place * STRIPS // SIZE, STRIPS - 1)].append(line)
        place += len(line)
    parts = [b"".join(strip) for strip in strips]
    numbers = [(len(part), len(strip), zlib.crc32(part)) for part, strip in zip(parts, strips, strict=True)]
    table = TABLE.pack(before, *(number for strip in numbers for number in strip))
    data, pack = b"".join(parts), zlib.compressobj(9, wbits=-15)
    head = SIGNATURE + table + CHECK.pack(zlib.crc32(table))
    return head + pack.compress(data) + pack.flush() + struct.pack("<II", zlib.crc32(data), len(data))


def has_blocks(file: mmap) -> bool:
    """Whether a file is of blocks; one is enough, for its beginning may be damaged."""
    return file.find(SIGNATURE) >= 0


def pieces(file: mmap) -> Iterator[Piece]:
    """Yield what a file of blocks has, in its order; also what of it is damaged, unless nobody knows of it."""
    starts = [0]
    while (start := file.find(SIGNATURE, starts[-1] + 1)) >= 0:
        starts.append(start)
    for start, end in pairwise((*starts, len(file))):
        yield from _between(file, start, end)


def _between(file: mmap, start: int, end: int) -> Iterator[Piece]:
    """Yield what is between two signatures: a block, or several where the signature of the others is damaged."""
    while start < end:
        data, place, state = _unpacked(file, start, end)
        before, strips = _table(file, start)
        if state == "whole":
            yield Piece(start, place, before, data)
        elif before is None:
            if start + HEAD <= len(file):  # else the file ends there
                yield Piece(start, place, None, None)
        elif not any(strip.lines for strip in strips):
            yield Piece(start, place, before, b"")
        else:
            yield from _checked(Piece(start, place, before, data), strips, state == "cut")
        start = place


def _unpacked(file: mmap, start: int, end: int) -> tuple[bytes, int, Literal["whole", "cut", "damaged"]]:
    """Return what can be unpacked of a block, where it ends, and whether that is all and has its checksum."""
    unpack, data, place = zlib.decompressobj(GZIP), bytearray(), start
    while place < end and not unpack.eof:
        before, packed = unpack.copy(), file[place : min(place + CHUNK, end)]
        try:
            data += unpack.decompress(packed)
        except zlib.error:
            return bytes(data + _until_damage(before, packed)), end, "damaged"
        place += len(packed)
    if unpack.eof:
        return bytes(data), place - len(unpack.unused_data), "whole"
    return bytes(data), place, "cut" if place == len(file) else "damaged"


def _until_damage(unpack: zlib._Decompress, packed: bytes) -> bytes:
    data = bytearray()
    try:
        for place in range(len(packed)):
            data += unpack.decompress(packed[place : place + 1])
    except zlib.error:
        pass
    return bytes(data)


def _table(file: mmap, start: int) -> tuple[int | None, list[Strip]]:
    """Return the lines before a block, None where its head is damaged, and its strips."""
    head = file[start : start + HEAD]
    table, check = head[len(SIGNATURE) : -CHECK.size], head[-CHECK.size :]
    if len(head) < HEAD or not head.startswith(SIGNATURE) or CHECK.pack(zlib.crc32(table)) != check:
        return None, []
    before, *numbers = TABLE.unpack(table)
    return before, [Strip(*numbers[at : at + 3]) for at in range(0, len(numbers), 3)]


def _checked(block: Piece, strips: Sequence[Strip], is_cut: bool) -> Iterator[Piece]:
    """Yield the strips of a damaged block; where the file ends within one, those of its lines that are there."""
    data, place, before, is_good = block.data or b"", 0, block.before or 0, True
    for strip in filter(attrgetter("lines"), strips):
        part = data[place : place + strip.size]
        if is_cut and len(part) < strip.size:
            if is_good and b"\n" in part:
                yield block._replace(before=before, data=part[: part.rfind(b"\n") + 1])
            return
        is_right = len(part) == strip.size and zlib.crc32(part) == strip.check
        yield block._replace(before=before, data=part if is_right else None)
        place, before, is_good = place + strip.size, before + strip.lines, is_good and is_right
