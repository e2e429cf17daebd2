# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection being decoded whose values carry the time of the byte run that completed them."""

from __future__ import annotations

from collections import deque

from app.wire.connection import Connection, Value
from app.wire.cutter import Cutter
from app.wire.frames import Frame
from app.wire.scan import Outline
from app.wire.side import Frames, FramesFactory

Timed = list[tuple[float, Value]]


class TimedConnection:
    """Takes byte runs by their offset: a jump is a gap, what was seen before is trimmed."""

    def __init__(self, is_whole: bool = False, frames: FramesFactory = Cutter, is_websocket: bool = False) -> None:
        self._connection = Connection(is_whole, frames, is_websocket)
        self._expected = {"client": 0, "server": 0}  # offset of the next byte
        self._runs: dict[str, deque[tuple[int, float]]] = {"client": deque(), "server": deque()}  # (end, time)

    @property
    def is_other(self) -> bool:
        """Whether it was found to carry something else than WebSockets."""
        return self._connection.is_other

    def frames(self, direction: str) -> Frames | None:
        """Return what takes the bytes of a direction that is in frames; see Connection.frames."""
        return self._connection.frames(direction)

    def begin_at(self, direction: str, offset: int) -> None:
        """The bytes of one direction up to `offset` were passed over before this connection was made."""
        self._expected[direction] = offset
        self._connection.moved_to(direction, offset)

    def moved_to(self, direction: str, offset: int) -> None:
        """The bytes of one direction up to `offset` were given to its `frames` directly, if it is in frames."""
        if self._connection.frames(direction) is not None and offset > self._expected[direction]:
            self._expected[direction] = offset
            self._connection.moved_to(direction, offset)
            self._runs[direction].clear()

    def pass_over(self, direction: str, length: int) -> bool:
        """Return whether the next bytes of one direction are of an HTTP body; they are then used up."""
        if not self._connection.pass_over(direction, length):
            return False
        self._expected[direction] += length
        return True

    def receive(self, direction: str, offset: int, data: bytes, time: float) -> Timed:
        """Take the bytes at `offset` of one direction's stream, seen at `time`; returns what they complete."""
        values: list[Value] = []
        missing = offset - self._expected[direction]
        if missing > 0:
            values += self._connection.skip(direction, missing)
        elif missing < 0:
            offset, data = offset - missing, data[-missing:]
        self._expected[direction] = offset + len(data)
        self._runs[direction].append((offset + len(data), time))
        values += self._connection.receive(direction, data)
        return self._timed(values, time)

    def eof(self, direction: str, time: float) -> Timed:
        """One direction has ended."""
        return self._timed(self._connection.eof(direction), time)

    def _timed(self, values: list[Value], now: float) -> Timed:
        timed: Timed = []
        time = now
        if not values and len(self._runs["client"]) < 2 and len(self._runs["server"]) < 2:
            return timed
        for value in values:
            if isinstance(value, Frame | Outline):
                time = self._time_of(value.direction, value.offset + value.size, now)
            timed.append((time, value))
        for direction, runs in self._runs.items():
            used = self._connection.used(direction)
            while runs and runs[0][0] <= used:
                runs.popleft()
        return timed

    def _time_of(self, direction: str, end: int, now: float) -> float:
        """Return when the byte before offset `end` was seen; the time of the last run for a frame cut short."""
        runs = self._runs[direction]
        while runs and runs[0][0] < end and len(runs) > 1:
            runs.popleft()
        return runs[0][1] if runs else now
