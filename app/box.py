# SPDX-License-Identifier: GPL-3.0-or-later
"""What a child has said and its pipe has not carried yet, in memory that outlives the child.

A child may so write many events at once and be killed at any moment: its parent finds the rest here. Bytes are known by
their offset in all that was ever said; the parent knows how many its end of the pipe brought, so none is told twice.

The first part of the memory is the *window*. While it is open any thread adds an event by one call of `mmap.write`,
which no other thread can interrupt: it needs no lock, which would cost as much as the rest. Behind the last event the
window is zero, so whoever reads finds the end: an event says itself where it ends, and none begins with a zero.
Whatever needs more thought closes it first.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import tempfile
from collections.abc import Callable

from app.codec import ends_in, pack_event
from app.events import Event

LIMIT = 8 * 1024 * 1024  # bytes that may wait
KEPT = 256 * 1024  # bytes of memory that stay in use when nothing waits; what a burst took beyond is given back
ENVIRONMENT = "CHANNELSCOPE_BOX"  # names the descriptor in the child
_DATA = 24  # where the data begins; before it: the offsets of the first byte and behind the last, and if it is open
_PLACES = 2  # times LIMIT: what waits at the end of the memory always fits before its place
_WINDOW = 128 * 1024  # where the window ends
_SHORT = 4096  # bytes of an event that goes through it: the copy of a longer one takes a while, and a kill may cut it
_NOTHING = bytes(_WINDOW - _DATA)


class Box:
    """One process says and drops; another, with a box on the same memory, may `read`.

    Any thread may `say`; the other calls are for one thread at a time.

    Args:
        fd: memory made by `new_memory`, which says how much may wait; -1: memory of this process, without a window.
    """

    def __init__(self, fd: int = -1) -> None:
        self.is_shared = fd >= 0
        self.limit = (os.fstat(fd).st_size - _DATA) // _PLACES if fd >= 0 else LIMIT
        self.on_full: Callable[[Event, bytes], None] = lambda _, frame: None
        self._end = _DATA + _PLACES * self.limit
        self._memory = mmap.mmap(fd, self._end)
        self._all = memoryview(self._memory)
        self._head = self._all[:_DATA].cast("Q")
        self._window_end = min(_WINDOW, self._end)
        self._window = mmap.mmap(fd, self._window_end)
        self._write = self._window.write
        self._next = self._first = _DATA  # the places behind the last byte that waits, and of the first
        self._lead = self._head[0] - _DATA  # of a byte's offset before its place
        self._is_open = False
        self._window.seek(self._window_end)

    def say(self, event: Event) -> None:
        """Add an event through the window; where it does not fit, `on_full` is given it, packed.

        All that is observed goes through here, in caches that others have emptied: so no call and no step too many.
        """
        data = pack_event(event)
        if len(data) < _SHORT:
            try:
                self._write(data)
                return
            except ValueError:  # there is no room, or it is closed
                pass
        self.on_full(event, data)

    @property
    def waiting(self) -> int:
        """How many bytes wait."""
        return self._behind - self._first

    @property
    def said(self) -> int:
        """How many bytes were ever said."""
        return self._lead + self._behind

    @property
    def _behind(self) -> int:
        return self._window.tell() if self._is_open else self._next

    def put(self, data: bytes, room: int = sys.maxsize) -> int:
        """Add bytes and return how many bytes wait, or 0 when it would be more than this, or than the box holds."""
        self._close()
        waiting = self.waiting + len(data)
        if waiting > room or waiting > self.limit:
            return 0
        if self._next + len(data) > self._end:
            self._move_to_front()
        self._memory[self._next : self._next + len(data)] = data
        self._next += len(data)
        self._head[1] = self._lead + self._next  # from now on it has been said
        return waiting

    def first(self, limit: int) -> memoryview:
        """Return some of the first bytes that wait."""
        return self._all[self._first : min(self._first + limit, self._behind)]

    def drop(self, count: int) -> None:
        """Forget the first so many bytes: somebody has them. Once none is left the same memory is used again."""
        self._first += count
        if not self._is_open and not self.waiting:
            self._begin_again()

    def read(self, offset: int) -> bytes | None:
        """At the other end: return what there is from an offset on; None when that is no longer kept."""
        begin, end, is_open = self._head
        if offset < begin:
            return None
        # Not from `offset` on: the pipe may have brought half an event.
        behind = self._end_of_events(_DATA) if is_open else _DATA + end - begin
        return self._memory[_DATA + offset - begin : behind]

    # --- the window ---

    def _open(self) -> None:
        """Let `say` fill the window; nothing waits."""
        self._memory[_DATA : self._window_end] = _NOTHING[: self._window_end - _DATA]
        self._head[2] = self._is_open = True
        self._window.seek(_DATA)

    def _close(self) -> None:
        """Let no more into the window."""
        if self._is_open:
            place = self._window.tell()
            self._window.seek(self._window_end)  # nobody writes from now on, but somebody may have done so in between
            self._next = self._end_of_events(place)
            self._head[1] = self._lead + self._next
            self._head[2] = self._is_open = False

    def _end_of_events(self, place: int) -> int:
        """Return the place behind the last event in the window, of those from a place on."""
        if place == self._window_end or not self._memory[place]:
            return place
        behind = place
        with contextlib.suppress(ValueError):  # damaged; what stands before it counts
            for end in ends_in(self._memory[place : self._window_end]):
                behind = place + end
        return behind

    # --- the memory ---

    def _begin_again(self) -> None:
        self._head[0] = self._head[1]
        self._lead = self._head[0] - _DATA
        if self._next > KEPT and hasattr(mmap, "MADV_REMOVE"):
            with contextlib.suppress(OSError):  # memory that cannot be given back
                self._memory.madvise(mmap.MADV_REMOVE, KEPT)
        self._next = self._first = _DATA
        if self.is_shared:
            self._open()

    def _move_to_front(self) -> None:
        """Make room behind what waits. At every moment the other end finds it whole: we may be killed at any."""
        size = self.waiting
        self._memory.move(_DATA, self._first, size)
        self._lead += self._first - _DATA
        self._head[0] = self._lead + _DATA
        self._next, self._first = _DATA + size, _DATA


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
