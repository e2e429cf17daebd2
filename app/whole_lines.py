# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lines of a file, packed or not, as far as they can be had: it may be cut off or damaged anywhere."""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from app import blocks

PACKED = b"\x1f\x8b"  # what a gzip file begins with (RFC 1952)
CHUNK = 1 << 16  # bytes


@dataclass(frozen=True)
class Damage:
    """Lines are missing in the place of this, `missing` of them where that is known.

    With `is_last` nothing comes after it; `rest` is then the beginning of the next line.
    """

    what: str
    missing: int | None = None
    is_last: bool = False
    rest: bytes = b""


def whole_lines(file: IO[bytes]) -> Iterator[bytes | Damage]:
    """Yield a file's lines without their ends, and where some of them cannot be had, what is wrong.

    In one long packed stream nothing can be had after a damage; of blocks (app/blocks.py) almost all.
    """
    if not file.read(1):
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if blocks.has_blocks(data):
            yield from _of_blocks(data)
            return
    file.seek(0)
    is_packed = file.read(len(PACKED)) == PACKED
    file.seek(0)
    yield from _of_stream(_unpacked(file) if is_packed else iter(lambda: file.read(CHUNK), b""), file)


def _of_blocks(data: mmap.mmap) -> Iterator[bytes | Damage]:
    count, is_whole = 0, False  # lines so far, also missing ones; whether its end was seen
    hole: list[int] = []  # from which byte to which it is damaged here, if it is
    for piece in blocks.pieces(data):
        if piece.data is None:
            hole = [*(hole or [piece.start])[:1], piece.end]
            continue
        missing = None if piece.before is None else max(piece.before - count, 0)
        if hole or missing:
            start, end = hole or (piece.start, piece.start)
            yield Damage(f"damaged from byte {start} to {end}", missing)
        *lines, _ = piece.data.split(b"\n")
        yield from lines
        count, hole, is_whole = count + (missing or 0) + len(lines), [], is_whole or not piece.data
    if not is_whole:
        yield Damage(f"damaged from byte {hole[0]} on" if hole else f"cut off after {len(data)} bytes", is_last=True)


def _of_stream(pieces: Iterator[bytes | Damage], file: IO[bytes]) -> Iterator[bytes | Damage]:
    """Yield the lines in a file's pieces; `file` knows how far it was read."""
    parts = list[bytes]()  # of the line that is not whole yet
    for data in pieces:
        if isinstance(data, Damage):
            yield Damage(data.what, is_last=True, rest=b"".join(parts))
            return
        first, *lines = data.split(b"\n")
        parts.append(first)
        for line in lines:
            yield b"".join(parts)
            parts = [line]
    if last := b"".join(parts):
        yield last if _is_json(last) else Damage(f"cut off after {file.tell()} bytes", is_last=True, rest=last)


def _unpacked(file: IO[bytes]) -> Iterator[bytes | Damage]:
    unpack, has_begun = zlib.decompressobj(blocks.GZIP), False
    while data := file.read(CHUNK):
        while data:
            before, has_begun = unpack.copy(), True
            try:
                yield unpack.decompress(data)
            except zlib.error:
                yield from _until_damage(before, data, file.tell() - len(data))
                return
            data = unpack.unused_data
            if unpack.eof:  # another gzip may follow (RFC 1952 §2.2)
                unpack, has_begun = zlib.decompressobj(blocks.GZIP), False
    if has_begun:
        yield Damage(f"cut off after {file.tell()} bytes")


def _until_damage(unpack: zlib._Decompress, data: bytes, start: int) -> Iterator[bytes | Damage]:
    """Yield what can be unpacked before a damage, byte by byte."""
    for place in range(len(data)):
        try:
            yield unpack.decompress(data[place : place + 1])
        except zlib.error as error:
            yield Damage(f"damaged at byte {start + place} ({str(error).partition(': ')[2]})")
            return


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
