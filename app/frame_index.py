# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as rows of columns, fed alike by the live tap and by a capture; the row number is a frame's identity.

A row holds the time, the connection, the direction, the first two bytes, the header's size, the payload's length, the
place in the stream and which rules were broken. Everything else is worked out from the bytes when a row is looked at.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from app.settings import FRAME_LIMIT, SPOOL_LIMIT
from app.spool import Spool

DIRECTIONS = ("client", "server")
# Bytes of a header, by its second byte: MASK and the 7-bit length.
HEADER_SIZES = bytes(2 + {126: 2, 127: 8}.get(second & 0x7F, 0) + (second >> 7) * 4 for second in range(256))
MOST = 1 << 62  # the longest length a row can hold; a frame may claim more


class Rule(Protocol):
    """A rule that was broken: app.wire.rules.Violation."""

    @property
    def rule(self) -> str:
        """Its id, such as "WS-02"."""


# A frame as app.wire.scan.Outline has it: direction, offset, first and second byte, header size, length, rules, whole?
Outline = tuple[str, int, int, int, int, int, tuple[Rule, ...], bool]


# Rows on their way to another process: columns, names of the connections, rows not seen whole, rules by row.
Packed = tuple[tuple[bytes, ...], list[str], list[int], dict[int, tuple[str, ...]]]


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
        self.spool = Spool(limit=SPOOL_LIMIT) if spool is None else spool
        self.refused = 0  # frames that the limit kept out
        self._limit = limit
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._packed_names = self._packed_rows = 0  # what another process knows
        self._late: set[int] = set()  # rows it knows of which more rules were found to be broken
        self._times = array("d")
        self._sides = array("i")  # twice the connection's number, plus 1 for what the server sends
        self._firsts = array("B")
        self._seconds = array("B")
        self._lengths = array("q")
        self._incomplete: set[int] = set()
        self._violations: dict[int, tuple[str, ...]] = {}
        self._offsets = array("q")  # appended last: its length is the number of whole rows
        self.appends = (
            self._times.append, self._sides.append, self._firsts.append, self._seconds.append, self._lengths.append,
            self._offsets.append,
        )  # fmt: skip

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
        assert header_size == HEADER_SIZES[second]
        row = len(self._offsets)
        if row >= self._limit:
            self.refused += 1
            return -1
        self._times.append(time)
        self._sides.append(self.side(connection, direction))
        self._firsts.append(first)
        self._seconds.append(second)
        self._lengths.append(min(length, MOST))
        if not is_complete:
            self._incomplete.add(row)
        if violations:
            self._violations[row] = violations
        self._offsets.append(offset)
        return row

    def side(self, connection: str, direction: str) -> int:
        """Return the number by which `extend` knows one direction of a connection."""
        number = self._numbers.get(connection)
        if number is None:
            number = self._numbers[connection] = len(self._names)
            self._names.append(connection)
        return 2 * number + DIRECTIONS.index(direction)

    def extend(self, time: float, side: int, outlines: Iterable[Outline]) -> None:
        """Add frames of one direction that one packet completed; those beyond the limit are counted in `refused`."""
        times, sides, firsts, seconds, lengths, offsets = self.appends
        row = len(self._offsets)
        for _, offset, first, second, _, length, violations, is_complete in outlines:
            if row >= self._limit:
                self.refused += 1
                continue
            times(time)
            sides(side)
            firsts(first)
            seconds(second)
            lengths(length if length < MOST else MOST)
            if violations:
                self._violations[row] = tuple(violation.rule for violation in violations)
            if not is_complete:
                self._incomplete.add(row)
            offsets(offset)
            row += 1

    def pack(self) -> Packed:
        """Return what was not yet packed, to be given to `unpack` in another process."""
        columns = self._times, self._sides, self._firsts, self._seconds, self._lengths, self._offsets
        start, self._packed_rows = self._packed_rows, len(self)
        names, self._packed_names = self._names[self._packed_names :], len(self._names)
        incomplete = [row for row in self._incomplete if row >= start]
        violations = {row: rules for row, rules in self._violations.items() if row >= start or row in self._late}
        self._late.clear()
        return tuple(column[start:].tobytes() for column in columns), names, incomplete, violations

    def unpack(self, packed: Packed) -> None:
        """Add rows that `pack` returned; all rows before them must be here."""
        data, names, incomplete, violations = packed
        for name in names:
            self.side(name, DIRECTIONS[0])
        self._incomplete.update(incomplete)
        self._violations.update(violations)
        columns: list[array[Any]] = [
            self._times, self._sides, self._firsts, self._seconds, self._lengths, self._offsets
        ]  # fmt: skip
        for column, values in zip(columns, data, strict=True):
            column.frombytes(values)  # the offsets last: their number is that of the rows

    def add_violations(self, row: int, rules: tuple[str, ...]) -> None:
        """Note rules that a frame was found to break after its row was made."""
        known = self._violations.get(row, ())
        if added := tuple(rule for rule in rules if rule not in known):
            self._violations[row] = known + added
            if row < self._packed_rows:
                self._late.add(row)

    def rows_of(self, connection: str, direction: str, end: int | None = None) -> list[int]:
        """Return the rows of one direction in the order of the stream, those before row `end`."""
        if connection not in self._numbers:
            return []
        side, sides = self.side(connection, direction), self._sides
        return [row for row in range(len(self) if end is None else end) if sides[row] == side]

    def rows_on(self, connection: str, start: int, end: int) -> list[int]:
        """Return the rows of both directions of a connection, of those from `start` up to `end`."""
        number = self._numbers.get(connection)
        return [row for row, side in enumerate(self._sides[start:end], start) if side >> 1 == number]

    def first_at(self, t: float, start: int) -> int:
        """Return the first row from `start` on that is not earlier than a time, the number of rows if all are.

        The times of a capture's packets rise; where they do not, a row near it.
        """
        return bisect_left(self._times, t, start, max(len(self), start))

    def row(self, row: int) -> FrameRow:
        """Return one frame's columns; raises IndexError beyond the end."""
        return FrameRow(
            row,
            self._times[row],
            self._names[self._sides[row] >> 1],
            DIRECTIONS[self._sides[row] & 1],
            self._firsts[row],
            self._seconds[row],
            HEADER_SIZES[self._seconds[row]],
            self._lengths[row],
            self._offsets[row],
            self._violations.get(row, ()),
            row not in self._incomplete,
        )

    def time_of(self, row: int) -> float:
        """Return when a frame was whole, 0.0 when it is not kept."""
        return self._times[row] if 0 <= row < len(self) else 0.0

    def columns(self, start: int, end: int) -> Iterator[tuple[float, int, int, int, int, int]]:
        """Return time, side, first byte, second byte, length and offset of the rows from `start` up to `end`."""
        return zip(
            self._times[start:end], self._sides[start:end], self._firsts[start:end], self._seconds[start:end],
            self._lengths[start:end], self._offsets[start:end], strict=True,
        )  # fmt: skip

    def side_name(self, side: int) -> tuple[str, str]:
        """Return the connection and direction that a side's number stands for."""
        return self._names[side >> 1], DIRECTIONS[side & 1]

    def violations(self, row: int) -> tuple[str, ...]:
        """Return the rules that a frame broke."""
        return self._violations.get(row, ())

    def broken_rules(self) -> dict[str, int]:
        """Return how many frames broke each rule."""
        return dict(Counter(rule for rules in list(self._violations.values()) for rule in rules))

    def is_plain(self, row: int) -> bool:
        """Return whether a frame was seen whole and broke no rule."""
        return row not in self._violations and row not in self._incomplete

    def is_complete(self, row: int) -> bool:
        """Return whether a frame was seen whole."""
        return row not in self._incomplete

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
        size = len(payload)
        key = (data[frame.header_size - 4 : frame.header_size] * (size // 4 + 1))[:size]
        # One XOR of big numbers: a filter looks into a million payloads.
        return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")
