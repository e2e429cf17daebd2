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
import time
from collections.abc import Callable, Iterator

from app.codec import pack_event, pack_length
from app.events import Event

LIMIT = 8 * 1024 * 1024  # bytes that may wait
KEPT = 256 * 1024  # bytes of memory that stay in use when nothing waits; what a burst took beyond is given back
TURN = 20e-6  # seconds for another thread to finish a few steps
ENVIRONMENT = "CHANNELSCOPE_BOX"  # names the descriptor in the child
_DATA = 16  # where the data begins; before it are, of all bytes ever said, the offset of its first, and their number
_PLACES = 2  # times LIMIT: what waits at the end of the memory always fits before its place


class Box:
    """One process says and drops; another, with a box on the same memory, may `read`.

    Any thread may `say`. The other calls are for one thread at a time; what they change they change `_alone`.

    Args:
        fd: memory made by `new_memory`, which says how much may wait; -1: memory of this process only.
    """

    def __init__(self, fd: int = -1) -> None:
        self.is_shared = fd >= 0
        self.limit = (os.fstat(fd).st_size - _DATA) // _PLACES if fd >= 0 else LIMIT
        self.on_full: Callable[[Event, bytes], None] = self._keep
        self._end = _DATA + _PLACES * self.limit
        self._memory = mmap.mmap(fd, self._end)
        self._memory.seek(_DATA)
        self._write = self._memory.write
        self._head = memoryview(self._memory)[:_DATA].cast("Q")
        self._next = self._first = _DATA  # the places behind the last byte that waits, and of the first
        self._lead = self._head[0] - _DATA  # of a byte's offset before its place
        self._room = 0  # the place up to which `say` fills it
        # Whoever holds the only thing in this list is alone. A Lock does the same, but costs 0.7 µs in cold caches.
        self._baton = ["baton"]

    @property
    def waiting(self) -> int:
        """How many bytes wait."""
        return self._next - self._first

    @property
    def said(self) -> int:
        """How many bytes were ever said."""
        return self._head[1]

    def say(self, event: Event) -> None:
        """Add an event's frame; `on_full` is told if more would wait then than `allow` allows.

        Everything observed goes through here, after each wake-up with cold caches: so no call and no step too many.
        """
        data = pack_event(event)
        data = pack_length(len(data)) + data
        try:
            baton = self._baton.pop()
        except IndexError:
            baton = self._wait_for_baton()
        try:
            end = self._next + len(data)
            if end <= self._room:
                self._write(data)
                self._next = end
                self._head[1] = self._lead + end  # from now on it has been said
                return
        finally:
            self._baton.append(baton)
        self.on_full(event, data)

    def _keep(self, _: Event, data: bytes) -> None:
        self.put(data)

    def allow(self, waiting: int) -> None:
        """Let so many bytes wait before `say` asks what to do."""
        with self._alone():
            self._room = min(self._first + waiting, self._end)

    def put(self, data: bytes, room: int = sys.maxsize) -> int:
        """Add bytes and return how many bytes wait, or 0 when it would be more than this, or than the box holds."""
        with self._alone():
            waiting = self.waiting + len(data)
            if waiting > room or waiting > self.limit:
                return 0
            if self._next + len(data) > self._end:
                self._move_to_front()
            self._write(data)
            self._next += len(data)
            self._head[1] = self._lead + self._next
            return waiting

    def first(self, limit: int) -> bytes:
        """Return some of the first bytes that wait."""
        return self._memory[self._first : min(self._first + limit, self._next)]

    def drop(self, count: int) -> None:
        """Forget the first so many bytes: somebody has them. Once none is left the same memory is used again."""
        with self._alone():
            self._first += count
            if not self.waiting:
                self._begin_again()

    def _begin_again(self) -> None:
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

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            baton = self._baton.pop()
        except IndexError:
            baton = self._wait_for_baton()
        try:
            yield
        finally:
            self._baton.append(baton)

    def _wait_for_baton(self) -> str:
        """Another thread lost its turn at the interpreter while it held the baton: let it go on."""
        while True:
            time.sleep(TURN)
            with contextlib.suppress(IndexError):
                return self._baton.pop()

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
