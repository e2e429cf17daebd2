# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py decode FILE`: the frames of a capture as a table, or as JSON lines that scripts rely on."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from app.capture.ahead import ReadAhead
from app.capture.contents import Payloads
from app.capture.errors import CaptureError
from app.capture.flows import Opened
from app.capture.json_lines import Ends, JsonLines
from app.capture.reader import CaptureReader, Note, name_of
from app.filters import FilterError, FrameContext, Predicate, compile_filter
from app.frame_index import FrameRow
from app.wire.connection import Gap
from app.wire.frames import BINARY, Frame
from app.wire.handshake import Handshake
from app.wire.messages import WebSocketMessage

_LARGE = 1 << 23  # bytes of a file for which it is worth to start a process
_PREVIEW = 48  # characters of the payload in the table


class Line(NamedTuple):
    """A frame of a capture, and the message it ends."""

    stream: int
    row: FrameRow
    source: str
    target: str
    frame: Frame
    message: WebSocketMessage | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the subcommand takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a pcap or pcapng file")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--filter", default="", metavar="EXPR", help='only these frames, such as "opcode == PING"')
    for name, what in (("websocket", "is WebSocket traffic"), ("other", "is not WebSocket traffic")):
        parser.add_argument(
            f"--{name}", type=int, action="append", default=[], metavar="STREAM", help=f"this stream {what}, I know it"
        )


def run(args: argparse.Namespace) -> int:
    """Print the frames of a capture; returns the exit status."""
    try:
        keep = compile_filter(args.filter) if args.filter.strip() else None
        told = dict.fromkeys(args.websocket, True) | dict.fromkeys(args.other, False)
        # Reading and printing take about as long as each other: a second process for one of them halves the wait.
        is_large = args.file.is_file() and args.file.stat().st_size > _LARGE
        with closing((ReadAhead if is_large else CaptureReader)(args.file, told)) as reader:
            _print(reader, keep, is_json=args.json)
    except FilterError as error:
        return _fail(f"filter {args.filter!r}: {error}")
    except CaptureError as error:
        return _fail(str(error))
    except BrokenPipeError:  # `| head` has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fail(text: str) -> int:
    print(f"channelscope decode: {text}", file=sys.stderr)
    return 2


def _print(reader: CaptureReader, keep: Predicate | None, is_json: bool) -> None:
    ends: dict[str, Ends] = {}
    out = _JsonOut(reader, ends, keep) if is_json else _TableOut(reader, ends, keep)
    done = 0
    for notes in reader.batches():
        for note in notes:
            if isinstance(note.value, Opened):
                ends[name_of(note.stream)] = note.stream, note.value.client, note.value.server
            else:
                _warn(note)
        lines, done = out.lines(done, len(reader.index)), len(reader.index)
        if text := "\n".join(lines):
            sys.stdout.write(text + "\n")
    sys.stdout.flush()
    for warning in reader.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _warn(note: Note) -> None:
    value, where = note.value, f"stream {note.stream}"
    if isinstance(value, Handshake):
        for violation in value.violations:
            print(f"{where}: {violation.rule} {violation.title}: {violation.why}", file=sys.stderr)
    elif isinstance(value, Gap) and value.length:
        what = f"gap of {value.length} bytes at offset {value.offset} from the {value.direction}"
        print(f"{where}: {what}; frames after it with confidence {value.confidence:.2f}", file=sys.stderr)
    elif isinstance(value, Gap):
        print(f"{where}: no handshake from the {value.direction}, frames with confidence {value.confidence:.2f}",
              file=sys.stderr)  # fmt: skip


class _Chooser:
    """Reads frames with their payloads and says which of them the filter lets pass."""

    def __init__(self, reader: CaptureReader, ends: Mapping[str, Ends], keep: Predicate) -> None:
        self._index, self._ends, self._keep = reader.index, ends, keep
        self._payloads = Payloads(reader.index, reader.agreed)

    def line(self, number: int) -> Line | None:
        """Return a frame, None if it is left out; all rows must be asked for in their order."""
        row = self._index.row(number)
        frame, message = self._payloads.read(row)
        stream, client, server = self._ends[row.connection]
        source, target = (client, server) if row.direction == "client" else (server, client)
        row = replace(row, violations=tuple(violation.rule for violation in frame.violations))
        context = FrameContext(row, stream, client, lambda: frame.payload_data)
        return Line(stream, row, source, target, frame, message) if self._keep(context) else None


class _JsonOut:
    """One JSON object a line."""

    def __init__(self, reader: CaptureReader, ends: Mapping[str, Ends], keep: Predicate | None) -> None:
        self._chooser = _Chooser(reader, ends, keep) if keep else None
        self._json = JsonLines(reader.index, reader.agreed, ends)

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Return the lines of the rows from `start` up to `end`."""
        lines = self._json.lines(start, end)
        if self._chooser is None:
            return lines
        chooser = self._chooser
        return (line for number, line in zip(range(start, end), lines, strict=True) if chooser.line(number))


class _TableOut:
    """Columns for people."""

    def __init__(self, reader: CaptureReader, ends: Mapping[str, Ends], keep: Predicate | None) -> None:
        self._chooser = _Chooser(reader, ends, keep or (lambda frame: True))
        print(f"{'time':<15} {'stream':>6}  {'from':<24} {'to':<24} {'frame':<8} {'length':>7}  content")

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Return the lines of the rows from `start` up to `end`."""
        return (_table_line(line) for number in range(start, end) if (line := self._chooser.line(number)))


def _table_line(line: Line) -> str:
    frame = line.frame
    time = datetime.fromtimestamp(line.row.time, UTC).strftime("%H:%M:%S.%f")
    name = frame.opcode_name + ("" if frame.fin else "…") + ("*" if frame.rsv1 else "")
    rules = "".join(f" !{violation.rule}" for violation in frame.violations)
    unfinished = "" if frame.is_complete else " (unfinished)"
    return (
        f"{time:<15} {line.stream:>6}  {line.source:<24} {line.target:<24} {name:<8} {frame.payload_length:>7}  "
        f"{_content(line)}{unfinished}{rules}"
    )


def _content(line: Line) -> str:
    frame, message = line.frame, line.message
    if frame.close_code is not None:
        return f"{frame.close_code} {frame.close_reason}".strip()
    data = message.data if message and message.compressed else frame.unmasked(4 * _PREVIEW)
    if frame.opcode == BINARY or (message and message.opcode == BINARY) or (frame.rsv1 and not message):
        return data[: _PREVIEW // 3].hex(" ")
    text = data.decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "·" for character in text[:_PREVIEW])
