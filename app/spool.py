# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte runs of every connection: where each lies in one file, and how to read a stretch of a stream back.

Live, the lab appends what the tap saw to a temporary file (`add`), which is a ring: the newest bytes take the place of
the oldest. For a capture the bytes stay in the capture file and only their places are noted (`place`). One thread
writes, others may read.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import threading
from array import array
from bisect import bisect_left, bisect_right
from pathlib import Path

from app.settings import SPOOL_LIMIT

_DIRECTIONS = ("client", "server")
HEAD = 16 * 1024  # bytes at the beginning of a connection that stay as long as it is open: its opening handshake
SWEEPS = 64  # so often the places of bytes that fell off are forgotten while the ring is written once
SPARE = 8  # the part of a direction's runs that may be of bytes that fell off


class Runs:
    """The runs of one direction of one connection, by stream offset."""

    __slots__ = ("is_over", "lengths", "offsets", "packed", "positions")

    def __init__(self) -> None:
        self.offsets = array("q")
        self.positions = array("q")
        self.lengths = array("i")
        self.packed = 0  # how many of them were given to another process
        self.is_over = False  # no more will come

    def drop(self, first: int, last: int) -> None:
        """Drop some, in place: copies of columns with a million of them would leave memory in pieces."""
        del self.offsets[first:last], self.positions[first:last], self.lengths[first:last]

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

    def __init__(self, capture: Path | None = None, limit: int = SPOOL_LIMIT) -> None:
        self.limit = limit if capture is None else 0  # bytes that are kept; 0: all are there
        self.start = self.end = 0  # positions of the oldest byte kept and of the next to come; they only rise
        self._swept = 0  # where the end was when places were forgotten
        self._runs: dict[tuple[str, str], Runs] = {}
        self._shared: dict[tuple[str, str], Runs] = {}  # those that `pack` returns
        self._finished: list[str] = []  # connections of them that have all their runs
        self._lock = threading.Lock()  # while runs are dropped, and while somebody goes through them
        self._map: mmap.mmap | None = None
        if capture is None:
            fd, name = tempfile.mkstemp(prefix="channelscope-", suffix=".spool")
            os.unlink(name)  # the open descriptor keeps it; nothing is left behind however we end
            self._fd = fd
        else:
            self._fd = os.open(capture, os.O_RDONLY)
            self._map = mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)

    def add(self, connection: str, direction: str, offset: int, data: bytes) -> None:
        """Append bytes seen; the oldest fall off as the limit asks. More at once than the limit are not kept."""
        if len(data) <= self.limit:
            self.place(connection, direction, offset, len(data), self._append(data))
            if self.end - self._swept > self.limit // SWEEPS:
                self._sweep()

    def _append(self, data: bytes) -> int:
        """Write at the end; returns the position."""
        position, self.end = self.end, self.end + len(data)
        self.start = max(self.start, self.end - self.limit)  # before they are written over
        at = position % self.limit
        room = self.limit - at
        os.pwrite(self._fd, data[:room], at)
        if len(data) > room:
            os.pwrite(self._fd, data[room:], 0)
        return position

    def forget_before(self, position: int) -> None:
        """Let bytes fall off that nobody asks for any more."""
        self.start = max(self.start, position)
        self._sweep()

    def close_connection(self, connection: str) -> None:
        """No more bytes of a connection will come, and its handshake may fall off."""
        for direction in _DIRECTIONS:
            if runs := self._runs.get((connection, direction)):
                runs.is_over = True

    def _sweep(self) -> None:
        """Forget where bytes were that fell off."""
        self._swept = self.end
        for key, runs in list(self._runs.items()):
            kept = int(not runs.is_over and self._keep_head(runs))
            gone = bisect_left(runs.positions, self.start, kept)
            if gone == len(runs.positions) and not kept:
                del self._runs[key]
            elif (gone - kept) * SPARE > len(runs.positions):
                with self._lock:
                    runs.drop(kept, gone)

    def _keep_head(self, runs: Runs) -> bool:
        """Write the first bytes of an open connection once more if they will fall off soon; whether they are kept."""
        if not runs.offsets or runs.offsets[0] or runs.lengths[0] > min(HEAD, self.limit // 4 // SWEEPS):
            return False
        position, oldest = runs.positions[0], self.end - self.limit
        if oldest <= position < max(self.start, oldest + 2 * self.limit // SWEEPS):
            runs.positions[0] = self._append(self._raw(position, runs.lengths[0]))
        return position >= oldest

    def place(self, connection: str, direction: str, offset: int, length: int, position: int) -> None:
        """Note that `length` bytes of a stream, from `offset`, lie at `position` of the file; offsets must rise."""
        self.runs(connection, direction).add(offset, length, position)

    def runs(self, connection: str, direction: str) -> Runs:
        """Return the runs of one direction, none yet if nothing was placed there."""
        key = connection, direction
        return self._runs.get(key) or self._runs.setdefault(key, Runs())

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
        with self._lock:
            offsets = runs.offsets
            i = bisect_right(offsets, offset) - 1
            if i < 0:
                return None
            skip = offset - offsets[i]
            if skip + length > runs.lengths[i]:
                return None
            return self._bytes(runs.positions[i] + skip, length) or None

    def read(self, connection: str, direction: str, offset: int, length: int) -> bytes:
        """Return up to `length` bytes of a stream from `offset`; fewer where bytes are missing."""
        with self._lock:
            return self._read(connection, direction, offset, length)

    def _read(self, connection: str, direction: str, offset: int, length: int) -> bytes:
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
            piece = self._bytes(runs.positions[i] + skip, take)
            if not piece:
                break
            pieces.append(piece)
            offset, length, i = offset + take, length - take, i + 1
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _bytes(self, position: int, length: int) -> bytes:
        if self._map is not None:
            return self._map[position : position + length]
        data = self._raw(position, length) if position >= self.start else b""
        return data if position >= self.start else b""  # else it was written over meanwhile

    def _raw(self, position: int, length: int) -> bytes:
        at = position % self.limit
        data = os.pread(self._fd, min(length, self.limit - at), at)
        return data if len(data) == length else data + os.pread(self._fd, length - len(data), 0)

    def close(self) -> None:
        """Give the file back; reading is over."""
        if self._map is not None:
            self._map.close()
        os.close(self._fd)
