# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture file as a source: read by a process of its own, into an inbox and an index of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from app.capture.contents import Payloads
from app.capture.errors import CaptureError
from app.capture.flows import Closed, Opened
from app.capture.reader import CaptureReader, Note, name_of
from app.capture.remote import RemoteReader
from app.events import CaptureProgress, ConnectionClosed, ConnectionOpened, Event, SourceFailed
from app.inbox import Inbox
from app.sources.decode import Rows, Say
from app.wire.handshake import Handshake

SOURCE = "capture"
FRAME_EVENTS = 20_000  # frames that come as events too; beyond them a capture only adds rows


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
        Batches of events, the last of each a CaptureProgress; that of the last batch is finished.
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
        yield [*reading.events(notes), progress()]


class CaptureSource:
    """A capture being read; the frames come into `index`, the events into `inbox`.

    Args:
        path: the file.
        told: streams that the user says are WebSocket traffic (True) or are not (False).

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path, told: Mapping[int, bool] | None = None) -> None:
        self.path = path
        self.inbox = Inbox()
        self.reader = RemoteReader(path, told)
        self.index = self.reader.index
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._read, name=f"capture {path.name}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def cancel(self) -> None:
        """Read no further; what was read stays."""
        self._cancelled.set()
        self.reader.kill()

    def close(self) -> None:
        """Stop reading and give the file back."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join()
        self.reader.close()

    def _read(self) -> None:
        try:
            with closing(read_capture(self.reader)) as batches:
                for events in batches:
                    self.inbox.put_all(events)
                    if self._cancelled.is_set():
                        return
        except CaptureError as error:
            self.inbox.put(SourceFailed(t=time.time(), source="capture", name="capture", reason=str(error)))
