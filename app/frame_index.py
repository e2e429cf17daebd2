# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as rows of columns, fed alike by the live tap and by a capture; the row number is a frame's identity.

A row holds the time, the connection, the direction, the first two bytes, the header's size, the payload's length, the
place in the stream and which rules were broken. Everything else is worked out from the bytes when a row is looked at.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from app.settings import FRAME_LIMIT
from app.spool import Spool

DIRECTIONS = ("client", "server")


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One frame without its bytes; `offset` is where its first byte stands in its direction's stream."""

    row: int
    time: float
    connection: str
    direction: str
    first: int
    second: int
    header_size: int
    length: int
    offset: int
    violations: tuple[str, ...]
    is_complete: bool

    @property
    def fin(self) -> bool:
        """FIN, RFC 6455 §5.2."""
        return bool(self.first & 0x80)

    @property
    def rsv(self) -> int:
        """RSV1 RSV2 RSV3 as one number: 4, 2, 1."""
        return (self.first >> 4) & 7

    @property
    def opcode(self) -> int:
        """The opcode, 0 to 15."""
        return self.first & 0x0F

    @property
    def masked(self) -> bool:
        """The MASK bit."""
        return bool(self.second & 0x80)

    @property
    def size(self) -> int:
        """Bytes of header and payload together."""
        return self.header_size + self.length


class FrameIndex:
    """Columns of frames, and the spool that has their bytes."""

    def __init__(self, spool: Spool | None = None, limit: int = FRAME_LIMIT) -> None:
        self.spool = Spool() if spool is None else spool
        self.refused = 0  # frames that the limit kept out
        self._limit = limit
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._times = array("d")
        self._connections = array("l")
        self._directions = array("b")
        self._firsts = array("B")
        self._seconds = array("B")
        self._headers = array("b")
        self._lengths = array("q")
        self._complete = array("b")
        self._violations: dict[int, tuple[str, ...]] = {}
        self._offsets = array("q")  # appended last: its length is the number of whole rows

    def __len__(self) -> int:
        return len(self._offsets)

    def append(  # noqa: PLR0913, PLR0917 - a row has that many columns
        self,
        time: float,
        connection: str,
        direction: str,
        first: int,
        second: int,
        header_size: int,
        length: int,
        offset: int,
        violations: tuple[str, ...] = (),
        is_complete: bool = True,
    ) -> int:
        """Add a frame; returns its row, or -1 when the index is full (counted in `refused`)."""
        row = len(self._offsets)
        if row >= self._limit:
            self.refused += 1
            return -1
        number = self._numbers.get(connection)
        if number is None:
            number = self._numbers[connection] = len(self._names)
            self._names.append(connection)
        self._times.append(time)
        self._connections.append(number)
        self._directions.append(DIRECTIONS.index(direction))
        self._firsts.append(first)
        self._seconds.append(second)
        self._headers.append(header_size)
        self._lengths.append(length)
        self._complete.append(is_complete)
        if violations:
            self._violations[row] = violations
        self._offsets.append(offset)
        return row

    def row(self, row: int) -> FrameRow:
        """Return one frame's columns; raises IndexError beyond the end."""
        return FrameRow(
            row,
            self._times[row],
            self._names[self._connections[row]],
            DIRECTIONS[self._directions[row]],
            self._firsts[row],
            self._seconds[row],
            self._headers[row],
            self._lengths[row],
            self._offsets[row],
            self._violations.get(row, ()),
            bool(self._complete[row]),
        )

    def raw(self, row: int) -> bytes:
        """Return the frame's bytes as on the wire, header first; fewer where bytes were not captured."""
        frame = self.row(row)
        return self.spool.read(frame.connection, frame.direction, frame.offset, frame.size)

    def preview(self, row: int, limit: int = 96) -> bytes:
        """Return the first bytes of the payload, unmasked."""
        frame = self.row(row)
        data = self.spool.read(
            frame.connection, frame.direction, frame.offset, frame.header_size + min(frame.length, limit)
        )
        payload = data[frame.header_size :]
        if not frame.masked:
            return payload
        key = data[frame.header_size - 4 : frame.header_size]
        return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
