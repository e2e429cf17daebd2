# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as a file: observed events to JSON lines and back.

The first line names the format and its version. Derived events are not written: a replay works them out again.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from app import codec
from app.events import (
    ClientNamed,
    Event,
    EventsDropped,
    FrameSeen,
    GapSeen,
    HandshakeSeen,
    WayMeasured,
    WebSocketMessageSeen,
)

FORMAT = "channelscope recording"
VERSION = 1
PACKED = b"\x1f\x8b"  # what a gzip file begins with (RFC 1952)
SUFFIXES = (".gz", ".cscope")  # files that are packed
DERIVED = (HandshakeSeen, FrameSeen, WebSocketMessageSeen, GapSeen, ClientNamed, WayMeasured)


class RecordingError(Exception):
    """The file is no recording of ours; says the file, what was seen and what was expected."""


class Recorder:
    """Writes observed events, bytes included, as they happen; call it with each event."""

    def __init__(self, path: Path) -> None:
        is_packed = path.suffix in SUFFIXES
        self._file: IO[bytes] | gzip.GzipFile = gzip.open(path, "wb") if is_packed else open(path, "wb")  # noqa: SIM115
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


def _opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    """Open a file, packed or not."""
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(PACKED)) == PACKED
        return gzip.open(path, "rb") if is_packed else path.open("rb")
    except OSError as error:
        raise RecordingError(f"{path}: {_reason(error)}; expected a {FORMAT}.") from None


def _reason(error: OSError) -> str:
    return "no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)


def read_recording(path: Path) -> Iterator[Event]:
    """Yield the events of a recording; lines of kinds this version does not know are counted in an EventsDropped.

    Raises:
        RecordingError: the file is missing or none, or of another version.
    """
    with _opened(path) as file:
        lines = _lines(path, file)
        _check(path, next(lines, b""))
        unknown, last = 0, 0.0
        for line in lines:
            try:
                event = codec.decode(line)
            except msgspec.MsgspecError:
                unknown += 1
                continue
            last = event.t
            yield event
        if unknown:
            yield EventsDropped(t=last, source=path.name, count=unknown)


def _lines(path: Path, file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Yield lines; where the file is damaged, say so."""
    count = 0
    try:
        for line in file:
            yield line
            count += 1
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(f"{path}: damaged after line {count}: {error}. What is before it was read.") from None


def _check(path: Path, line: bytes) -> None:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise RecordingError(f"{path}: expected a {FORMAT}, whose first line says so; saw {line[:60]!r}.")
    if head.get("version") != VERSION:
        raise RecordingError(f"{path}: version {head.get('version')} of the format; this program reads {VERSION}.")
