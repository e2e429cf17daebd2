# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts one direction's bytes into frames and messages, once it is known where a frame begins."""

from __future__ import annotations

from app.wire.checks import Checker, check_close
from app.wire.deflate import Deflate, Inflater
from app.wire.frames import BINARY, CLOSE, Frame, Header, frame_from, parse_header
from app.wire.messages import Assembler, WebSocketMessage

HELD = 64 * 1024 * 1024  # bytes of a payload we are ready to hold; a longer one is passed over like a hole

Cut = list[Frame | WebSocketMessage]


class Cutter:
    """The frames of one direction.

    Args:
        direction: who sends them.
        deflate: what was agreed on for permessage-deflate; None without it.
        is_known: whether the handshake was seen; without it RSV1 may mean a compressed message.
    """

    def __init__(self, direction: str, deflate: Deflate | None, is_known: bool) -> None:
        self._direction = direction
        is_rsv1_known = (deflate is not None) if is_known else None
        self._checker = Checker(direction, is_rsv1_known)
        self._assembler = Assembler(direction, deflate.inflater(direction) if deflate else Inflater())
        self._needed = 2  # bytes from the start of the next frame before it is worth looking again
        self._header: Header | None = None  # of a frame with a hole in it
        self._start = 0  # where that frame begins
        self._payload = b""  # what stood before the hole
        self._missing = 0  # bytes of that frame still to pass

    def lose_track(self) -> None:
        """Frames may have passed unseen."""
        self._checker.lose_track()
        self._assembler.lose_track()
        self._needed = 2

    def take(self, buffer: bytearray, offset: int) -> tuple[int, Cut]:
        """Cut what is whole off the front of `buffer`, whose first byte stands at `offset` of the stream.

        Returns:
            The number of bytes used, and the frames with the messages they end.
        """
        cut: Cut = []
        position = self._pass_hole(buffer, cut) if self._header else 0
        while self._header is None and len(buffer) - position >= self._needed:
            header = parse_header(buffer, position)
            if header is None:
                self._needed = len(buffer) - position + 1
                break
            size, end = header.size, header.size + header.length
            if header.length > HELD:
                self._header, self._start, self._missing = header, offset + position, header.length
                position += size
                position += self._pass_hole(buffer[position:], cut)
                continue
            if len(buffer) - position < end:
                self._needed = end
                break
            self._add(header, bytes(buffer[position + size : position + end]), offset + position, cut)
            position += end
            self._needed = 2
        return position, cut

    def skip(self, buffer: bytearray, offset: int, length: int) -> tuple[bool, Cut]:
        """`length` bytes after those in `buffer` were not seen, `buffer` being the beginning of a frame, or empty.

        Returns:
            Whether we still know where the next frame begins, and a frame that ended in the hole.
        """
        cut: Cut = []
        if self._header is None:
            self._header = parse_header(buffer) if buffer else None
            if self._header is None:
                return False, cut
            self._start = offset
            self._payload = bytes(buffer[self._header.size :])
            self._missing = self._header.length - len(self._payload)
        is_inside = length <= self._missing
        self._missing -= min(length, self._missing)
        if self._missing == 0:
            self._end_hole(cut)
        return is_inside, cut

    def end(self, buffer: bytearray, offset: int) -> Cut:
        """The stream has ended; returns the frame that was not finished, if its header is there."""
        cut: Cut = []
        if self._header is None and (header := parse_header(buffer)):
            self._header, self._start, self._payload = header, offset, bytes(buffer[header.size :])
        if self._header is not None:
            header, self._header = self._header, None
            cut.append(self._frame(header, self._payload, self._start))
        return cut

    def _pass_hole(self, buffer: bytearray, cut: Cut) -> int:
        step = min(len(buffer), self._missing)
        self._missing -= step
        if self._missing == 0:
            self._end_hole(cut)
        return step

    def _end_hole(self, cut: Cut) -> None:
        assert self._header is not None
        header, self._header = self._header, None
        self._add(header, self._payload, self._start, cut)
        self._payload, self._needed = b"", 2

    def _add(self, header: Header, payload: bytes, offset: int, cut: Cut) -> None:
        frame = self._frame(header, payload, offset)
        message = self._assembler.push(frame) if frame.opcode <= BINARY else None
        if message is None:
            cut.append(frame)
            return
        if message.violations:
            frame = frame._replace(violations=frame.violations + message.violations)
        cut += (frame, message)

    def _frame(self, header: Header, payload: bytes, offset: int) -> Frame:
        found = self._checker.check(header)
        if header.first & 0x0F == CLOSE and len(payload) == header.length:
            found += check_close(payload, header.key)
        return frame_from(header, payload, self._direction, offset, tuple(found))
