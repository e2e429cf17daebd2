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
_DATA = 16  # where the data begins; before it are, of all bytes ever said, the offset of its first, and their number
_PLACES = 2  # times LIMIT: what waits at the end of the memory always fits before its place


class Box:
    """One process puts and drops; another, with a box on the same memory, may `read`.

    Args:
        fd: memory made by `new_memory`, which says how much may wait; -1: memory of this process only.
    """

    def __init__(self, fd: int = -1) -> None:
        self.is_shared = fd >= 0
        self.limit = (os.fstat(fd).st_size - _DATA) // _PLACES if fd >= 0 else LIMIT
        self._end = _DATA + _PLACES * self.limit
        self._memory = mmap.mmap(fd, self._end)
        self._memory.seek(_DATA)
        self._write = self._memory.write
        self._head = memoryview(self._memory)[:_DATA].cast("Q")
        self._next = self._first = _DATA  # the places behind the last byte that waits, and of the first
        self._lead = self._head[0] - _DATA  # of a byte's offset before its place

    @property
    def waiting(self) -> int:
        """How many bytes wait."""
        return self._next - self._first

    def put(self, data: bytes, room: int = sys.maxsize) -> int:
        """Add bytes and return how many bytes wait, or 0 when it would be more than this, or than the box holds."""
        end = self._next + len(data)
        waiting = end - self._first
        if waiting > room or waiting > self.limit:
            return 0
        if end > self._end:
            self._move_to_front()
            end = self._next + len(data)
        self._write(data)
        self._next = end
        self._head[1] = self._lead + end  # from now on it has been said
        return waiting

    def first(self, limit: int) -> bytes:
        """Return some of the first bytes that wait."""
        return self._memory[self._first : min(self._first + limit, self._next)]

    def drop(self, count: int) -> None:
        """Forget the first so many bytes: somebody has them. Once none is left the same memory is used again."""
        self._first += count
        if not self.waiting:
            self._head[0] = self._head[1]
            self._lead = self._head[0] - _DATA
            if self._first > KEPT and hasattr(mmap, "MADV_REMOVE"):
                with contextlib.suppress(OSError):  # memory that cannot be given back
                    self._memory.madvise(mmap.MADV_REMOVE, KEPT)
            self._memory.seek(_DATA)
            self._next = self._first = _DATA

    def _move_to_front(self) -> None:
        """Make room behind what waits. At every moment the other end finds it whole: we may be killed at any."""
        size = self.waiting
        self._memory.move(_DATA, self._first, size)
        self._lead += self._first - _DATA
        self._head[0] = self._lead + _DATA
        self._memory.seek(_DATA + size)
        self._next, self._first = _DATA + size, _DATA

    def read(self, offset: int) -> bytes | None:
        """At the other end: return what there is from an offset on; None when that is no longer kept."""
        begin, end = self._head
        return self._memory[_DATA + offset - begin : _DATA + end - begin] if offset >= begin else None


def new_memory() -> int:
    """Return the descriptor of memory for a box that a child can inherit."""
    if sys.platform == "linux":
        fd = os.memfd_create("channelscope-box")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, _DATA + _PLACES * LIMIT)
    return fd


def inherited() -> Box:
    """Return the box that this process was given, or one of its own."""
    fd = int(os.environ.pop(ENVIRONMENT, "-1"))
    box = Box(fd)
    if fd >= 0:
        os.close(fd)  # it is mapped
    return box
