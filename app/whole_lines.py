# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lines of a file, packed or not, as far as they can be had: it may be cut off or damaged anywhere."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import IO

PACKED = b"\x1f\x8b"  # what a gzip file begins with (RFC 1952)
GZIP = 31  # how zlib is told that what it unpacks is gzip
CHUNK = 1 << 16  # bytes


class LinesEnded(Exception):
    """The file ends before its end; says where and why. `lines` are whole, `rest` is the beginning of the next."""

    lines = 0
    rest = b""


def whole_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's lines without their ends.

    Raises:
        LinesEnded: it is cut off or damaged; all lines before that were yielded.
    """
    is_packed = file.read(len(PACKED)) == PACKED
    file.seek(0)
    parts, count = list[bytes](), 0  # parts of the line that is not whole yet
    try:
        for data in _unpacked(file) if is_packed else iter(lambda: file.read(CHUNK), b""):
            first, *lines = data.split(b"\n")
            parts.append(first)
            for line in lines:
                yield b"".join(parts)
                parts, count = [line], count + 1
        if last := b"".join(parts):
            if not _is_json(last):
                raise LinesEnded(f"cut off after {file.tell()} bytes")
            yield last
    except LinesEnded as error:
        error.lines, error.rest = count, b"".join(parts)
        raise


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    unpack, has_begun = zlib.decompressobj(GZIP), False
    while data := file.read(CHUNK):
        while data:
            before, has_begun = unpack.copy(), True
            try:
                yield unpack.decompress(data)
            except zlib.error:
                yield from _until_damage(before, data, file.tell() - len(data))
            data = unpack.unused_data
            if unpack.eof:  # another gzip may follow (RFC 1952 §2.2)
                unpack, has_begun = zlib.decompressobj(GZIP), False
    if has_begun:
        raise LinesEnded(f"cut off after {file.tell()} bytes")


def _until_damage(unpack: zlib._Decompress, data: bytes, start: int) -> Iterator[bytes]:
    """Yield what can be unpacked before a damage, byte by byte."""
    for place in range(len(data)):
        try:
            yield unpack.decompress(data[place : place + 1])
        except zlib.error as error:
            raise LinesEnded(f"damaged at byte {start + place} ({str(error).partition(': ')[2]})") from None


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
