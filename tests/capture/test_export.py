# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected frames in files of other kinds, read back."""

import csv
import json
from pathlib import Path

import pytest

from app.capture.export import export_csv, export_json, export_packets, export_streams
from app.capture.flows import Opened
from app.capture.reader import CaptureReader, name_of

CAPTURES = Path(__file__).parent.parent.parent / "captures"


class Read:
    """A capture that was read to its end."""

    def __init__(self, path):
        self.reader = CaptureReader(path)
        self.index, self.ends = self.reader.index, {}
        for notes in self.reader.batches():
            for note in notes:
                if isinstance(note.value, Opened):
                    self.ends[name_of(note.stream)] = note.stream, note.value.client, note.value.server
        self.frames = [self.index.raw(row) for row in self.index.rows]


@pytest.fixture
def read():
    opened = []

    def read(path):
        opened.append(Read(path))
        return opened[-1]

    yield read
    for one in opened:
        one.reader.close()


def test_that_json_lines_are_those_of_decode(read, tmp_path):
    compressed = read(CAPTURES / "compressed.pcap")
    expected = json.loads((CAPTURES / "compressed.json").read_text())["frames"]
    export_json(tmp_path / "out", compressed.index, compressed.reader.agreed, compressed.ends, [1, 3])
    lines = (tmp_path / "out").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [expected[1], expected[3]]


def test_that_csv_has_the_text_of_a_compressed_message_and_no_formulas(read, tmp_path):
    compressed = read(CAPTURES / "compressed.pcap")
    export_csv(tmp_path / "out", compressed.index, compressed.reader.agreed, compressed.ends, [1])
    (row,) = csv.DictReader((tmp_path / "out").read_text().splitlines())
    assert (row["text"], row["opcode"], row["direction"]) == ("A message nobody reads, again.", "TEXT", "server")
    assert row["row"] == "1"


def test_that_exported_packets_decode_to_the_same_frames(read, tmp_path):
    chat = read(CAPTURES / "chat.pcap")
    count = export_packets(tmp_path / "out.pcapng", chat.reader, [0, 1, 2])
    again = read(tmp_path / "out.pcapng")
    assert again.reader.packets == count
    assert {chat.frames[row] for row in (0, 1, 2)} <= set(again.frames)
    assert again.index.row(0).time == pytest.approx(chat.index.row(0).time, abs=1e-6)


@pytest.mark.parametrize("name", ["chat.pcap", "broken-rules.pcap", "ipv6-loopback.pcap"])
def test_that_packets_made_for_frames_decode_to_those_frames(read, tmp_path, name):
    first = read(CAPTURES / name)
    rows = [row for row in first.index.rows if first.index.is_complete(row)]
    export_streams(tmp_path / "out.pcapng", first.index, first.ends, rows)
    again = read(tmp_path / "out.pcapng")
    assert sorted(again.frames) == sorted(first.frames)
    rules = sorted(first.index.violations(row) for row in rows)
    assert sorted(again.index.violations(row) for row in again.index.rows) == rules
    assert {ends[1:] for ends in again.ends.values()} == {ends[1:] for ends in first.ends.values()}
