# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as a file: observed events to JSON lines and back.

The first line names the format and its version. Derived events are not written: a replay works them out again.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

import msgspec

from app import codec
from app.events import ClientNamed, Event, EventsDropped, FrameSeen, GapSeen, HandshakeSeen, WebSocketMessageSeen

FORMAT = "channelscope recording"
VERSION = 1
DERIVED = (HandshakeSeen, FrameSeen, WebSocketMessageSeen, GapSeen, ClientNamed)


class RecordingError(Exception):
    """The file is no recording of ours; says the file, what was seen and what was expected."""


class Recorder:
    """Writes observed events, bytes included, as they happen; call it with each event."""

    def __init__(self, path: Path) -> None:
        self._file = _opened(path, "wb")
        self._file.write(json.dumps({"format": FORMAT, "version": VERSION}).encode() + b"\n")

    def __call__(self, event: Event) -> None:
        if not isinstance(event, DERIVED):
            self._file.write(codec.encode(event))

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _opened(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes] | gzip.GzipFile:
    """Open a file, packed when its name ends in .gz."""
    try:
        return gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode)
    except FileNotFoundError:
        raise RecordingError(f"{path}: no such file; expected a {FORMAT}.") from None


def read_recording(path: Path) -> Iterator[Event]:
    """Yield the events of a recording; lines of kinds this version does not know are counted in an EventsDropped.

    Raises:
        RecordingError: the file is missing or none, or of another version.
    """
    with _opened(path, "rb") as file:
        try:
            head = file.readline(1000)
        except (OSError, EOFError) as error:
            raise RecordingError(f"{path}: {error}") from None
        _check(path, head)
        unknown, last = 0, 0.0
        for line in file:
            try:
                event = codec.decode(line)
            except msgspec.MsgspecError:
                unknown += 1
                continue
            last = event.t
            yield event
        if unknown:
            yield EventsDropped(t=last, source=path.name, count=unknown)


def _check(path: Path, line: bytes) -> None:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise RecordingError(f"{path}: expected a {FORMAT}, whose first line says so; saw {line[:60]!r}.")
    if head.get("version") != VERSION:
        raise RecordingError(f"{path}: version {head.get('version')} of the format; this program reads {VERSION}.")
