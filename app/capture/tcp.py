# SPDX-License-Identifier: GPL-3.0-or-later
"""One direction of a TCP connection put in order: what came twice is trimmed, what came early waits for its turn."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import NamedTuple

MODULUS = 0xFFFFFFFF  # sequence numbers are compared modulo 2**32, RFC 9293 §3.4
_HALF = 1 << 31
_FAR = 1 << 28  # further ahead than any window reaches: not of this connection, or damaged
_WAITING = 4096  # segments that may wait for a hole to be filled before it counts as lost
_PATIENCE = 1.0  # seconds to wait for a hole to be filled once the receiver has said that it has those bytes


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

    __slots__ = ("_acknowledged", "_base", "_end", "is_whole", "next", "waiting")

    def __init__(self) -> None:
        self.is_whole = False  # whether its SYN was seen
        self.next = 0  # offset of the first byte not yet given out
        self.waiting: list[tuple[int, int, int, float]] = []  # a heap of what came early
        self._base: int | None = None  # sequence number of offset 0
        self._end: int | None = None  # offset behind the last byte, once FIN was seen
        self._acknowledged = 0  # offset up to which the other end said that it has everything

    @property
    def sequence(self) -> int:
        """The sequence number of the first byte not yet given out; -1 while nothing was seen."""
        return -1 if self._base is None else (self._base + self.next) & MODULUS

    def synchronise(self, sequence: int) -> None:
        """A SYN was seen: the first byte has the sequence number after it."""
        if self._base is None:
            self._base = (sequence + 1) & MODULUS
            self.is_whole = True

    def is_begun_with(self, sequence: int) -> bool:
        """Return whether a SYN with this number is the one this direction began with."""
        return self._base is None or self._base == (sequence + 1) & MODULUS

    def is_near(self, sequence: int) -> bool:
        """Return whether a sequence number may belong to what this direction sends."""
        return self._base is None or abs(self._offset(sequence) - self.next) <= _FAR

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
        if captured:
            heappush(self.waiting, (offset, captured, position, time))
        if captured < length:
            heappush(self.waiting, (offset + captured, length - captured, -1, time))
        yield from self._ready(time)
        if len(self.waiting) > _WAITING:
            yield from self._give_up_hole(time)

    def acknowledge(self, sequence: int, time: float) -> Iterator[Piece]:
        """The other end has everything up to `sequence`: what of it is still not here was not captured."""
        if self._base is None:
            return
        offset = self._offset(sequence)
        if self.next < offset <= self.next + _FAR:
            self._acknowledged = max(self._acknowledged, offset)
        while self.waiting and self._is_lost(time):
            yield from self._give_up_hole(time)

    def finish(self, sequence: int) -> None:
        """FIN was seen; `sequence` is its number, after the segment's data."""
        offset = self._offset(sequence)
        if abs(offset - self.next) <= _FAR:
            self._end = offset

    @property
    def is_done(self) -> bool:
        """Whether everything up to FIN was given out."""
        return self._end is not None and self.next >= self._end

    def flush(self, time: float) -> Iterator[Piece]:
        """No more segments will come: give out what waits, with the holes in it and the one at the end."""
        while self.waiting:
            yield from self._give_up_hole(self.waiting[0][3])
        end = self._acknowledged if self._end is None else self._end
        # A FIN that was not captured counts as one byte in the acknowledgement of it.
        if end > self.next + (self._end is None):
            yield Piece(self.next, end - self.next, -1, time)
            self.next = end

    def _is_lost(self, time: float) -> bool:
        offset, _, _, seen = self.waiting[0]
        return offset <= self._acknowledged and time - seen > _PATIENCE

    def _offset(self, sequence: int) -> int:
        if self._base is None:
            self._base = sequence
        distance = (sequence - self._base - self.next + _HALF) & MODULUS
        return self.next + distance - _HALF

    def _ready(self, time: float) -> Iterator[Piece]:
        waiting = self.waiting
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
        offset, _, _, seen = self.waiting[0]
        if offset > self.next:
            yield Piece(self.next, offset - self.next, -1, seen)
            self.next = offset
        yield from self._ready(min(time, seen))
