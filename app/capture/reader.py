# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture file read into the frame index: packets to segments to streams to rows, and notes of what else was seen.

Nearly all packets of a big capture are next in the order of a stream that is known to carry frames, or belong to
traffic that is known to be something else. They take a short way: one `unpack` for the headers, one look into a
dictionary, one comparison, and straight to the Scan of their direction. All others go through Flows and Connection.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from mmap import mmap
from pathlib import Path
from typing import NamedTuple

from app.capture.flows import Closed, Flows, Opened, Run, Side, Sighting
from app.capture.fragments import Fragments
from app.capture.packets import LINKS, Segment, Unreadable, segment_of
from app.capture.pcapng import Place
from app.capture.records import CaptureFile, Packet
from app.capture.stream import Stream
from app.capture.timed import Timed
from app.capture.uncollected import uncollected
from app.frame_index import DIRECTIONS, FrameIndex
from app.spool import Spool
from app.wire.connection import Gap
from app.wire.deflate import Deflate
from app.wire.handshake import Handshake
from app.wire.scan import Columns, Outline

_BATCH = 4096  # packets between two batches of notes
_ETHERNET = 1
# Ethernet + IPv4 + TCP: EtherType, version, header length and service as one number; total length; fragment, lifetime
# and protocol as one number; addresses and ports, sequence number, acknowledgement, data offset and flags as one.
_IP4 = struct.Struct(">12xIHxxIxx12sIIH").unpack_from
_IP6 = struct.Struct(">18xHBx36sIIH").unpack_from  # length, protocol, and as above; no extension headers
_IP4_HEADERS, _IP6_HEADERS = 54, 74
_SPECIAL = 7  # FIN, SYN, RST
_HALF = 1 << 31


class Note(NamedTuple):
    """Something on a connection besides frames, when the index had `row` rows."""

    row: int
    time: float
    stream: int
    value: Opened | Closed | Handshake | Gap


def name_of(stream: int) -> str:
    """Return the id of a capture's connection: "c1" for stream 0."""
    return f"c{stream + 1}"


