# SPDX-License-Identifier: GPL-3.0-or-later
"""What a capture file says, as events: what its reader notes, and between the notes its first frames."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from itertools import islice

from app.capture.contents import Payloads
from app.capture.flows import Closed, Opened
from app.capture.reader import CaptureReader, Note, name_of
from app.events import CaptureProgress, ConnectionClosed, ConnectionOpened, Event
from app.sources.decode import Rows, Say
from app.wire.handshake import Handshake

SOURCE = "capture"
FRAME_EVENTS = 20_000  # frames that come as events too; beyond them a capture only adds rows
AT_ONCE = 512  # events: who waits for the first frames is not to wait for all of a batch


class _Reading:
    """Turns rows and notes into events, in the order in which they were found."""

    def __init__(self, reader: CaptureReader, frame_events: int) -> None:
        self._index = reader.index
        self._payloads = Payloads(reader.index, reader.agreed)
        self._room = frame_events
        self._next = 0  # the first row that has not been taken
        self._rows = Rows()

    def events(self, notes: list[Note]) -> Iterator[Event]:
        """Yield what the notes say, and between them the frames of the rows that are new."""
        for note in notes:
            yield from self._frames(note.row)
            yield _told(note)
        yield from self._frames(len(self._index))

    def _frames(self, end: int) -> Iterator[Event]:
        for number in range(self._next, min(end, self._room)):
            row = self._index.row(number)
            frame, message = self._payloads.read(row)
            rules = tuple(violation.rule for violation in frame.violations)
            self._index.add_violations(number, rules)
            say = Say(row.time, SOURCE, row.connection)
            if row.is_complete:
                yield say.frame(frame, number, rules)
            self._rows.add(row.connection, frame, number)
            if message is not None:
                yield from say.message(message, self._rows.take(row.connection, row.direction))
        self._next = max(end, self._next)


def _told(note: Note) -> Event:
    value, name = note.value, name_of(note.stream)
    if isinstance(value, Opened):
        return ConnectionOpened(
            t=note.time, source=SOURCE, connection=name, client=value.client, server=value.server
        )  # fmt: skip
    if isinstance(value, Closed):
        return ConnectionClosed(t=note.time, source=SOURCE, connection=name, reason=value.reason)
    say = Say(note.time, SOURCE, name)
    return say.handshake(value) if isinstance(value, Handshake) else say.gap(value)


def read_capture(reader: CaptureReader, frame_events: int = FRAME_EVENTS) -> Generator[list[Event], None, None]:
    """Read a capture file; whoever no longer wants it stops asking for more.

    Args:
        reader: the file; its index gets the frames.
        frame_events: how many frames come as events too.

    Yields:
        Events, not many at once. A CaptureProgress ends what was read in one go; the very last one is finished.
    """
    began = time.monotonic()
    reading = _Reading(reader, frame_events)

    def progress() -> CaptureProgress:
        return CaptureProgress(
            t=time.time(), source=SOURCE, path=str(reader.file.path), packets=reader.packets, frames=len(reader.index),
            connections=reader.connections, done=reader.done, total=len(reader.file),
            seconds=time.monotonic() - began, finished=reader.is_finished, notes=reader.warnings,
        )  # fmt: skip

    for notes in reader.batches():
        events = reading.events(notes)
        while len(some := list(islice(events, AT_ONCE))) == AT_ONCE:
            yield some
        yield [*some, progress()]
