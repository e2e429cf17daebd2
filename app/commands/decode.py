# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py decode FILE`: the frames of a capture as a table, or as JSON lines that scripts rely on."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.json import Encoder

from app.capture.contents import Payloads
from app.capture.errors import CaptureError
from app.capture.flows import Opened
from app.capture.reader import CaptureReader, Note, name_of
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
    row: FrameRow
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
        with closing(CaptureReader(args.file)) as reader:
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


def _print(reader: CaptureReader, keep: Predicate, is_json: bool) -> None:
    encode = Encoder().encode
    if not is_json:
        print(f"{'time':<15} {'stream':>6}  {'from':<24} {'to':<24} {'frame':<8} {'length':>7}  content")
    for line in _lines(reader):
        if keep(_context(line)):
            print(encode(_fields(line)).decode() if is_json else _table_line(line))
    sys.stdout.flush()
    for warning in reader.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _lines(reader: CaptureReader) -> Iterator[Line]:
    index, ends = reader.index, dict[str, tuple[int, str, str]]()
    payloads = Payloads(index, reader.agreed)
    done = 0
    for notes in reader.batches():
        for note in notes:
            if isinstance(note.value, Opened):
                ends[name_of(note.stream)] = note.stream, note.value.client, note.value.server
            else:
                _warn(note)
        for number in range(done, len(index)):
            row = index.row(number)
            frame, message = payloads.read(row)
            stream, client, server = ends[row.connection]
            source, target = (client, server) if row.direction == "client" else (server, client)
            yield Line(stream, row, source, target, client, frame, message)
        done = len(index)


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


def _context(line: Line) -> FrameContext:
    frame, row = line.frame, line.row
    if len(frame.violations) > len(row.violations):
        row = replace(row, violations=tuple(violation.rule for violation in frame.violations))
    return FrameContext(row, line.stream, line.client, lambda: frame.payload_data)


def _fields(line: Line) -> dict[str, Any]:
    frame, message = line.frame, line.message
    payload = hashlib.sha256(frame.payload_data).hexdigest()
    fields: dict[str, Any] = {
        "stream": line.stream, "time": line.row.time, "src": line.source, "dst": line.target, "fin": frame.fin,
        "rsv1": frame.rsv1, "rsv2": frame.rsv2, "rsv3": frame.rsv3, "masked": frame.masked, "opcode": frame.opcode,
        "length": frame.payload_length, "payload_sha256": payload,
    }  # fmt: skip
    if frame.close_code is not None:
        fields["close_code"] = frame.close_code
    if message and not message.problem:
        is_same = message.frames == 1 and not message.compressed
        fields["message_sha256"] = payload if is_same else hashlib.sha256(message.data).hexdigest()
    fields["violations"] = [violation.rule for violation in frame.violations]
    if not frame.is_complete:
        fields["complete"] = False
    return fields


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
