# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte runs of every connection: where each lies in one file, and how to read a stretch of a stream back.

Live, the lab appends what the tap saw to a temporary file (`add`). For a capture the bytes stay in the capture file and
only their places are noted (`place`). One thread writes, others may read.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from array import array
from bisect import bisect_right
from pathlib import Path

_DIRECTIONS = ("client", "server")


class Runs:
    """The runs of one direction of one connection, by stream offset."""

    __slots__ = ("lengths", "offsets", "packed", "positions")

    def __init__(self) -> None:
        self.offsets = array("q")
        self.positions = array("q")
        self.lengths = array("i")
        self.packed = 0  # how many of them were given to another process

    def add(self, offset: int, length: int, position: int) -> None:
        """Note a run; offsets must rise."""
        self.positions.append(position)
        self.lengths.append(length)
        self.offsets.append(offset)

    def place_of(self, offset: int) -> int:
        """Return where in the file the byte at `offset` lies, -1 when it was not seen."""
        i = bisect_right(self.offsets, offset) - 1
        if i < 0 or offset - self.offsets[i] >= self.lengths[i]:
            return -1
        return self.positions[i] + offset - self.offsets[i]

    def places(self, offset: int, length: int) -> list[int]:
        """Return where in the file each run begins that has some of the `length` bytes from `offset` on."""
        i = max(bisect_right(self.offsets, offset) - 1, 0)
        found = []
        while i < len(self.offsets) and self.offsets[i] < offset + length:
            if self.offsets[i] + self.lengths[i] > offset:
                found.append(self.positions[i])
            i += 1
        return found


# Runs on their way to another process: connection and direction, then their columns.
Packed = tuple[tuple[str, str], tuple[bytes, ...]]


class Spool:
    """A file of bytes and the map from (connection, direction, stream offset) to places in it."""

    def __init__(self, capture: Path | None = None, limit: int | None = None) -> None:
        self._limit = limit
        self._size = 0
        self._runs: dict[tuple[str, str], Runs] = {}
        self._shared: dict[tuple[str, str], Runs] = {}  # those that `pack` returns
        self._finished: list[str] = []  # connections of them that have all their runs
        self._map: mmap.mmap | None = None
        if capture is None:
            fd, name = tempfile.mkstemp(prefix="channelscope-", suffix=".spool")
            os.unlink(name)  # the open descriptor keeps it; nothing is left behind however we end
            self._fd = fd
        else:
            self._fd = os.open(capture, os.O_RDONLY)
            self._map = mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)

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
        self.runs(connection, direction).add(offset, length, position)

    def runs(self, connection: str, direction: str) -> Runs:
        """Return the runs of one direction, none yet if nothing was placed there."""
        runs = self._runs.get((connection, direction))
        if runs is None:
            runs = self._runs[connection, direction] = Runs()
        return runs

    def share(self, connection: str) -> None:
        """From now on, return the runs of a connection from `pack`."""
        for direction in _DIRECTIONS:
            self._shared[connection, direction] = self.runs(connection, direction)

    def finish(self, connection: str) -> None:
        """No more runs of a connection will come."""
        self._finished.append(connection)

    def pack(self) -> list[Packed]:
        """Return the runs of shared connections not yet packed, to be given to `unpack` in another process."""
        found: list[Packed] = []
        for key, runs in self._shared.items():
            start, runs.packed = runs.packed, len(runs.offsets)
            if runs.packed > start:
                columns = runs.offsets, runs.positions, runs.lengths
                found.append((key, tuple(column[start:].tobytes() for column in columns)))
        for connection in self._finished:
            self._unshare(connection)
        self._finished.clear()
        return found

    def unpack(self, packed: list[Packed]) -> None:
        """Note runs that `pack` returned."""
        for key, (offsets, positions, lengths) in packed:
            runs = self.runs(*key)
            runs.positions.frombytes(positions)
            runs.lengths.frombytes(lengths)
            runs.offsets.frombytes(offsets)

    def forget(self, connection: str) -> None:
        """Keep no places of a connection: nobody will want its bytes."""
        for direction in _DIRECTIONS:
            self._runs.pop((connection, direction), None)
        self._unshare(connection)

    def _unshare(self, connection: str) -> None:
        for direction in _DIRECTIONS:
            self._shared.pop((connection, direction), None)

    def piece(self, runs: Runs, offset: int, length: int) -> bytes | None:
        """Return bytes that lie in one run, None when they do not: the quick way to most frames of a capture."""
        offsets = runs.offsets
        i = bisect_right(offsets, offset) - 1
        if i < 0:
            return None
        skip = offset - offsets[i]
        if skip + length > runs.lengths[i]:
            return None
        return self._bytes(runs.positions[i] + skip, length)

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
            pieces.append(self._bytes(runs.positions[i] + skip, take))
            offset, length, i = offset + take, length - take, i + 1
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _bytes(self, position: int, length: int) -> bytes:
        if self._map is not None:
            return self._map[position : position + length]
        return os.pread(self._fd, length, position)

    def close(self) -> None:
        """Give the file back; reading is over."""
        if self._map is not None:
            self._map.close()
        os.close(self._fd)
