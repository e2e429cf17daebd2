# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of frames as columns: what the frame index is made of; the row number is a frame's identity."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

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


class Columns:
    """Frames from row `start` on; `position` is where the spool stood when the first of them came.

    One thread appends, others may read: the offsets are appended last, so their number is that of the whole rows.
    """

    def __init__(self, start: int, position: int) -> None:
        self.start = start
        self.position = position
        self.times = array("d")
        self.sides = array("i")  # twice the connection's number, plus 1 for what the server sends
        self.firsts = array("B")
        self.seconds = array("B")
        self.lengths = array("q")
        self.offsets = array("q")
        self.incomplete: set[int] = set()  # rows of frames that were not seen whole
        self.violations: dict[int, tuple[str, ...]] = {}  # by row, until these are all
        self._broken = array("q")  # from then on: the rows that broke rules, and which of `_rules` each of them did
        self._which = array("H")
        self._rules: list[tuple[str, ...]] = []
        self.numbers: frozenset[int] = frozenset()  # of the connections, once no more rows come

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def end(self) -> int:
        """The row after the last."""
        return self.start + len(self.offsets)

    @property
    def all(self) -> tuple[array[Any], ...]:
        """The columns, in the order in which they must be appended to."""
        return self.times, self.sides, self.firsts, self.seconds, self.lengths, self.offsets

    @property
    def appends(self) -> tuple[Any, ...]:
        """What appends to each of them."""
        return tuple(column.append for column in self.all)

    def finish(self) -> None:
        """No more rows will come: what is known of them takes less room."""
        self.numbers = frozenset(side >> 1 for side in self.sides)
        places = {rules: place for place, rules in enumerate(dict.fromkeys(self.violations.values()))}
        self._rules = [*places]
        self._which = array("H", [places[rules] for rules in self.violations.values()])
        self._broken = array("q", self.violations)  # last: who reads meanwhile looks here only when it is not there
        self.violations = {}

    def rules(self, row: int) -> tuple[str, ...]:
        """Return the rules that a frame broke."""
        if known := self.violations.get(row):
            return known
        place = bisect_left(self._broken, row)
        is_there = place < len(self._broken) and self._broken[place] == row
        return self._rules[self._which[place]] if is_there else ()

    def all_rules(self) -> Iterator[tuple[str, ...]]:
        """Yield the rules that each frame broke, of those that did."""
        yield from list(self.violations.values())
        yield from map(self._rules.__getitem__, self._which)

    def extend(self, time: float, side: int, outlines: Iterable[Outline]) -> None:
        """Add frames of one direction that one packet completed."""
        row = self.end
        for _, offset, first, second, _, length, violations, is_complete in outlines:
            self.times.append(time)
            self.sides.append(side)
            self.firsts.append(first)
            self.seconds.append(second)
            self.lengths.append(length if length < MOST else MOST)
            if violations:
                self.violations[row] = tuple(violation.rule for violation in violations)
            if not is_complete:
                self.incomplete.add(row)
            self.offsets.append(offset)
            row += 1

    def row(self, row: int, names: dict[int, str]) -> FrameRow | None:
        """Return a frame, None when it is not here; `names` are those of the connections by their numbers."""
        place = row - self.start
        if not 0 <= place < len(self.offsets):
            return None
        side, second = self.sides[place], self.seconds[place]
        return FrameRow(
            row,
            self.times[place],
            names.get(side >> 1, "?"),  # forgotten by the thread that writes, a moment ago
            DIRECTIONS[side & 1],
            self.firsts[place],
            second,
            HEADER_SIZES[second],
            self.lengths[place],
            self.offsets[place],
            self.rules(row),
            row not in self.incomplete,
        )

    def rows_of(self, sides: tuple[int, ...], start: int, end: int) -> list[int]:
        """Return the rows of some sides, of those from `start` up to `end`."""
        start = max(start, self.start)
        part = self.sides[start - self.start : max(end - self.start, 0)]
        return [row for row, side in enumerate(part, start) if side in sides]

    def columns(self, start: int, end: int) -> Iterator[tuple[float, int, int, int, int, int]]:
        """Return time, side, first byte, second byte, length and offset of the rows from `start` up to `end`."""
        part = slice(max(start - self.start, 0), max(end - self.start, 0))
        return zip(*(column[part] for column in self.all), strict=True)
