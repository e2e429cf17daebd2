# SPDX-License-Identifier: GPL-3.0-or-later
"""The decoder's second step, on rows of the frame index: payloads unmasked, messages put together, inflated, checked.

The first step (app.wire.scan) found the frames without looking into them; here their bytes are read back from the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.frame_index import FrameIndex, FrameRow
from app.wire.deflate import Deflate, Inflater
from app.wire.frames import BINARY, Frame, parse_frame
from app.wire.messages import Assembler, WebSocketMessage

_STEP = 2000  # frames between two reports of progress


class _Side:
    """One direction of a connection: the message that is being put together, and where the next frame must begin."""

    __slots__ = ("assembler", "end")

    def __init__(self, direction: str, deflate: Deflate | None) -> None:
        self.assembler = Assembler(direction, deflate.inflater(direction) if deflate else Inflater())
        self.end: int | None = None


class Payloads:
    """Reads frames with their payloads; those of one direction must come in the order of their rows.

    Args:
        index: has the rows, and in its spool the bytes.
        agreed: by connection, what its handshake settled on permessage-deflate.
    """

    def __init__(self, index: FrameIndex, agreed: Mapping[str, Deflate | None]) -> None:
        self._index = index
        self._agreed = agreed
        self._sides: dict[tuple[str, str], _Side] = {}

    def read(self, row: FrameRow) -> tuple[Frame, WebSocketMessage | None]:
        """Return a frame and the message that it ends; what its payload breaks is among its violations."""
        data = self._index.spool.read(row.connection, row.direction, row.offset, row.size)
        frame = parse_frame(data, row.direction, row.offset, row.violations)
        assert frame is not None  # its header was seen: else it had no row
        key = row.connection, row.direction
        side = self._sides.get(key)
        if side is None:
            side = self._sides[key] = _Side(row.direction, self._agreed.get(row.connection))
        if row.offset != side.end and side.end is not None:
            side.assembler.lose_track()
        side.end = row.offset + row.size
        if frame.opcode > BINARY or (not row.is_complete and len(data) == row.size):
            return frame, None
        message = side.assembler.push(frame)
        if message is not None and (more := set(message.violations) - set(frame.violations)):
            frame = frame._replace(violations=(*frame.violations, *more))
        return frame, message


def message_at(index: FrameIndex, agreed: Mapping[str, Deflate | None], row: int) -> WebSocketMessage | None:
    """Return the WebSocket message that a frame belongs to, None when it is not whole.

    With context takeover all messages before it have to be inflated first, so this reads its direction from the start.
    """
    wanted = index.row(row)
    payloads = Payloads(index, agreed)
    for number in index.rows_of(wanted.connection, wanted.direction):
        _, message = payloads.read(index.row(number))
        if number >= row and (message is not None or wanted.opcode > BINARY):
            return message
    return None


def check(
    index: FrameIndex,
    agreed: Mapping[str, Deflate | None],
    report: Callable[[int, int], bool] = lambda done, total: True,
) -> int:
    """Look into every payload, and add to the rows the rules that show only there.

    Args:
        index: the rows.
        agreed: by connection, what its handshake settled on permessage-deflate.
        report: told how many frames are done and how many there are; to go on it returns True.

    Returns:
        How many frames were found to break a rule that their headers had not shown.
    """
    payloads, total, found = Payloads(index, agreed), len(index), 0
    for number in range(total):
        if number % _STEP == 0 and not report(number, total):
            return found
        row = index.row(number)
        frame, _ = payloads.read(row)
        if len(frame.violations) > len(row.violations):
            found += 1
            index.add_violations(number, tuple(violation.rule for violation in frame.violations))
    report(total, total)
    return found
