# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py decode FILE`: the frames of a capture as a table, or as JSON lines that scripts rely on."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from app.capture.errors import CaptureError
from app.capture.flows import Closed, Opened, Run, Sighting
from app.capture.reader import Capture
from app.capture.timed import Timed, TimedConnection
from app.filters import FilterError, FrameContext, Predicate, compile_filter
from app.frame_index import FrameRow
from app.wire.connection import Gap
from app.wire.frames import BINARY, Frame
from app.wire.handshake import Handshake
from app.wire.messages import WebSocketMessage

_PREVIEW = 48  # characters of the payload in the table


class Line(NamedTuple):
    """A frame of a capture, and the message it ends."""

    stream: int
    time: float
    source: str
    target: str
    client: str
    frame: Frame
    message: WebSocketMessage | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the subcommand takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a pcap or pcapng file")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--filter", default="", metavar="EXPR", help='only these frames, such as "opcode == PING"')


def run(args: argparse.Namespace) -> int:
    """Print the frames of a capture; returns the exit status."""
    try:
        keep = compile_filter(args.filter)
        with closing(Capture(args.file)) as capture:
            _print(capture, keep, is_json=args.json)
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


def _print(capture: Capture, keep: Predicate, is_json: bool) -> None:
    if not is_json:
        print(f"{'time':<15} {'stream':>6}  {'from':<24} {'to':<24} {'frame':<8} {'length':>7}  content")
    for row, line in enumerate(_lines(capture)):
        if keep(_context(row, line)):
            print(json.dumps(_fields(line)) if is_json else _table_line(line))
    sys.stdout.flush()
    for note in capture.notes:
        print(f"warning: {note}", file=sys.stderr)


def _lines(capture: Capture) -> Iterator[Line]:
    streams: dict[int, _Stream] = {}
    for sighting in capture.sightings():
        if isinstance(sighting, Opened):
            streams[sighting.stream] = _Stream(sighting)
        elif sighting is not None:
            stream = streams[sighting.stream]
            yield from stream.lines(sighting, capture)
            if isinstance(sighting, Closed) or stream.connection.is_other:
                del streams[sighting.stream]
                capture.flows.ignore(sighting.stream)


class _Stream:
    """A connection of the capture."""

    def __init__(self, opened: Opened) -> None:
        self.connection = TimedConnection(opened.is_whole)
        self._opened = opened
        self._client = ""

    def lines(self, sighting: Sighting, capture: Capture) -> Iterator[Line]:
        if isinstance(sighting, Run):
            is_seen = sighting.position >= 0
            data = capture.read(sighting.position, sighting.length) if is_seen else b""
            offset = sighting.offset if is_seen else sighting.offset + sighting.length
            yield from self._lines(self.connection.receive(sighting.direction, offset, data, sighting.time))
        elif isinstance(sighting, Closed):
            for direction in ("client", "server"):
                yield from self._lines(self.connection.eof(direction, sighting.time))

    def _lines(self, values: Timed) -> Iterator[Line]:
        frame: tuple[float, Frame] | None = None
        for time, value in values:
            if isinstance(value, WebSocketMessage) and frame:
                yield self._line(*frame, value)
                frame = None
                continue
            if frame:
                yield self._line(*frame, None)
            frame = (time, value) if isinstance(value, Frame) else None
            if isinstance(value, Gap | Handshake):
                self._warn(value)
        if frame:
            yield self._line(*frame, None)

    def _line(self, time: float, frame: Frame, message: WebSocketMessage | None) -> Line:
        opened = self._opened
        ends = (opened.client, opened.server) if frame.direction == "client" else (opened.server, opened.client)
        return Line(opened.stream, time, *ends, opened.client, frame, message)

    def _warn(self, value: Gap | Handshake) -> None:
        where = f"stream {self._opened.stream}"
        if isinstance(value, Handshake):
            for violation in value.violations:
                print(f"{where}: {violation.rule} {violation.title}: {violation.why}", file=sys.stderr)
        elif value.length:
            what = f"gap of {value.length} bytes at offset {value.offset} from the {value.direction}"
            print(f"{where}: {what}; frames after it with confidence {value.confidence:.2f}", file=sys.stderr)
        else:
            print(f"{where}: no handshake from the {value.direction}, frames with confidence {value.confidence:.2f}",
                  file=sys.stderr)  # fmt: skip


def _context(row: int, line: Line) -> FrameContext:
    frame = line.frame
    rules = tuple(violation.rule for violation in frame.violations)
    columns = FrameRow(
        row, line.time, f"c{line.stream + 1}", frame.direction, frame.first, frame.second, frame.header_size,
        frame.payload_length, frame.offset, rules, frame.is_complete,
    )  # fmt: skip
    return FrameContext(columns, line.stream, line.client, lambda: frame.payload_data)


def _fields(line: Line) -> dict[str, Any]:
    frame = line.frame
    fields: dict[str, Any] = {
        "stream": line.stream, "time": line.time, "src": line.source, "dst": line.target, "fin": frame.fin,
        "rsv1": frame.rsv1, "rsv2": frame.rsv2, "rsv3": frame.rsv3, "masked": frame.masked, "opcode": frame.opcode,
        "length": frame.payload_length, "payload_sha256": hashlib.sha256(frame.payload_data).hexdigest(),
    }  # fmt: skip
    if frame.close_code is not None:
        fields["close_code"] = frame.close_code
    if line.message and not line.message.problem:
        fields["message_sha256"] = hashlib.sha256(line.message.data).hexdigest()
    fields["violations"] = [violation.rule for violation in frame.violations]
    if not frame.is_complete:
        fields["complete"] = False
    return fields


def _table_line(line: Line) -> str:
    frame = line.frame
    time = datetime.fromtimestamp(line.time, UTC).strftime("%H:%M:%S.%f")
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
