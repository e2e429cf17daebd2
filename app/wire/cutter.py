# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts one direction's bytes into frames and messages, once it is known where a frame begins."""

from __future__ import annotations

from app.wire.deflate import Deflate, Inflater
from app.wire.frames import BINARY, Frame, frame_from, parse_header
from app.wire.messages import Assembler, WebSocketMessage
from app.wire.scan import Outline, Scan

HELD = 64 * 1024 * 1024  # bytes of a payload we are ready to hold; a longer one is passed over like a hole

Cut = list[Frame | WebSocketMessage]


class Cutter:
    """The frames of one direction with their payloads, and the messages that they make.

    Args:
        direction: who sends them.
        deflate: what was agreed on for permessage-deflate; None without it.
        is_known: whether the handshake was seen; without it RSV1 may mean a compressed message.
    """

    def __init__(self, direction: str, deflate: Deflate | None, is_known: bool) -> None:
        self._scan = Scan(direction, (deflate is not None) if is_known else None)
        self._assembler = Assembler(direction, deflate.inflater(direction) if deflate else Inflater())
        self._held = bytearray()  # what came since the first byte of the frame that is not finished, or since its hole
        self._torn = b""  # that frame's bytes before its hole
        self._is_passing = False  # whether that frame is too long to be held

    @property
    def unused(self) -> int:
        """How many of the last bytes did not even make a header."""
        return self._scan.unused

    def lose_track(self) -> None:
        """Frames may have passed unseen; the next byte is the first of a frame."""
        self._scan.lose_track()
        self._assembler.lose_track()
        self._held.clear()

    def take(self, data: bytearray, offset: int) -> Cut:
        """Take the next bytes, the first of which stands at `offset`; returns what they complete."""
        cut: Cut = []
        self._held += data
        start = offset + len(data) - len(self._held)
        end = start
        for outline in self._scan.take(data, 0, len(data), offset):
            place = outline.offset - start  # negative: it has a hole
            self._add(outline, self._torn if place < 0 else self._held[place : place + outline.size], cut)
            end, self._is_passing = outline.offset + outline.size, False
        del self._held[: max(end - start, 0)]
        if self._is_passing:
            self._held.clear()
        elif self._scan.left + len(self._held) > HELD:
            self._let_long_pass()
        return cut

    def skip(self, length: int) -> tuple[bool, Cut]:
        """The next `length` bytes were not seen.

        Returns:
            Whether we still know where the next frame begins, and a frame that ended in the hole.
        """
        cut: Cut = []
        self._let_pass()
        is_inside, found = self._scan.skip(length)
        for outline in found:
            self._add(outline, self._torn, cut)
            self._is_passing = False
        return is_inside, cut

    def end(self) -> Cut:
        """The stream has ended; returns the frame that was not finished, if its header is there."""
        data = self._torn if self._is_passing else self._held
        return [_frame(outline, data) for outline in self._scan.end()]

    def _let_pass(self) -> None:
        """Hold no more of the frame that is being received than what we have."""
        if not self._is_passing:
            self._torn = bytes(self._held)
            self._is_passing = self._scan.left > 0
        self._held.clear()

    def _let_long_pass(self) -> None:
        """Hold only the header of the frame that is being received, if its payload is too long.

        What is held must not depend on how the stream was cut: so the payload's length decides, not what came of it.
        """
        header = parse_header(self._held)
        if header is not None and header.length > HELD:
            self._torn, self._is_passing = bytes(self._held[: header.size]), True
            self._held.clear()

    def _add(self, outline: Outline, data: bytes | bytearray, cut: Cut) -> None:
        frame = _frame(outline, data)
        message = self._assembler.push(frame) if frame.opcode <= BINARY else None
        if message is None:
            cut.append(frame)
            return
        if message.violations:
            frame = frame._replace(violations=frame.violations + message.violations)
        cut += (frame, message)


def _frame(outline: Outline, data: bytes | bytearray) -> Frame:
    """Return the frame whose bytes, or the first of them, are `data`."""
    header = parse_header(data)
    assert header is not None
    payload = bytes(data[outline.header_size :])
    return frame_from(header, payload, outline.direction, outline.offset, outline.violations)
