# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the frames of one direction by their headers alone; payloads pass by without being held or copied.

This is the first of the decoder's two steps and the same for the tap and for a capture. What needs the payload
(messages, UTF-8, inflating) is the second: app.wire.cutter at once, app.capture.contents when a row is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from mmap import mmap
from typing import NamedTuple

from app.wire.checks import Checker, check_close
from app.wire.deflate import Deflate
from app.wire.frames import CLOSE, Header
from app.wire.rules import Violation

Bytes = bytes | bytearray | mmap
# What appends to a column of the frame index: time, side, first byte, second byte, length, offset.
Columns = tuple[
    Callable[[float], None], Callable[[int], None], Callable[[int], None], Callable[[int], None],
    Callable[[int], None], Callable[[int], None],
]  # fmt: skip

_LONGEST_CLOSE = 0x10000  # bytes of a close frame whose payload we are ready to keep; 125 are allowed
# Bytes of a header, by its second byte: MASK and the 7-bit length.
_SIZES = bytes(2 + {126: 2, 127: 8}.get(second & 0x7F, 0) + (second >> 7) * 4 for second in range(256))


class Outline(NamedTuple):
    """A frame without its bytes: its place in its direction's stream and what the header says.

    `is_complete` is False when bytes of it were not seen.
    """

    direction: str
    offset: int
    first: int
    second: int
    header_size: int
    length: int
    violations: tuple[Violation, ...]
    is_complete: bool

    @property
    def size(self) -> int:
        """Bytes of header and payload together."""
        return self.header_size + self.length


# A frame that is not all here: offset, first and second byte, length, rules, key.
_Begun = tuple[int, int, int, int, tuple[Violation, ...], bytes]


