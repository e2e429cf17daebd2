# SPDX-License-Identifier: GPL-3.0-or-later
"""The TCP connections of a capture: numbered, put in order, and with their client end told from their server end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.capture.packets import ACK, FIN, RST, SYN, Segment, address
from app.capture.tcp import Direction, Piece
from app.wire.roles import Probe

_NAMES = ("client", "server")


class Opened(NamedTuple):
    """A connection and its ends; `is_whole` says that its first bytes are in the capture."""

    stream: int
    time: float
    client: str
    server: str
    is_whole: bool


class Run(NamedTuple):
    """The next bytes of one direction, lying at `position` of the file; -1: they were not captured."""

    stream: int
    direction: str
    offset: int
    length: int
    position: int
    time: float


class Closed(NamedTuple):
    """Nothing more comes on this connection."""

    stream: int
    time: float
    reason: str


Sighting = Opened | Run | Closed


class _Flow:
    """One connection: end 0 sent its first packet."""

    def __init__(self, number: int, segment: Segment, time: float) -> None:
        self.number = number
        self.ends = (segment.source, segment.target)
        self.sides = (Direction(), Direction())
        self.opened = self.last = time
        self.client: int | None = None  # which end it is
        self.probes = (Probe(), Probe())
        self.held: list[tuple[int, Piece]] = []  # until it is known who is the client
        self.is_ignored = False
        self.is_closed = False


class Flows:
    """Sorts segments into connections.

    Args:
        read: returns the bytes at a place of the file.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._flows: dict[bytes, _Flow] = {}
        self._all: list[_Flow] = []

    def __len__(self) -> int:
        return len(self._all)

    def ignore(self, stream: int) -> None:
        """Give no more of a connection: it is not what we look for."""
        flow = self._all[stream]
        flow.is_ignored = True
        flow.held.clear()

    def add(self, segment: Segment, position: int, time: float) -> Iterator[Sighting]:
        """Take the next segment of the capture; `position` is where its packet begins in the file."""
        flow = self._flows.get(segment.source + segment.target)
        if flow is None or _is_new(flow, segment):
            if flow is not None:
                yield from self._close(flow, "the same ports were used again")
            flow = self._begin(segment, time)
        if flow.is_closed or flow.is_ignored:
            return
        flow.last = time
        end = flow.ends.index(segment.source)
        side, sequence = flow.sides[end], segment.sequence
        if segment.flags & SYN:
            side.synchronise(sequence)
            sequence = (sequence + 1) & 0xFFFFFFFF
            if flow.client is None and not flow.held:
                yield self._open(flow, 1 - end if segment.flags & ACK else end)
        pieces = side.add(sequence, segment.length, segment.captured, position + segment.start, time)
        for piece in pieces:
            yield from self._give(flow, end, piece)
        if segment.flags & FIN:
            side.finish(sequence + segment.length)
        if segment.flags & RST:
            yield from self._close(flow, "reset")
        elif all(side.is_done for side in flow.sides):
            yield from self._close(flow, "")

    def finish(self) -> Iterator[Sighting]:
        """The capture has ended."""
        for flow in self._all:
            yield from self._close(flow, "end of the capture")

    def _begin(self, segment: Segment, time: float) -> _Flow:
        flow = _Flow(len(self._all), segment, time)
        self._all.append(flow)
        self._flows[segment.source + segment.target] = self._flows[segment.target + segment.source] = flow
        return flow

    def _open(self, flow: _Flow, client: int) -> Opened:
        flow.client = client
        is_whole = any(side.is_whole for side in flow.sides)
        return Opened(flow.number, flow.opened, address(flow.ends[client]), address(flow.ends[1 - client]), is_whole)

    def _give(self, flow: _Flow, end: int, piece: Piece) -> Iterator[Sighting]:
        if flow.is_ignored:
            return
        if flow.client is not None:
            yield _run(flow, end, piece)
            return
        flow.held.append((end, piece))
        probe = flow.probes[end]
        if piece.position < 0:
            probe.skip()
        else:
            probe.receive(self._read(piece.position, piece.length))
        yield from self._settle(flow)

    def _settle(self, flow: _Flow) -> Iterator[Sighting]:
        """Open a connection as soon as one end has shown its role, and give out what was held."""
        for end, probe in enumerate(flow.probes):
            if probe.role:
                yield self._open(flow, end if probe.role == "client" else 1 - end)
                yield from (_run(flow, end, piece) for end, piece in flow.held)
                flow.held.clear()
                return
        if all(probe.is_hopeless for probe in flow.probes):
            self.ignore(flow.number)

    def _close(self, flow: _Flow, reason: str) -> Iterator[Sighting]:
        if flow.is_closed:
            return
        flow.is_closed = True
        if flow.is_ignored:
            return
        for end, side in enumerate(flow.sides):
            for piece in side.flush():
                yield from self._give(flow, end, piece)
        if flow.client is None and flow.held:
            for probe in flow.probes:
                probe.eof()
            yield from self._settle(flow)
        if flow.client is not None:
            yield Closed(flow.number, flow.last, reason)


def _is_new(flow: _Flow, segment: Segment) -> bool:
    if segment.flags & (SYN | ACK) != SYN:
        return False
    return not flow.sides[flow.ends.index(segment.source)].is_begun_with(segment.sequence)


def _run(flow: _Flow, end: int, piece: Piece) -> Run:
    direction = _NAMES[0] if end == flow.client else _NAMES[1]
    return Run(flow.number, direction, piece.offset, piece.length, piece.position, piece.time)
