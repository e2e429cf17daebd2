# SPDX-License-Identifier: GPL-3.0-or-later
"""A session as a file: observed events to JSON lines and back.

The first line names the format and its version. Derived events are not written: a replay works them out again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import msgspec

from app import blocks, codec
from app.events import (
    ClientNamed,
    Event,
    EventsDropped,
    FrameSeen,
    GapSeen,
    HandshakeSeen,
    LogLine,
    Selected,
    WayMeasured,
    WebSocketMessageSeen,
)
from app.whole_lines import Damage, whole_lines

FORMAT = "channelscope recording"
VERSION = 1
HEAD = json.dumps({"format": FORMAT, "version": VERSION}).encode() + b"\n"
SUFFIXES = (".gz", ".cscope")  # files that are packed
PLACES = 3  # damages that are told with all others; each is told in its place
DERIVED = (HandshakeSeen, FrameSeen, WebSocketMessageSeen, GapSeen, ClientNamed, WayMeasured)


class RecordingError(Exception):
    """The file is no recording of ours; says the file, what was seen and what was expected."""


class RecordingDamaged(RecordingError):
    """Some of it cannot be read; `count` events are whole."""

    def __init__(self, path: Path, damages: Sequence[Damage], count: int, last: float) -> None:
        found: dict[str, Damage] = {}  # a damaged block may miss events in several places
        for damage in damages:
            sofar = found.get(damage.what, replace(damage, missing=0)).missing
            found[damage.what] = replace(damage, missing=_sum(sofar, damage.missing))
        places = "; ".join(_said(damage) for damage in [*found.values()][:PLACES])
        more = f"; and {len(found) - PLACES} times more" if len(found) > PLACES else ""
        until = time.strftime(", up to %H:%M:%S", time.localtime(last)) if count else ""
        after = "; what came after is missing" if damages[-1].is_last else ""
        super().__init__(f"{path}: {places}{more}. {_events(count, 'whole')}{until}{after}.")
        self.count = count


class Recorder:
    """Writes observed events, bytes included, as they happen; call it with each event."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.open("wb")
        self._is_packed = path.suffix in SUFFIXES
        self._lines, self._size, self._count = list[bytes](), 0, 0  # of the next block; lines before it
        self._put(HEAD)

    def __call__(self, event: Event) -> None:
        if not isinstance(event, DERIVED):
            self._put(codec.encode(event))
            if self._size >= blocks.SIZE:
                self._write()

    def _put(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)

    def _write(self) -> None:
        self._bytes.write(blocks.block(self._count, self._lines) if self._is_packed else b"".join(self._lines))
        self._count += len(self._lines)
        self._lines, self._size = [], 0

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the file; nothing happens when it was done already."""
        if self._bytes.closed:
            return
        with self._bytes:
            if self._lines:
                self._write()
            self._write()  # an empty one: the end


def read_recording(path: Path) -> Iterator[Event]:
    """Yield the events of a recording; where some are missing, how many and why.

    Lines of kinds this version does not know are counted in an EventsDropped at the end.

    Raises:
        RecordingDamaged: it is cut off or damaged; all that is whole was yielded.
        RecordingError: the file is missing or none, or of another version.
    """
    unknown, count, last = 0, 0, 0.0
    damages = list[Damage]()
    try:
        with path.open("rb") as file:
            lines = whole_lines(file)
            if (damage := _head(path, next(lines, b""))) is not None:
                damages.append(damage)
            for line in lines:
                if isinstance(line, Damage):
                    damages.append(line)
                    yield from _missing(path, line, last) if count else ()
                    continue
                try:
                    event = codec.decode(line)
                except msgspec.MsgspecError:
                    unknown += 1
                    continue
                count, last = count + 1, event.t
                if not (damages and isinstance(event, Selected) and event.kind == "frame"):
                    yield event  # frames are selected by their number, and some are missing
    except OSError as error:
        raise RecordingError(f"{path}: {_reason(error)}; expected a {FORMAT}.") from None
    if unknown:
        yield EventsDropped(t=last, source=path.name, count=unknown)
    if damages:
        raise RecordingDamaged(path, damages, count, last)


def _head(path: Path, first: bytes | Damage) -> Damage | None:
    """Return what is wrong with the first line of a recording, if anything is; so of the damaged one of a file of ours.

    Raises:
        RecordingError: it is none of ours, or nothing comes after it.
    """
    if not isinstance(first, Damage):
        _check(path, first)
        return None
    if first.is_last:
        if not HEAD.startswith(first.rest):
            _check(path, first.rest)
        raise RecordingError(f"{path}: {first.what}, within its first line: nothing of it can be read.")
    return replace(first, missing=first.missing and first.missing - 1)


def _missing(path: Path, damage: Damage, t: float) -> Iterator[Event]:
    """Yield what is to be told in the place of what is missing, except at the end."""
    if not damage.is_last:
        yield LogLine(t=t, source=path.name, text=_said(damage), level="error")
    if damage.missing:
        yield EventsDropped(t=t, source=path.name, count=damage.missing)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _said(damage: Damage) -> str:
    return damage.what if damage.missing is None else f"{damage.what}, {_events(damage.missing, 'missing there')}"


def _events(count: int, state: str) -> str:
    return f"{count} event{' is' if count == 1 else 's are'} {state}"


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
