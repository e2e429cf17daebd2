# SPDX-License-Identifier: GPL-3.0-or-later
"""One direction of a TCP connection put in order: what came twice is trimmed, what came early waits for its turn."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

_HALF = 1 << 31  # sequence numbers are compared modulo 2**32, RFC 9293 §3.4
_FAR = 1 << 28  # further ahead than any window reaches: not of this connection, or damaged
_WAITING = 4096  # segments that may wait for a hole to be filled before it counts as lost


class Piece(NamedTuple):
    """Bytes of a stream in order: from `offset` on, `length` of them, lying at `position` of the capture file.

    `position` is -1 where they were not captured; `time` is that of the packet that made them available.
    """

    offset: int
    length: int
    position: int
    time: float


class Direction:
    """Puts the segments of one direction in order."""

    def __init__(self) -> None:
        self.is_whole = False  # whether its SYN was seen
        self.has_ended = False
        self.next = 0  # offset of the first byte not yet given out
        self._base: int | None = None  # sequence number of offset 0
        self._waiting: list[tuple[int, int, int, float]] = []
        self._end: int | None = None  # offset behind the last byte, once FIN was seen

    def synchronise(self, sequence: int) -> None:
        """A SYN was seen: the first byte has the sequence number after it."""
        if self._base is None:
            self._base = (sequence + 1) & 0xFFFFFFFF
            self.is_whole = True

    def is_begun_with(self, sequence: int) -> bool:
        """Return whether a SYN with this number is the one this direction began with."""
        return self._base is None or self._base == (sequence + 1) & 0xFFFFFFFF

    def add(self, sequence: int, length: int, captured: int, position: int, time: float) -> Iterator[Piece]:
        """Take a segment; yields what can be given out in order.

        Args:
            sequence: its sequence number.
            length: its bytes on the wire.
            captured: how many of them are in the file.
            position: where they lie there.
            time: when it was captured.
        """
        offset = self._offset(sequence)
        if not length or offset > self.next + _FAR or offset + length <= self.next:
            return
        heappush(self._waiting, (offset, captured, position, time))
        if captured < length:
            heappush(self._waiting, (offset + captured, length - captured, -1, time))
        yield from self._ready(time)
        if len(self._waiting) > _WAITING:
            yield from self._give_up_hole(time)

    def finish(self, sequence: int) -> None:
        """FIN was seen; `sequence` is its number, after the segment's data."""
        self._end = self._offset(sequence)

    @property
    def is_done(self) -> bool:
        """Whether everything up to FIN was given out."""
        return self._end is not None and self.next >= self._end

    def flush(self) -> Iterator[Piece]:
        """No more segments will come: give out what waits, with the holes in it."""
        while self._waiting:
            yield from self._give_up_hole(self._waiting[0][3])

    def _offset(self, sequence: int) -> int:
        if self._base is None:
            self._base = sequence
        distance = (sequence - self._base - self.next + _HALF) & 0xFFFFFFFF
        return self.next + distance - _HALF

    def _ready(self, time: float) -> Iterator[Piece]:
        waiting = self._waiting
        while waiting and waiting[0][0] <= self.next:
            offset, length, position, seen = heappop(waiting)
            known = self.next - offset  # bytes that we have already; the first copy counts
            if known >= length:
                continue
            if position >= 0:
                position += known
            yield Piece(self.next, length - known, position, max(time, seen))
            self.next = offset + length

    def _give_up_hole(self, time: float) -> Iterator[Piece]:
        offset, _, _, seen = self._waiting[0]
        if offset > self.next:
            yield Piece(self.next, offset - self.next, -1, seen)
            self.next = offset
        yield from self._ready(min(time, seen))
