# SPDX-License-Identifier: GPL-3.0-or-later
"""The TCP connections of a capture: numbered, put in order, and with their client end told from their server end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from app.capture.feed import NOTHING, Rows, drop
from app.capture.packets import ACK, FIN, RST, SYN, Segment, address
from app.capture.tcp import MODULUS, Direction, Piece
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
Append = Callable[[int], None]


def _ignore(_value: int, /) -> None:
    pass


class Side(Direction):
    """One direction of a connection, as the segments of one end make it up.

    `expected` is the sequence number whose bytes can go straight to `rows`, -1 while they cannot: see reader.py.
    """

    __slots__ = (
        "add_length",
        "add_offset",
        "add_position",
        "expected",
        "flow",
        "is_ignored",
        "number",
        "passing",
        "peer",
        "rows",
    )

    peer: Side

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self.flow = flow
        self.is_ignored = False
        self.expected = -1
        self.number = -1  # in the frame index
        self.passing = NOTHING  # so much of what is in order need not go to `rows`
        self.rows: Rows = drop
        self.add_offset: Append = _ignore  # to its runs in the spool
        self.add_length: Append = _ignore
        self.add_position: Append = _ignore


class Flow:
    """One connection: end 0 sent its first packet."""

    __slots__ = ("client", "ends", "held", "is_closed", "last", "number", "opened", "probes", "sides")

    def __init__(self, number: int, segment: Segment, time: float) -> None:
        self.number = number
        self.ends = (segment.source, segment.target)
        one, other = Side(self), Side(self)
        one.peer, other.peer = other, one
        self.sides = (one, other)
        self.opened = self.last = time
        self.client: int | None = None  # which end it is
        self.probes: tuple[Probe, Probe] | None = None
        self.held: list[tuple[int, Piece]] = []  # until it is known who is the client
        self.is_closed = False

    def side(self, direction: str) -> Side:
        """Return what the client or the server sends."""
        assert self.client is not None
        return self.sides[self.client if direction == "client" else 1 - self.client]


class Flows:
    """Sorts segments into connections.

    Args:
        read: returns the bytes at a place of the file.
        told: streams that the user says are WebSocket traffic (True) or are not (False).
    """

    def __init__(self, read: Callable[[int, int], bytes], told: Mapping[int, bool] | None = None) -> None:
        self._read = read
        self._told = told or {}
        self.sides: dict[bytes, Side] = {}  # by the sender's address and the receiver's, then both ports
        self._open: dict[int, Flow] = {}  # those that can still give something
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def flow(self, stream: int) -> Flow | None:
        """Return a connection that is neither closed nor ignored."""
        return self._open.get(stream)

    def ignore(self, stream: int) -> None:
        """Give no more of a connection: it is not what we look for."""
        flow = self._open.pop(stream, None)
        if flow is not None:
            _forget(flow)

    def add(self, segment: Segment, position: int, time: float) -> Iterator[Sighting]:
        """Take the next segment of the capture; `position` is where its packet begins in the file."""
        side = self.sides.get(segment.key)
        if side is None or _is_new(side, segment):
            if side is not None:
                yield from self._close(side.flow, "the same ports were used again")
            side = self._begin(segment, time)
        flow = side.flow
        if flow.is_closed or side.is_ignored:
            return
        flow.last = time
        sequence = segment.sequence  # of the first byte of data
        if segment.flags & SYN:
            side.synchronise(sequence)
            sequence = (sequence + 1) & MODULUS
            if flow.client is None and not flow.held:
                end = flow.sides.index(side)
                yield self._opened(flow, 1 - end if segment.flags & ACK else end)
        if segment.length or side.peer.waiting or segment.acknowledged != side.peer.sequence:
            yield from self._data(side, segment, sequence, position, time)
        if segment.flags & (FIN | RST) or side.is_done:
            yield from self._end(side, segment, sequence)

    def _data(self, side: Side, segment: Segment, sequence: int, position: int, time: float) -> Iterator[Sighting]:
        place = position + segment.start
        if segment.length:
            for piece in side.add(sequence, segment.length, segment.captured, place, time):
                yield from self._give(side, piece)
        if segment.flags & ACK:
            for piece in side.peer.acknowledge(segment.acknowledged, time):
                yield from self._give(side.peer, piece)

    def _end(self, side: Side, segment: Segment, sequence: int) -> Iterator[Sighting]:
        if segment.flags & FIN:
            side.finish(sequence + segment.length)
        if segment.flags & RST and side.is_near(sequence):
            yield from self._close(side.flow, "reset")
        elif side.is_done and side.peer.is_done:
            yield from self._close(side.flow, "")

    def finish(self) -> Iterator[Sighting]:
        """The capture has ended."""
        for flow in tuple(self._open.values()):
            yield from self._close(flow, "end of the capture")

    def _begin(self, segment: Segment, time: float) -> Side:
        flow = Flow(self._count, segment, time)
        self.sides[segment.key], self.sides[segment.reverse_key] = flow.sides
        if self._told.get(flow.number, True):
            self._open[flow.number] = flow
        else:
            _forget(flow)
        self._count += 1
        return flow.sides[0]

    def _opened(self, flow: Flow, client: int) -> Opened:
        flow.client, flow.probes = client, None
        is_whole = any(side.is_whole for side in flow.sides)
        return Opened(flow.number, flow.opened, address(flow.ends[client]), address(flow.ends[1 - client]), is_whole)

    def _give(self, side: Side, piece: Piece) -> Iterator[Sighting]:
        flow = side.flow
        if side.is_ignored:
            return
        end = flow.sides.index(side)
        if flow.client is not None:
            yield _run(flow, end, piece)
            return
        flow.held.append((end, piece))
        if flow.probes is None:
            flow.probes = (Probe(), Probe())
        probe = flow.probes[end]
        if piece.position < 0:
            probe.skip()
        else:
            probe.receive(self._read(piece.position, piece.length))
        yield from self._settle(flow)

    def _settle(self, flow: Flow) -> Iterator[Sighting]:
        """Open a connection as soon as one end has shown its role, and give out what was held."""
        assert flow.probes is not None
        is_hopeless = all(probe.is_hopeless for probe in flow.probes)
        for end, probe in enumerate(flow.probes):
            if probe.role:
                yield from self._release(flow, end if probe.role == "client" else 1 - end)
                return
        if is_hopeless and self._told.get(flow.number):
            yield from self._release(flow, _likely_client(flow))
        elif is_hopeless:
            self.ignore(flow.number)

    def _release(self, flow: Flow, client: int) -> Iterator[Sighting]:
        yield self._opened(flow, client)
        yield from (_run(flow, end, piece) for end, piece in flow.held)
        flow.held.clear()

    def _close(self, flow: Flow, reason: str) -> Iterator[Sighting]:
        if flow.is_closed:
            return
        for side in flow.sides:
            for piece in () if side.is_ignored else side.flush(flow.last):
                yield from self._give(side, piece)
        if flow.client is None and flow.held and flow.probes:
            for probe in flow.probes:
                probe.eof()
            yield from self._settle(flow)
            if flow.client is None and self._told.get(flow.number):
                yield from self._release(flow, _likely_client(flow))
        flow.is_closed = True
        if self._open.pop(flow.number, None) and flow.client is not None:
            yield Closed(flow.number, flow.last, reason)
        _forget(flow)


def _forget(flow: Flow) -> None:
    """Keep no more of a connection than that it was there."""
    flow.held.clear()
    flow.probes = None
    for side in flow.sides:
        side.is_ignored = True
        side.expected = -1
        side.waiting.clear()
        side.passing, side.rows = NOTHING, drop
        side.add_offset = side.add_length = side.add_position = _ignore


def _likely_client(flow: Flow) -> int:
    """Return the end with the larger port: those of clients are picked from above."""
    return int(flow.ends[1][-2:] > flow.ends[0][-2:])


def _is_new(side: Side, segment: Segment) -> bool:
    """Return whether a segment begins another connection between the same ports."""
    if segment.flags & (SYN | ACK) == SYN:
        return not side.is_begun_with(segment.sequence)
    # After the end of the one we know, bytes from elsewhere in the sequence space belong to one we saw no SYN of.
    return side.flow.is_closed and segment.length > 0 and not side.is_near(segment.sequence)


def _run(flow: Flow, end: int, piece: Piece) -> Run:
    direction = _NAMES[0] if end == flow.client else _NAMES[1]
    return Run(flow.number, direction, piece.offset, piece.length, piece.position, piece.time)
