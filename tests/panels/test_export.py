# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that the Wire shows, written into files and read again."""

import csv
import json
from pathlib import Path

import pytest

from app.capture.reader import CaptureReader
from app.sources.capture_events import read_capture
from app.store import Store
from panels.wire import WirePanel
from tests.panels.chat import frame

CHAT = Path(__file__).parent.parent.parent / "captures" / "chat.pcap"


@pytest.fixture
def wire(stand, chat):
    return stand.show(WirePanel, 790, 400)


def open_capture(panel, path=CHAT):
    reader = CaptureReader(path)
    store = Store(index=reader.index)
    for events in read_capture(reader):
        store.extend(events)
    panel.set_store(store, panel.lab.inbox, reader)
    return reader


def export(qtbot, panel, path):
    with qtbot.waitSignal(panel.export.said, check_params_cb=lambda text: "written to" in text):
        panel.export.write(path, [item for item in panel.rows.shown if item >= 0])


def test_that_what_the_filter_shows_is_exported_as_json_lines(qtbot, wire, tmp_path):
    reader = open_capture(wire)
    wire.filter_line.setText("opcode == PING or opcode == PONG")
    wire.filter_line.apply()
    export(qtbot, wire, tmp_path / "some.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text().splitlines()]
    assert [line["opcode"] for line in lines] == [9, 10]
    assert lines[0]["src"] == "10.0.0.2:50000"
    assert wire.exported.text() == "2 frames written to some.jsonl"
    reader.close()


def test_that_frames_of_a_capture_become_a_capture_with_the_same_frames(qtbot, wire, tmp_path):
    reader = open_capture(wire)
    export(qtbot, wire, tmp_path / "again.pcapng")
    again = CaptureReader(tmp_path / "again.pcapng")
    for _ in again.batches():
        pass
    assert [again.index.raw(row) for row in again.index.rows] == [reader.index.raw(row) for row in reader.index.rows]
    again.close()
    reader.close()


@pytest.mark.parametrize("suffix", ["csv", "pcapng"])
def test_that_frames_of_the_live_system_can_be_exported(qtbot, stand, chat, wire, tmp_path, suffix):
    chat.frames("c1", "client", frame(1, b"=1+1", masked=True))
    stand.pump()
    path = tmp_path / f"live.{suffix}"
    export(qtbot, wire, path)
    if suffix == "csv":
        assert list(csv.DictReader(path.read_text().splitlines()))[-1]["text"] == "'=1+1"
    else:
        reader = CaptureReader(path)
        for _ in reader.batches():
            pass
        assert len(reader.index) == len(stand.store.index)
        reader.close()


def test_that_a_file_that_cannot_be_written_is_said(qtbot, wire, tmp_path):
    with qtbot.waitSignal(wire.export.failed):
        wire.export.write(tmp_path / "no such folder" / "x.csv", [0])
    assert "x.csv was not written: No such file" in wire.notice.text()
    assert wire.notice.isVisible()


def test_that_closing_a_capture_ends_its_export_with_a_notice(qtbot, wire, tmp_path):
    reader = open_capture(wire)
    wire.hide()  # nothing is painted from here on
    reader.close()
    with qtbot.waitSignal(wire.export.failed):
        wire.export.write(tmp_path / "x.csv", [0])
    assert "the capture was closed" in wire.notice.text()
