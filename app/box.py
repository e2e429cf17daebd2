# SPDX-License-Identifier: GPL-3.0-or-later
"""What a child has said and its pipe has not carried yet, in memory that outlives the child.

A child may so write many events at once and be killed at any moment: its parent finds the rest here. Bytes are known by
their offset in all that was ever said; the parent knows how many its end of the pipe brought, so none is told twice.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import tempfile

LIMIT = 8 * 1024 * 1024  # bytes that may wait
KEPT = 256 * 1024  # bytes of memory that stay in use when nothing waits; what a burst took beyond is given back
ENVIRONMENT = "CHANNELSCOPE_BOX"  # names the descriptor in the child
_DATA = 8  # where the data begins; before it is the offset of its first byte; after it all is zero
_PLACES = 2  # times LIMIT: what waits at the end of the memory always fits before its place


class Box:
    """One process puts (whole lines) and drops; another, with a box on the same memory, may `read`.

    Args:
        fd: memory made by `new_memory`, which says how much may wait; -1: memory of this process only.
    """

    def __init__(self, fd: int = -1) -> None:
        self.is_shared = fd >= 0
        self.limit = (os.fstat(fd).st_size - _DATA - 1) // _PLACES if fd >= 0 else LIMIT
        self._end = _DATA + _PLACES * self.limit
        self._memory = mmap.mmap(fd, self._end + 1)
        self._memory.seek(_DATA)
        self._write = self._memory.write
        self._next = self._first = _DATA  # the places behind the last byte that waits, and of the first

    @property
    def waiting(self) -> int:
        """How many bytes wait."""
        return self._next - self._first

    def put(self, line: bytes, room: int = sys.maxsize) -> int:
        """Add a line and return how many bytes wait, or 0 when it would be more than this, or than the box holds."""
        end = self._next + len(line)
        waiting = end - self._first
        if waiting > room or waiting > self.limit:
            return 0
        if end > self._end:
            self._move_to_front()
            end = self._next + len(line)
        self._write(line)
        self._next = end
        return waiting

    def first(self, limit: int) -> bytes:
        """Return some of the first bytes that wait."""
        return self._memory[self._first : min(self._first + limit, self._next)]

    def drop(self, count: int) -> None:
        """Forget the first so many bytes: somebody has them. Once none is left the same memory is used again."""
        self._first += count
        if not self.waiting:
            begin = self._begin() + self._first - _DATA
            self._memory[_DATA : self._first] = bytes(self._first - _DATA)
            self._memory[:_DATA] = begin.to_bytes(_DATA, "little")
            if self._first > KEPT and hasattr(mmap, "MADV_REMOVE"):
                with contextlib.suppress(OSError):  # memory that cannot be given back
                    self._memory.madvise(mmap.MADV_REMOVE, KEPT)
            self._memory.seek(_DATA)
            self._next = self._first = _DATA

    def _move_to_front(self) -> None:
        """Make room behind what waits. At every moment the other end finds it whole: we may be killed at any."""
        size, end = self.waiting, self._next
        self._memory.move(_DATA, self._first, size)
        self._memory[_DATA + size : self._first] = bytes(self._first - _DATA - size)
        self._memory[:_DATA] = (self._begin() + self._first - _DATA).to_bytes(_DATA, "little")
        self._memory[self._first : end] = bytes(size)
        self._memory.seek(_DATA + size)
        self._next, self._first = _DATA + size, _DATA

    def read(self, offset: int) -> bytes | None:
        """At the other end: return what there is from an offset on; None when that is no longer kept."""
        place = _DATA + offset - self._begin()
        return self._memory[place : self._memory.find(b"\0", place)] if place >= _DATA else None

    def _begin(self) -> int:
        return int.from_bytes(self._memory[:_DATA], "little")


def new_memory() -> int:
    """Return the descriptor of memory for a box that a child can inherit."""
    if sys.platform == "linux":
        fd = os.memfd_create("channelscope-box")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, _DATA + _PLACES * LIMIT + 1)
    return fd


def inherited() -> Box:
    """Return the box that this process was given, or one of its own."""
    fd = int(os.environ.pop(ENVIRONMENT, "-1"))
    box = Box(fd)
    if fd >= 0:
        os.close(fd)  # it is mapped
    return box
