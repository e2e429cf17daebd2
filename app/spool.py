# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte runs of every connection: where each lies in one file, and how to read a stretch of a stream back.

Live, the lab appends what the tap saw to a temporary file (`add`). For a capture the bytes stay in the capture file and
only their places are noted (`place`). One thread writes, others may read.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from bisect import bisect_right
from pathlib import Path


class _Runs:
    """The runs of one direction of one connection, by stream offset."""

    __slots__ = ("lengths", "offsets", "positions")

    def __init__(self) -> None:
        self.offsets = array("q")
        self.positions = array("q")
        self.lengths = array("q")


class Spool:
    """A file of bytes and the map from (connection, direction, stream offset) to places in it."""

    def __init__(self, capture: Path | None = None, limit: int | None = None) -> None:
        self._limit = limit
        self._size = 0
        self._runs: dict[tuple[str, str], _Runs] = {}
        if capture is None:
            fd, name = tempfile.mkstemp(prefix="channelscope-", suffix=".spool")
            os.unlink(name)  # the open descriptor keeps it; nothing is left behind however we end
            self._fd = fd
        else:
            self._fd = os.open(capture, os.O_RDONLY)

    def add(self, connection: str, direction: str, offset: int, data: bytes) -> bool:
        """Append bytes seen; returns False when the spool's limit keeps them out."""
        if self._limit is not None and self._size + len(data) > self._limit:
            return False
        os.pwrite(self._fd, data, self._size)
        self.place(connection, direction, offset, len(data), self._size)
        self._size += len(data)
        return True

    def place(self, connection: str, direction: str, offset: int, length: int, position: int) -> None:
        """Note that `length` bytes of a stream, from `offset`, lie at `position` of the file; offsets must rise."""
        runs = self._runs.setdefault((connection, direction), _Runs())
        runs.positions.append(position)
        runs.lengths.append(length)
        runs.offsets.append(offset)

    def read(self, connection: str, direction: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a stream from `offset`; fewer where bytes are missing."""
        runs = self._runs.get((connection, direction))
        if runs is None:
            return b""
        pieces = []
        i = bisect_right(runs.offsets, offset) - 1
        while i >= 0 and length > 0 and i < len(runs.offsets):
            skip = offset - runs.offsets[i]
            take = min(runs.lengths[i] - skip, length)
            if skip < 0 or take <= 0:
                break
            pieces.append(os.pread(self._fd, take, runs.positions[i] + skip))
            offset, length, i = offset + take, length - take, i + 1
        return b"".join(pieces)

    def close(self) -> None:
        """Give the file back; reading is over."""
        os.close(self._fd)
