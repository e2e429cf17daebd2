# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as rows of columns, fed alike by the live tap and by a capture; the row number is a frame's identity.

A row holds the time, the connection, the direction, the first two bytes, the header's size, the payload's length, the
place in the stream and which rules were broken. Everything else is worked out from the bytes when a row is looked at.

Of a capture all rows are kept. Live there is a limit: the oldest fall off, some thousands at once with their piece of
the spool; no row changes its number. One thread writes; to others, which may read meanwhile, a row that fell off is
simply not kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from operator import attrgetter

from app.frame_columns import DIRECTIONS, HEADER_SIZES, MOST, Columns, FrameRow
from app.settings import FRAME_LIMIT
from app.spool import Spool

__all__ = ["DIRECTIONS", "HEADER_SIZES", "FrameIndex", "FrameRow"]

ROWS = 16_384  # fall off at once; with a small limit a sixteenth of it
PIECES = 64  # so many of these make up the spool: big frames fall off earlier
_START = attrgetter("start")

# Rows on their way to another process: columns, names of the connections, rows not seen whole, rules by row.
Packed = tuple[tuple[bytes, ...], list[str], list[int], dict[int, tuple[str, ...]]]


class FrameIndex:
    """Columns of frames, and the spool that has their bytes.

    `limit`: so many rows are kept; None: all, as of a capture.
    """

    def __init__(self, spool: Spool | None = None, limit: int | None = FRAME_LIMIT) -> None:
        self.spool = Spool() if spool is None else spool
        self._limit = limit
        self._rows = ROWS if limit is None else min(ROWS, max(limit // 16, 1))
        self._piece = self.spool.limit // PIECES
        self._newest = Columns(0, 0)
        self._parts = [self._newest]  # rising; another list takes its place when some fall off
        self._first = 0  # the first row of this run
        self._next_number = 0
        self._numbers: dict[str, int] = {}  # of connections with rows that are kept
        self._names: dict[int, str] = {}
        self._uses: Counter[int] = Counter()  # number -> how many finished parts have rows of it
        self._packed_names = self._packed_rows = 0  # what another process knows
        self._late: set[int] = set()  # rows it knows of which more rules were found to be broken

    @property
    def start(self) -> int:
        """The oldest row kept."""
        return self._parts[0].start

    @property
    def end(self) -> int:
        """The row that the next frame will have."""
        return self._newest.end

    @property
    def rows(self) -> range:
        """The rows that are kept."""
        return range(self.start, self.end)

    def __len__(self) -> int:
        return self.end - self.start

    def __contains__(self, row: int) -> bool:
        return self.start <= row < self.end

    @property
    def dropped(self) -> int:
        """How many frames of this run fell off."""
        return self.start - self._first

    @property
    def limit(self) -> int | None:
        """How many rows are kept at most."""
        return self._limit

    # --- writing ---

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
        """Add a frame, whose bytes must be in the spool; returns its row."""
        assert header_size == HEADER_SIZES[second]
        if self._limit is not None and self._is_full:
            self._turn()
        newest = self._newest
        row = newest.end
        newest.times.append(time)
        newest.sides.append(self.side(connection, direction))
        newest.firsts.append(first)
        newest.seconds.append(second)
        newest.lengths.append(min(length, MOST))
        if not is_complete:
            newest.incomplete.add(row)
        if violations:
            newest.violations[row] = violations
        newest.offsets.append(offset)
        return row

    @property
    def whole(self) -> Columns:
        """All rows in one, as long as nothing falls off: of a capture."""
        return self._newest

    def side(self, connection: str, direction: str) -> int:
        """Return the number by which the columns know one direction of a connection."""
        number = self._numbers.get(connection)
        if number is None:
            number = self._next_number
            self._next_number += 1
            self._names[number], self._numbers[connection] = connection, number
        return 2 * number + DIRECTIONS.index(direction)

    @property
    def _is_full(self) -> bool:
        count = len(self._newest)
        return count >= self._rows or (count > 0 and self.spool.end - self._newest.position >= self._piece)

    def _turn(self) -> None:
        """Begin another part; the oldest fall off as the limit asks, and those whose bytes did."""
        assert self._limit is not None
        self._newest.finish()
        self._uses.update(self._newest.numbers)
        end, parts = self.end, [*self._parts, Columns(self.end, self.spool.end)]
        most = self._limit - self._rows  # so that it is never exceeded
        count = 0
        while count < len(parts) - 1 and (
            end - parts[count].start > most or parts[count + 1].position <= self.spool.start
        ):
            count += 1
        self._newest, self._parts = parts[-1], parts[count:]
        for part in parts[:count]:
            self._forget_names(part)
        if count:
            # The first frames of a part may have begun somewhat before it.
            self.spool.forget_before(parts[count - 1].position)

    def _forget_names(self, part: Columns) -> None:
        self._uses.subtract(part.numbers)
        for number in part.numbers:
            if not self._uses[number]:
                del self._uses[number]
                del self._numbers[self._names.pop(number)]

    def clear(self) -> None:
        """Let all fall off, as another run begins: the numbers of rows go on."""
        end = self._first = self.end
        self._newest = Columns(end, self.spool.end)
        self._parts = [self._newest]
        self._numbers, self._names, self._uses = {}, {}, Counter()
        self.spool.forget_before(self.spool.end)

    def add_violations(self, row: int, rules: tuple[str, ...]) -> None:
        """Note rules that a frame was found to break after its row was made."""
        part = self._part_of(row)
        known = part.rules(row)
        if added := tuple(rule for rule in rules if rule not in known):
            part.violations[row] = known + added
            if row < self._packed_rows:
                self._late.add(row)

    # --- to another process, where nothing falls off ---

    def pack(self) -> Packed:
        """Return what was not yet packed, to be given to `unpack` in another process."""
        whole = self.whole
        start, self._packed_rows = self._packed_rows, len(whole)
        names, self._packed_names = [*islice(self._names.values(), self._packed_names, None)], len(self._names)
        incomplete = [row for row in whole.incomplete if row >= start]
        violations = {row: rules for row, rules in whole.violations.items() if row >= start or row in self._late}
        self._late.clear()
        return tuple(column[start:].tobytes() for column in whole.all), names, incomplete, violations

    def unpack(self, packed: Packed) -> None:
        """Add rows that `pack` returned; all rows before them must be here."""
        data, names, incomplete, violations = packed
        for name in names:
            self.side(name, DIRECTIONS[0])
        self.whole.incomplete.update(incomplete)
        self.whole.violations.update(violations)
        for column, values in zip(self.whole.all, data, strict=True):
            column.frombytes(values)  # the offsets last: their number is that of the rows

    # --- reading ---

    def _part_of(self, row: int) -> Columns:
        """Return the part that has a row, if any has."""
        parts = self._parts
        return parts[max(bisect_right(parts, row, key=_START) - 1, 0)]

    def find(self, row: int) -> FrameRow | None:
        """Return one frame's columns, None when it is not kept."""
        return self._part_of(row).row(row, self._names)

    def row(self, row: int) -> FrameRow:
        """Return one frame's columns; raises IndexError when it is not kept."""
        if (found := self.find(row)) is None:
            raise IndexError(f"frame {row} is not kept: {self.start} to {self.end - 1} are")
        return found

    def rows_of(self, connection: str, direction: str, end: int | None = None) -> list[int]:
        """Return the rows of one direction in the order of the stream, those before row `end`."""
        return self._rows_of(connection, (DIRECTIONS.index(direction),), 0, self.end if end is None else end)

    def rows_on(self, connection: str, start: int, end: int) -> list[int]:
        """Return the rows of both directions of a connection, of those from `start` up to `end`."""
        return self._rows_of(connection, (0, 1), start, end)

    def _rows_of(self, connection: str, directions: tuple[int, ...], start: int, end: int) -> list[int]:
        number = self._numbers.get(connection)
        if number is None:
            return []
        sides = tuple(2 * number + direction for direction in directions)
        parts = (part for part in self._parts if part.start < end and part.end > start)
        return [row for part in parts for row in part.rows_of(sides, start, end)]

    def first_at(self, t: float, start: int) -> int:
        """Return the first row from `start` on that is not earlier than a time, the number of rows if all are.

        The times of a capture's packets rise; where they do not, a row near it.
        """
        return bisect_left(self.whole.times, t, start, max(len(self.whole), start))

    def time_of(self, row: int) -> float:
        """Return when a frame was whole, 0.0 when it is not kept."""
        found = self.find(row)
        return found.time if found else 0.0

    def columns(self, start: int, end: int) -> Iterator[tuple[float, int, int, int, int, int]]:
        """Yield time, side, first byte, second byte, length and offset of the rows from `start` up to `end`."""
        for part in self._parts:
            if part.start < end and part.end > start:
                yield from part.columns(start, end)

    def side_name(self, side: int) -> tuple[str, str]:
        """Return the connection and direction that a side's number stands for."""
        return self._names.get(side >> 1, "?"), DIRECTIONS[side & 1]

    def violations(self, row: int) -> tuple[str, ...]:
        """Return the rules that a frame broke."""
        return self._part_of(row).rules(row)

    def broken_rules(self) -> dict[str, int]:
        """Return how many frames broke each rule."""
        found = (rules for part in self._parts for rules in part.all_rules())
        return dict(Counter(rule for rules in found for rule in rules))

    def is_plain(self, row: int) -> bool:
        """Return whether a frame was seen whole and broke no rule."""
        part = self._part_of(row)
        return row not in part.incomplete and not part.rules(row)

    def is_complete(self, row: int) -> bool:
        """Return whether a frame was seen whole."""
        return row not in self._part_of(row).incomplete

    def raw(self, row: int) -> bytes:
        """Return the frame's bytes as on the wire, header first; fewer where bytes were not captured or kept."""
        frame = self.find(row)
        return self.spool.read(frame.connection, frame.direction, frame.offset, frame.size) if frame else b""

    def preview(self, row: int, limit: int = 96) -> bytes:
        """Return the first bytes of the payload, unmasked."""
        frame = self.find(row)
        if frame is None:
            return b""
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
