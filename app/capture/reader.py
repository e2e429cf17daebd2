# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture file as events: connections, handshakes and gaps, frames as rows of the index, progress now and then."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

from app.capture.flows import Flows, Opened, Run, Sighting
from app.capture.packets import LINKS, Unreadable, segment_of
from app.capture.records import CaptureFile
from app.events import (
    BytesSeen,
    CaptureProgress,
    ConnectionClosed,
    ConnectionOpened,
    Event,
    FrameSeen,
    WebSocketMessageSeen,
)
from app.frame_index import FrameIndex

SOURCE = "capture"
FRAME_EVENTS = 20_000  # frames that come as events too; beyond them a capture only adds rows
_BATCH = 4096  # packets between two batches of events


class Decoder(Protocol):
    """What turns byte runs into events: app.sources.decode.WireDecoder."""

    index: FrameIndex

    def open(self, connection: str, is_whole: bool) -> None:
        """Begin a connection."""

    def decode(self, run: BytesSeen, data: bytes) -> list[Event]:
        """Return the events derived from a byte run."""

    def close(self, event: ConnectionClosed) -> list[Event]:
        """Return the events that the end of a connection gives."""

    def is_other(self, connection: str) -> bool:
        """Return whether a connection carries something else than WebSockets."""


class Capture:
    """A capture file being read: what was sighted on its connections, packet by packet.

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path) -> None:
        self.file = CaptureFile(path)
        self.flows = Flows(self.read)
        self.packets = 0
        self.done = 0  # bytes of the file read so far
        self._unread: Counter[str] = Counter()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was noticed: truncation, packets that could not be used."""
        return (*self.file.notes, *(f"{count} packets not read: {why}" for why, count in self._unread.items()))

    def read(self, position: int, length: int) -> bytes:
        """Return bytes of the file."""
        return self.file.data[position : position + length]

    def sightings(self) -> Iterator[Sighting | None]:
        """Yield what is seen, and None after each batch of packets."""
        for record in self.file.records():
            self.packets += 1
            self.done = record.position + record.captured
            try:
                segment = segment_of(self.read(record.position, record.captured), record.link)
            except Unreadable as error:
                self._unread[str(error)] += 1
                continue
            if segment is not None:
                yield from self.flows.add(segment, record.position, record.time)
            elif record.link not in LINKS:
                self._unread[f"link type {record.link} is not known here"] += 1
            if self.packets % _BATCH == 0:
                yield None
        self.done = len(self.file)
        yield from self.flows.finish()

    def close(self) -> None:
        """Give the file back."""
        self.file.close()


class _Reading:
    """Turns sightings into events."""

    def __init__(self, capture: Capture, decoder: Decoder, frame_events: int) -> None:
        self._capture = capture
        self._decoder = decoder
        self._room = frame_events
        self._silent: dict[int, ConnectionOpened] = {}  # connections that have not shown WebSocket traffic
        self.connections = 0

    def events(self, sighting: Sighting) -> Iterator[Event]:
        """Yield what a sighting gives the store."""
        name = f"c{sighting.stream + 1}"
        if isinstance(sighting, Opened):
            self._decoder.open(name, sighting.is_whole)
            self._silent[sighting.stream] = ConnectionOpened(
                t=sighting.time, source=SOURCE, connection=name, client=sighting.client, server=sighting.server
            )
        elif isinstance(sighting, Run):
            yield from self._shown(sighting.stream, self._decode(name, sighting))
        else:
            closed = ConnectionClosed(t=sighting.time, source=SOURCE, connection=name, reason=sighting.reason)
            yield from self._shown(sighting.stream, self._decoder.close(closed))
            if self._silent.pop(sighting.stream, None) is None:
                yield closed

    def _decode(self, name: str, run: Run) -> list[Event]:
        data, offset = b"", run.offset + run.length  # an empty run after bytes that were not captured
        if run.position >= 0:
            data, offset = self._capture.read(run.position, run.length), run.offset
            self._decoder.index.spool.place(name, run.direction, run.offset, run.length, run.position)
        seen = BytesSeen(
            t=run.time, source=SOURCE, connection=name, direction="client" if run.direction == "client" else "server",
            offset=offset, length=len(data),
        )  # fmt: skip
        events = self._decoder.decode(seen, data)
        if self._decoder.is_other(name):
            self._capture.flows.ignore(run.stream)
            self._silent.pop(run.stream, None)
        return events

    def _shown(self, stream: int, events: list[Event]) -> Iterator[Event]:
        if events and (opened := self._silent.pop(stream, None)):
            self.connections += 1
            yield opened
        for event in events:
            if isinstance(event, FrameSeen):
                self._room -= 1
            if self._room >= 0 or not isinstance(event, FrameSeen | WebSocketMessageSeen):
                yield event


def read_capture(path: Path, decoder: Decoder, frame_events: int = FRAME_EVENTS) -> Iterator[list[Event]]:
    """Read a capture file; whoever no longer wants it stops asking for more.

    Args:
        path: the file.
        decoder: gets the byte runs; its index gets the frames, its spool must have been made for this file.
        frame_events: how many frames come as events too.

    Yields:
        Batches of events, the last of each a CaptureProgress; that of the last batch is finished.

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """
    began = time.monotonic()
    with closing(Capture(path)) as capture:
        reading = _Reading(capture, decoder, frame_events)

        def progress(finished: bool) -> CaptureProgress:
            return CaptureProgress(
                t=time.time(), source=SOURCE, path=str(path), packets=capture.packets, frames=len(decoder.index),
                connections=reading.connections, done=capture.done, total=len(capture.file),
                seconds=time.monotonic() - began, finished=finished, notes=capture.notes,
            )  # fmt: skip

        batch: list[Event] = []
        for sighting in capture.sightings():
            if sighting is not None:
                batch += reading.events(sighting)
                continue
            yield [*batch, progress(finished=False)]
            batch = []
        yield [*batch, progress(finished=True)]
