# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to a frame on the Ladder: the other fragments of its message, the ping of a pong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from app.frame_index import FrameIndex, FrameRow
from app.wire.frames import BINARY, PING
from panels.numbers import thousands

NEAR = 300  # steps looked at, each way


class Neighbours:
    """The frames around a step; `items` are those of LadderRows."""

    def __init__(self, index: FrameIndex, items: Sequence[int]) -> None:
        self._index, self._items = index, items

    def _towards(self, place: int, way: int, direction: str) -> Iterator[FrameRow]:
        """Yield the frames of a direction before a place (-1) or after it (1), not too many."""
        places = range(place - 1, -1, -1) if way < 0 else range(place + 1, len(self._items))
        for other in islice(places, NEAR):
            item = self._items[other]
            if item >= 0 and (row := self._index.find(item)) and row.direction == direction:
                yield row

    def fragment(self, place: int, row: FrameRow) -> str:
        """Return which fragment of how many it is, and on the last one the size of the message."""
        before: list[FrameRow] = []
        for other in self._towards(place, -1, row.direction) if row.opcode == 0 else ():
            if other.opcode > BINARY:
                continue
            if other.fin:
                break
            before.append(other)
            if other.opcode:
                break
        rest, is_ended = 0, row.fin
        for other in self._towards(place, 1, row.direction) if not row.fin else ():
            if other.opcode <= BINARY:
                if other.opcode:
                    break
                rest, is_ended = rest + 1, other.fin
                if other.fin:
                    break
        is_begun = row.opcode > 0 or (bool(before) and before[-1].opcode > 0)
        size = f"{thousands(row.length)} bytes"
        if not is_begun:
            return f"a later fragment · {size}"
        count = len(before) + 1 + rest if is_ended else "…"
        whole = sum(other.length for other in before) + row.length
        end = f" → {thousands(whole)} bytes" if row.fin else ""
        return f"fragment {len(before) + 1} of {count} · {size}{end}"

    def ping_of(self, place: int, row: FrameRow) -> FrameRow | None:
        """Return the ping that a pong answers: it has the same payload."""
        payload = self._index.preview(row.row, 125)
        other_side = "server" if row.direction == "client" else "client"
        for other in self._towards(place, -1, other_side):
            if other.opcode == PING and self._index.preview(other.row, 125) == payload:
                return other
        return None

    def is_between(self, place: int, row: FrameRow) -> bool:
        """Whether a control frame stands between the fragments of a message."""
        last = next((other for other in self._towards(place, -1, row.direction) if other.opcode <= BINARY), None)
        return last is not None and not last.fin
