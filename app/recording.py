# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as a file: observed events to JSON lines and back.

The first line names the format and its version. Derived events are not written: a replay works them out again.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

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
from app.whole_lines import LinesEnded, whole_lines

FORMAT = "channelscope recording"
VERSION = 1
HEAD = json.dumps({"format": FORMAT, "version": VERSION}).encode() + b"\n"
SUFFIXES = (".gz", ".cscope")  # files that are packed
DERIVED = (HandshakeSeen, FrameSeen, WebSocketMessageSeen, GapSeen, ClientNamed, WayMeasured)


class RecordingError(Exception):
    """The file is no recording of ours; says the file, what was seen and what was expected."""


class RecordingDamaged(RecordingError):
    """It ends before its end; `count` events before that are whole."""

    def __init__(self, path: Path, ended: LinesEnded, count: int, last: float) -> None:
        until = time.strftime(", up to %H:%M:%S", time.localtime(last)) if count else ""
        whole = f"{count} event{' is' if count == 1 else 's are'} whole{until}; what came after is missing"
        super().__init__(f"{path}: {ended}, in line {ended.lines + 1}. {whole}.")
        self.count = count


class Recorder:
    """Writes observed events, bytes included, as they happen; call it with each event."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.open("wb")
        is_packed = path.suffix in SUFFIXES
        # Without a name and a time in it: the same events are the same file.
        self._file = gzip.GzipFile("", "wb", fileobj=self._bytes, mtime=0) if is_packed else self._bytes
        self._file.write(HEAD)

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
        """Finish the file; nothing happens when it was done already."""
        try:
            self._file.close()
        finally:
            self._bytes.close()


def read_recording(path: Path) -> Iterator[Event]:
    """Yield the events of a recording; lines of kinds this version does not know are counted in an EventsDropped.

    Raises:
        RecordingDamaged: it is cut off or damaged further on; what is whole before that was yielded.
        RecordingError: the file is missing or none, or of another version.
    """
    unknown, count, last = 0, 0, 0.0
    ended: LinesEnded | None = None
    try:
        with path.open("rb") as file:
            lines = whole_lines(file)
            _check(path, next(lines, b""))
            for line in lines:
                try:
                    event = codec.decode(line)
                except msgspec.MsgspecError:
                    unknown += 1
                    continue
                count, last = count + 1, event.t
                yield event
    except OSError as error:
        raise RecordingError(f"{path}: {_reason(error)}; expected a {FORMAT}.") from None
    except LinesEnded as error:
        ended = error
    if unknown:
        yield EventsDropped(t=last, source=path.name, count=unknown)
    if ended and not ended.lines:
        if not HEAD.startswith(ended.rest):
            _check(path, ended.rest)
        raise RecordingError(f"{path}: {ended}, within its first line: nothing of it can be read.")
    if ended:
        raise RecordingDamaged(path, ended, count, last)


def _reason(error: OSError) -> str:
    return "no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)


def _check(path: Path, line: bytes) -> None:
    if not line:
        raise RecordingError(f"{path}: it is empty; expected a {FORMAT}.")
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise RecordingError(f"{path}: expected a {FORMAT}, whose first line says so; saw {line[:60]!r}.")
    if head.get("version") != VERSION:
        raise RecordingError(f"{path}: version {head.get('version')} of the format; this program reads {VERSION}.")
