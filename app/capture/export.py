# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected frames into a file: JSON lines, CSV, or a pcapng that other tools open."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.capture.contents import Payloads
from app.capture.json_lines import Ends, JsonLines
from app.capture.pcapng_writer import write_pcapng
from app.capture.reader import CaptureReader
from app.capture.records import Packet
from app.capture.synthetic import LINK, conversation
from app.frame_index import DIRECTIONS, FrameIndex
from app.wire.deflate import Deflate
from app.wire.frames import OPCODES

COLUMNS = (
    "row", "time", "stream", "from", "to", "direction", "opcode", "fin", "rsv", "masked", "length", "text", "hex",
    "violations", "complete",
)  # fmt: skip

Agreed = Mapping[str, Deflate | None]


def export_json(path: Path, index: FrameIndex, agreed: Agreed, ends: Mapping[str, Ends], rows: Iterable[int]) -> None:
    """Write frames as `main.py decode --json` does.

    Args:
        path: the file to be written.
        index: has the rows.
        agreed: by connection, what its handshake settled on permessage-deflate.
        ends: by connection, the number of its stream, the client's address and the server's.
        rows: the frames.
    """
    chosen, lines = set(rows), JsonLines(index, agreed, ends)
    with path.open("w", encoding="utf-8") as file:
        # A message hash needs the frames before it too.
        start = index.start
        for row, line in enumerate(lines.lines(start, max(chosen, default=-1) + 1), start):
            if row in chosen:
                file.write(line + "\n")


def export_csv(path: Path, index: FrameIndex, agreed: Agreed, ends: Mapping[str, Ends], rows: Iterable[int]) -> None:
    """Write frames as CSV; the arguments are those of export_json. `text` is the message inflated, where one ends."""
    chosen, payloads = set(rows), Payloads(index, agreed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(index.start, max(chosen, default=-1) + 1):
            row = index.find(number)
            if row is None:  # it fell off meanwhile
                continue
            frame, message = payloads.read(row)
            if number not in chosen:
                continue
            stream, client, server = ends[row.connection]
            source, target = (client, server) if row.direction == "client" else (server, client)
            data = message.data if message and message.compressed and not message.problem else frame.payload_data
            text = _plain(data) if frame.opcode != 2 else ""
            rules = " ".join(violation.rule for violation in frame.violations)
            writer.writerow((
                number, repr(row.time), stream, source, target, row.direction, OPCODES.get(row.opcode, row.opcode),
                int(row.fin), row.rsv, int(row.masked), row.length, text, frame.payload_data.hex(), rules,
                int(row.is_complete),
            ))  # fmt: skip


def _plain(data: bytes) -> str:
    """Return text that a spreadsheet does not take for a formula."""
    text = data.decode("utf-8", "replace")
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def export_packets(path: Path, reader: CaptureReader, rows: Iterable[int]) -> int:
    """Write the packets of a capture that carried frames, and those of their opening handshakes, as pcapng.

    Returns:
        How many packets were written.
    """
    packets: dict[int, Packet] = {}
    heads: set[str] = set()
    for row in sorted(rows):
        packets |= {packet.number: packet for packet in reader.packets_of(row)}
        heads.add(reader.index.row(row).connection)
    for connection in heads:
        packets |= {packet.number: packet for packet in _handshake(reader, connection)}
    chosen = [packets[number] for number in sorted(packets)]
    write_pcapng(path, chosen)
    return len(chosen)


def _handshake(reader: CaptureReader, connection: str) -> list[Packet]:
    found = []
    for direction in DIRECTIONS:
        first = _first_offset(reader.index, connection, direction)
        for place in reader.index.spool.runs(connection, direction).places(0, first):
            if packet := reader.packet_at(place):
                found.append(packet)
    return found


def export_streams(path: Path, index: FrameIndex, ends: Mapping[str, Ends], rows: Iterable[int]) -> int:
    """Write frames that no packets are known of (the live system's) as a pcapng, in TCP packets made for them.

    Each connection begins with its handshakes, of TCP and of WebSocket; frames have the times they were seen at.

    Returns:
        How many packets were written.
    """
    packets: list[Packet] = []
    chosen = [row for number in sorted(rows) if (row := index.find(number))]
    for connection in dict.fromkeys(row.connection for row in chosen):
        own = [row for row in chosen if row.connection == connection]
        heads = {
            direction: index.spool.read(connection, direction, 0, _first_offset(index, connection, direction))
            for direction in DIRECTIONS
        }
        frames = [(row.time, row.direction, index.raw(row.row)) for row in own]
        made = conversation(ends[connection][1], ends[connection][2], heads, frames)
        packets += [Packet(0, time, LINK, data, len(data), "") for time, data in made]
    packets.sort(key=lambda packet: packet.time)
    write_pcapng(path, packets)
    return len(packets)


def _first_offset(index: FrameIndex, connection: str, direction: str) -> int:
    """Return where the first frame of a direction begins: what is before it is the handshake."""
    rows = index.rows_of(connection, direction)
    if rows and (first := index.find(rows[0])):
        return first.offset
    runs = index.spool.runs(connection, direction)
    return runs.offsets[-1] + runs.lengths[-1] if runs.offsets else 0