class CaptureReader:
    """Reads a capture file; frames become rows of its `index`.

    Args:
        path: the file.
        told: streams that the user says are WebSocket traffic (True) or are not (False).

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path, told: Mapping[int, bool] | None = None) -> None:
        self.file = CaptureFile(path)
        self.index = FrameIndex(Spool(path), limit=None)
        self.is_finished = False
        self.packets = 0
        self.connections = 0  # that have shown WebSocket traffic
        self.done = 0  # bytes of the file read so far
        self.agreed: dict[str, Deflate | None] = {}  # by connection: what its handshake settled
        self._told = told or {}
        self._flows = Flows(self.read, told)
        self._fragments = Fragments()
        self._streams: dict[int, Stream] = {}
        self._notes: list[Note] = []
        self._unread: Counter[str] = Counter()
        self.places: list[tuple[int, int, Place]] = []  # of some packets: where, how many before, where to read on

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed: truncation, packets that could not be used."""
        unread = Counter(self._unread)
        if self._fragments.lost:
            unread["an IP fragment whose other parts never came"] = self._fragments.lost
        return (*self.file.notes, *(f"{count} packets not read: {why}" for why, count in unread.items()))

    def read(self, position: int, length: int) -> bytes:
        """Return bytes of the file."""
        return self.file.data[position : position + length]

    def packets_of(self, row: int) -> list[Packet]:
        """Return the packets that carried a frame, numbered from 1 as in the file."""
        frame = self.index.row(row)
        runs = self.index.spool.runs(frame.connection, frame.direction)
        packets = (self.packet_at(place) for place in runs.places(frame.offset, frame.size))
        return [packet for packet in packets if packet is not None]

    def packet_at(self, position: int) -> Packet | None:
        """Return the packet, numbered from 1, in which a byte of the file lies."""
        i = bisect_right(self.places, position, key=lambda place: place[0]) - 1
        _, before, place = self.places[i] if i >= 0 else (0, 0, self.file.begin)
        packet = self.file.packet_at(position, place)
        return packet and packet._replace(number=packet.number + before + 1)

    def batches(self) -> Iterator[list[Note]]:
        """Read the file; yields what was noted after each few thousand packets, for the last time at the end."""
        for _ in uncollected(self._packets()):
            notes, self._notes = self._notes, []
            yield notes
        for segment, position in self._fragments.finish():
            self._take(segment, position, self._notes[-1].time if self._notes else 0.0)
        for sighting in self._flows.finish():
            self._sight(sighting)
        self.done = len(self.file)
        self.is_finished = True
        yield self._notes

    def close(self) -> None:
        """Give the file back; the bytes of frames can no longer be read."""
        self.file.close()
        self.index.spool.close()

    def _packets(self) -> Iterator[None]:  # noqa: C901, PLR0912 - a call for each packet would cost too much
        """Go through the packets; the short way for those that are what nearly all are."""
        data, side_of, records = self.file.data, self._flows.sides.get, self.file.records()
        extend, columns = self.index.whole.extend, self.index.whole.appends
        while batch := list(islice(records, _BATCH)):
            for time, link, position, captured, _ in batch:
                side: Side | None = None
                if link == _ETHERNET and captured >= _IP4_HEADERS:
                    kind, total, middle, key, sequence, acked, bits = _IP4(data, position)
                    if kind >> 8 == 0x080045 and middle & 0x3FFF00FF == 6:  # TCP, no options, not a part of a packet
                        side = side_of(key)
                        start, end = position + 34 + (bits >> 10 & 60), position + 14 + total
                    elif kind >> 16 == 0x86DD and captured >= _IP6_HEADERS:
                        total, protocol, key, sequence, acked, bits = _IP6(data, position)
                        if protocol == 6:
                            side = side_of(key)
                            start, end = position + 54 + (bits >> 10 & 60), position + 54 + total
                    elif kind >> 16 == 0x0800 and middle & 0xFF != 6:
                        continue
                if side is None or not total:
                    self._packet(time, link, position, captured)
                    continue
                length = end - start
                if length > 0:
                    if sequence == side.expected and not bits & _SPECIAL and end - position <= captured:
                        offset = side.next
                        side.next = offset + length
                        side.expected = (sequence + length) & 0xFFFFFFFF
                        side.flow.last = time
                        # Called at once as methods, these would take twice as long.
                        add_position, add_length, add_offset = side.add_position, side.add_length, side.add_offset
                        add_position(start)
                        add_length(length)
                        add_offset(offset)
                        passing = side.passing
                        if passing.left > length:
                            passing.left -= length
                            continue
                        rows = side.rows
                        if outlines := rows(data, start, end, offset, time, side.number, columns):
                            extend(time, side.number, outlines)
                        continue
                    if side.is_ignored and not bits & _SPECIAL and not side.flow.is_closed:
                        continue
                elif not bits & _SPECIAL and (
                    acked == (awaited := side.peer.expected)
                    or ((awaited < 0 or (awaited - acked) & 0xFFFFFFFF < _HALF) and not side.peer.waiting)
                ):
                    continue  # an acknowledgement of nothing that we do not have
                length, kept = max(length, 0), max(min(end, position + captured) - start, 0)
                segment = Segment(key[:-4], key[-4:], sequence, acked, bits & 0xFF, start - position, length, kept)
                self._take(segment, position, time)
            self.packets, self.done = self.packets + len(batch), position
            self.places.append((position, self.packets - 1, self.file.place_of(position)))
            if len(batch) == _BATCH:
                yield

    def _packet(self, time: float, link: int, position: int, captured: int) -> None:
        """Take any packet, the long way."""
        try:
            segment = segment_of(self.read(position, captured), link)
        except Unreadable as error:
            self._unread[str(error)] += 1
            return
        if isinstance(segment, Segment):
            self._take(segment, position, time)
        elif segment is not None:
            for whole, place in self._fragments.add(segment, position):
                self._take(whole, place, time)
        elif link not in LINKS:
            self._unread[f"link type {link} is not known here"] += 1

    def _take(self, segment: Segment, position: int, time: float) -> None:
        for sighting in self._flows.add(segment, position, time):
            self._sight(sighting)
        flow = self._flows.sides[segment.key].flow
        if flow.number in self._streams:
            for side in flow.sides:
                side.expected = -1 if side.waiting else side.sequence

    def _sight(self, sighting: Sighting) -> None:
        if isinstance(sighting, Opened):
            self._open(sighting)
        elif isinstance(sighting, Run):
            self._run(sighting)
        elif isinstance(sighting, Closed):
            self._close_stream(self._streams.pop(sighting.stream), sighting)

    def _close_stream(self, stream: Stream, closed: Closed) -> None:
        if stream.plain is None:
            for direction in DIRECTIONS:
                self._keep(stream, stream.connection.eof(direction, closed.time))
        if stream.is_shown:
            self._notes.append(Note(len(self.index), closed.time, closed.stream, closed))
            self.index.spool.finish(name_of(closed.stream))
        else:
            self.index.spool.forget(name_of(closed.stream))

    def _open(self, opened: Opened) -> None:
        flow = self._flows.flow(opened.stream)
        assert flow is not None
        stream = self._streams[opened.stream] = Stream(opened, flow, self._told.get(opened.stream, False))
        for direction in DIRECTIONS:
            side, runs = flow.side(direction), self.index.spool.runs(name_of(opened.stream), direction)
            side.number = self.index.side(name_of(opened.stream), direction)
            side.add_position, side.add_length = runs.positions.append, runs.lengths.append
            side.add_offset = runs.offsets.append
            stream.feeds[direction] = partial(self._feed, stream, direction)
            side.passing, side.rows = stream.passing[direction], stream.feeds[direction]

    def _run(self, run: Run) -> None:
        stream = self._streams.get(run.stream)
        if stream is None:
            return
        data, offset = b"", run.offset + run.length  # an empty run after bytes that were not captured
        if run.position >= 0:
            data, offset = self.read(run.position, run.length), run.offset
            self.index.spool.place(name_of(run.stream), run.direction, run.offset, run.length, run.position)
        stream.look_closer()
        stream.connection.moved_to(run.direction, run.offset)
        self._keep(stream, stream.connection.receive(run.direction, offset, data, run.time))
        stream.find_scans()
        self._drop_if_other(stream)

    def _feed(  # noqa: PLR0913, PLR0917 - as Scan.rows
        self, stream: Stream, direction: str, data: mmap, start: int, end: int, offset: int, time: float, side: int,
        columns: Columns
    ) -> tuple[()]:  # fmt: skip
        """Take bytes in order of a direction that is not in frames, on the short way."""
        if stream.plain is not None:
            if stream.plain.passes(direction, data, start, end, offset):
                if stream.plain.refused:
                    self._keep(stream, [(time, stream.plain.refused)])
                    stream.plain.refused = None
                return ()
            stream.look_closer()
        if stream.connection.pass_over(direction, end - start):
            return ()
        values = stream.connection.receive(direction, offset, data[start:end], time)
        self._keep(stream, values)
        if values or stream.connection.is_other:
            stream.find_scans()
            self._drop_if_other(stream)
        return ()

    def _drop_if_other(self, stream: Stream) -> None:
        if stream.connection.is_other:
            number = stream.opened.stream
            self._flows.ignore(number)
            if not stream.is_shown:
                self.index.spool.forget(name_of(number))
                self._streams.pop(number, None)

    def _keep(self, stream: Stream, values: Timed) -> None:
        """Put frames into the index and note the rest."""
        number = stream.opened.stream
        if values and not stream.is_shown:
            stream.is_shown = True
            self.index.spool.share(name_of(number))
            self.connections += 1
            self._notes.append(Note(len(self.index), stream.opened.time, number, stream.opened))
        for time, value in values:
            if isinstance(value, Outline):
                self.index.whole.extend(time, stream.flow.side(value.direction).number, (value,))
            elif isinstance(value, Handshake | Gap):
                self._notes.append(Note(len(self.index), time, number, value))
                if isinstance(value, Handshake) and value.status == 101:
                    self.agreed[name_of(number)] = value.deflate