class Passing:
    """How many bytes are `left` that may pass without being looked at."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = 0


class Scan:
    """The frames of one direction.

    Args:
        direction: who sends them.
        is_rsv1_known: whether RSV1 has a meaning (permessage-deflate); None when the handshake was not seen.
    """

    __slots__ = ("_begun", "_checker", "_direction", "_is_torn", "_payload", "_tail", "_wanted", "passing")

    def __init__(self, direction: str, is_rsv1_known: bool | None) -> None:
        self._direction = direction
        self._checker = Checker(direction, is_rsv1_known)
        self._tail = b""  # the beginning of a header that is not all here
        self._begun: _Begun | None = None  # a frame that is not all here
        self.passing = Passing()  # bytes of that frame still to come
        self._wanted = 0  # the same of a close frame, whose payload must be looked at
        self._payload = bytearray()  # what there is of that
        self._is_torn = False  # whether bytes of that frame were not seen

    @property
    def left(self) -> int:
        """Bytes still to come of the frame that is not all here."""
        return self.passing.left or self._wanted

    @property
    def unused(self) -> int:
        """How many of the last bytes did not even make a header."""
        return len(self._tail)

    def lose_track(self) -> None:
        """Frames may have passed unseen; the next byte is the first of a frame."""
        self._checker.lose_track()
        self._tail, self._begun = b"", None
        self._payload.clear()
        self.passing.left, self._wanted, self._is_torn = 0, 0, False

    def take(self, data: Bytes, start: int, end: int, offset: int) -> Sequence[Outline]:
        """Take the next bytes: `data[start:end]`, the first of which stands at `offset` of the stream.

        Returns:
            The frames that they complete.
        """
        found: list[Outline] = []
        if left := self.left:
            step = min(left, end - start)
            if self._wanted:
                self._payload += data[start : start + step]
            self._pass(step)
            if step < left:
                return found
            found.append(self._finish())
            start, offset = start + step, offset + step
        elif self._tail:
            data, offset = self._tail + data[start:end], offset - len(self._tail)
            start, end, self._tail = 0, len(data), b""
        if start < end:
            self._cut(data, start, end, offset - start, found)
        return found

    def rows(  # noqa: C901, PLR0912 - a call for each frame would cost too much
        self, data: Bytes, start: int, end: int, offset: int, time: float, side: int, columns: Columns
    ) -> Sequence[Outline]:
        """Take the next bytes as `take` does, but add frames that nothing has to be said about to `columns`.

        Such a frame breaks no rule and is no close frame. Its row is made here, without a call or an object: nearly
        all frames are of this kind, and this loop is what loading a capture consists of.

        Returns:
            The frames from the first on that is not of this kind; their rows are to be made by the caller.
        """
        times, sides, firsts, seconds, lengths, offsets = columns
        if missing := self.passing.left:
            begun = self._begun
            if missing > end - start or begun is None or begun[4] or self._is_torn:
                return self.take(data, start, end, offset)
            times(time)
            sides(side)
            firsts(begun[1])
            seconds(begun[2])
            lengths(begun[3])
            offsets(begun[0])
            self._begun, self.passing.left = None, 0
            start, offset = start + missing, offset + missing
        elif self._tail or self._wanted:
            return self.take(data, start, end, offset)
        checker, shift, is_client = self._checker, offset - start, self._direction == "client"
        steps, last = checker.steps, checker.key if is_client else b""
        while start + 1 < end:
            first, second = data[start], data[start + 1]
            body, length = start + 2, second
            if is_client:
                length, body = second - 0x80, start + 6
            if length == 126 and start + 3 < end:
                length, body = data[start + 2] << 8 | data[start + 3], body + 2
                if length < 126 or first & 8:
                    break
            elif not 0 <= length < 126:
                break
            following = steps[first]
            if following is None or body > end:
                break
            if is_client:
                key = data[body - 4 : body]
                if key == last:
                    break
                last = bytes(key)
            steps = following
            stop = body + length
            if stop > end:
                self._begun, self.passing.left = (start + shift, first, second, length, (), last), stop - end
                start = end
                break
            times(time)
            sides(side)
            firsts(first)
            seconds(second)
            lengths(length)
            offsets(start + shift)
            start = stop
        if start + shift > offset:
            checker.steps, checker.key, checker.key_run = steps, last, 1
        return self.take(data, start, end, start + shift) if start < end else ()

    def skip(self, length: int) -> tuple[bool, list[Outline]]:
        """The next `length` bytes were not seen.

        Returns:
            Whether we still know where the next frame begins, and a frame that ended in the hole.
        """
        left = self.left
        if not left:
            self._tail = b""
            return False, []
        self._is_torn = True
        self._pass(min(length, left))
        return length <= left, [] if self.left else [self._finish()]

    def end(self) -> list[Outline]:
        """The stream has ended; returns the frame that was not finished, if its header is there."""
        self._is_torn = True
        return [self._finish()] if self._begun else []

    def _cut(self, data: Bytes, start: int, end: int, shift: int, found: list[Outline]) -> None:
        """Find the frames in `data[start:end]`; place + `shift` is the offset in the stream."""
        direction, check = self._direction, self._checker.check
        while end - start >= 2:
            first, second = data[start], data[start + 1]
            size = _SIZES[second]
            if end - start < size:
                break
            length, key = second & 0x7F, b""
            if length > 125:
                length = int.from_bytes(data[start + 2 : start + (4 if length == 126 else 10)], "big")
            if second > 0x7F:
                key = bytes(data[start + size - 4 : start + size])
            violations = tuple(check(Header(first, second, size, length, key)))
            stop = start + size + length
            if stop > end:
                self._begun = start + shift, first, second, length, violations, key
                if first & 0x0F == CLOSE and length < _LONGEST_CLOSE:
                    self._wanted = stop - end
                    self._payload += data[start + size : end]
                else:
                    self.passing.left = stop - end
                return
            if first & 0x0F == CLOSE:
                violations += tuple(check_close(bytes(data[start + size : stop]), key))
            found.append(Outline(direction, start + shift, first, second, size, length, violations, True))
            start = stop
        self._tail = bytes(data[start:end])

    def _pass(self, length: int) -> None:
        """So many bytes of the frame that is not all here went by."""
        if self._wanted:
            self._wanted -= length
        else:
            self.passing.left -= length

    def _finish(self) -> Outline:
        assert self._begun is not None
        offset, first, second, length, violations, key = self._begun
        if first & 0x0F == CLOSE and len(self._payload) == length:
            violations += tuple(check_close(bytes(self._payload), key))
        outline = Outline(
            self._direction, offset, first, second, _SIZES[second], length, violations, not self._is_torn
        )  # fmt: skip
        self._begun, self._is_torn = None, False
        self.passing.left = self._wanted = 0
        self._payload.clear()
        return outline


class Outliner:
    """The frames of one direction as outlines, for a Connection that is not to look into payloads."""

    def __init__(self, direction: str, deflate: Deflate | None, is_known: bool) -> None:
        self.scan = Scan(direction, (deflate is not None) if is_known else None)

    @property
    def unused(self) -> int:
        """How many of the last bytes did not even make a header."""
        return self.scan.unused

    def lose_track(self) -> None:
        """Frames may have passed unseen; the next byte is the first of a frame."""
        self.scan.lose_track()

    def take(self, data: bytearray, offset: int) -> Sequence[Outline]:
        """Take the next bytes, the first of which stands at `offset`; returns the frames they complete."""
        return self.scan.take(data, 0, len(data), offset)

    def skip(self, length: int) -> tuple[bool, list[Outline]]:
        """The next `length` bytes were not seen: see Scan.skip."""
        return self.scan.skip(length)

    def end(self) -> list[Outline]:
        """The stream has ended; returns the frame that was not finished."""
        return self.scan.end()
