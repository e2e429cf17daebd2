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


class Scan:
    """The frames of one direction.

    Args:
        direction: who sends them.
        is_rsv1_known: whether RSV1 has a meaning (permessage-deflate); None when the handshake was not seen.
    """

    __slots__ = ("_begun", "_checker", "_direction", "_payload", "_tail", "is_torn", "missing")

    def __init__(self, direction: str, is_rsv1_known: bool | None) -> None:
        self._direction = direction
        self._checker = Checker(direction, is_rsv1_known)
        self._tail = b""  # the beginning of a header that is not all here
        self._begun: tuple[int, Header, tuple[Violation, ...]] | None = None  # a frame that is not all here
        self._payload: bytearray | None = None  # of that frame, if it is a close frame
        self.missing = 0  # bytes of that frame still to come
        self.is_torn = False  # whether bytes of that frame were not seen

    @property
    def is_kept(self) -> bool:
        """Whether the payload of the frame that is not all here is needed: it is a close frame."""
        return self._payload is not None

    @property
    def unused(self) -> int:
        """How many of the last bytes did not even make a header."""
        return len(self._tail)

    def lose_track(self) -> None:
        """Frames may have passed unseen; the next byte is the first of a frame."""
        self._checker.lose_track()
        self._tail, self._begun, self._payload = b"", None, None
        self.missing, self.is_torn = 0, False

    def take(self, data: Bytes, start: int, end: int, offset: int) -> Sequence[Outline]:
        """Take the next bytes: `data[start:end]`, the first of which stands at `offset` of the stream.

        Returns:
            The frames that they complete.
        """
        missing = self.missing
        if missing > end - start and self._payload is None:
            self.missing = missing - end + start
            return ()
        found: list[Outline] = []
        if missing:
            step = min(missing, end - start)
            if self._payload is not None:
                self._payload += data[start : start + step]
            self.missing = missing - step
            if self.missing:
                return found
            found.append(self._finish())
            start, offset = start + step, offset + step
        elif self._tail:
            data, offset = self._tail + data[start:end], offset - len(self._tail)
            start, end, self._tail = 0, len(data), b""
        if start < end:
            self._cut(data, start, end, offset - start, found)
        return found

    def rows(  # noqa: C901 - a call for each frame would cost too much
        self, data: Bytes, start: int, end: int, offset: int, time: float, side: int, columns: Columns
    ) -> Sequence[Outline]:
        """Take the next bytes as `take` does, but add frames that nothing has to be said about to `columns`.

        Such a frame is a whole message that lies whole in these bytes and breaks no rule. Its row is made here, without
        a call or an object: nearly all frames are of this kind, and this loop is what loading a capture consists of.

        Returns:
            The frames from the first on that is not of this kind; their rows are to be made by the caller.
        """
        checker = self._checker
        if self.missing or self._tail or not checker.is_between:
            return self.take(data, start, end, offset)
        times, sides, firsts, seconds, lengths, offsets = columns
        is_client, whole, shift = self._direction == "client", checker.whole, offset - start
        last = checker.key if is_client else b""
        while end - start > 1:
            first, second = data[start], data[start + 1]
            body, length = start + 2, second
            if is_client:
                length, body = second - 0x80, start + 6
            if length == 126 and end - start > 3:
                length, body = data[start + 2] << 8 | data[start + 3], body + 2
                if length < 126:
                    break
            elif not 0 <= length < 126:
                break
            stop = body + length
            if stop > end or first not in whole:
                break
            if is_client:
                key = data[body - 4 : body]
                if key == last:
                    break
                last = bytes(key)
            times(time)
            sides(side)
            firsts(first)
            seconds(second)
            lengths(length)
            offsets(start + shift)
            start = stop
        if start + shift > offset and last != checker.key:
            checker.passed(last)
        return self.take(data, start, end, start + shift) if start < end else ()

    def skip(self, length: int) -> tuple[bool, list[Outline]]:
        """The next `length` bytes were not seen.

        Returns:
            Whether we still know where the next frame begins, and a frame that ended in the hole.
        """
        if not self.missing:
            self._tail = b""
            return False, []
        is_inside = length <= self.missing
        self.is_torn = True
        self.missing -= min(length, self.missing)
        return is_inside, [] if self.missing else [self._finish()]

    def end(self) -> list[Outline]:
        """The stream has ended; returns the frame that was not finished, if its header is there."""
        self.is_torn = True
        return [self._finish()] if self._begun else []

    def _cut(self, data: Bytes, start: int, end: int, shift: int, found: list[Outline]) -> None:
        """Find the frames in `data[start:end]`; place + `shift` is the offset in the stream."""
        direction, passes, make = self._direction, self._checker.passes, Outline._make
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
            stop = start + size + length
            violations: tuple[Violation, ...] = ()
            if not passes(first, second, length, key):
                header = Header(first, second, size, length, key)
                violations = tuple(self._checker.check(header))
                if first & 0x0F == CLOSE and stop <= end:
                    violations += tuple(check_close(bytes(data[start + size : stop]), header.key))
            if stop > end:
                self._begin(Header(first, second, size, length, key), violations, start + shift, stop - end)
                if self._payload is not None:
                    self._payload += data[start + size : end]
                return
            found.append(make((direction, start + shift, first, second, size, length, violations, True)))
            start = stop
        self._tail = bytes(data[start:end])

    def _begin(self, header: Header, violations: tuple[Violation, ...], offset: int, missing: int) -> None:
        self._begun = (offset, header, violations)
        self.missing = missing
        self._payload = bytearray() if header.first & 0x0F == CLOSE and header.length < 0x10000 else None

    def _finish(self) -> Outline:
        assert self._begun is not None
        offset, header, violations = self._begun
        if self._payload is not None and not self.is_torn:
            violations += tuple(check_close(bytes(self._payload), header.key))
        outline = Outline(
            self._direction, offset, header.first, header.second, header.size, header.length, violations,
            not self.is_torn,
        )  # fmt: skip
        self._begun = self._payload = None
        self.missing, self.is_torn = 0, False
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
