# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked of an open capture: a check of the whole file, other streams, the packet under a frame."""

from pathlib import Path

import pytest
from PyQt5.QtCore import Qt

from app.capture.reader import CaptureReader
from app.sources.capture_events import read_capture
from app.store import Store
from panels.capture_head import CaptureHead
from panels.inspector import InspectorPanel

BROKEN = Path(__file__).parent.parent.parent / "captures" / "broken-rules.pcap"


@pytest.fixture
def show(stand):
    """Shows a panel on a capture whose payloads nobody has looked into; closes it at the end."""
    opened = []

    def show(kind):
        reader = CaptureReader(BROKEN)
        opened.append(reader)
        stand.store = Store(index=reader.index)
        for events in read_capture(reader, frame_events=0):
            stand.store.extend(events)
        panel = stand.show(kind, 788, 160)
        panel.set_store(stand.store, stand.lab.inbox, reader)
        return panel

    yield show
    for panel in stand.panels:
        panel.hide()
        panel.set_store(Store(), stand.lab.inbox)
    for reader in opened:
        reader.close()


def test_that_the_whole_file_can_be_checked_and_what_is_found_is_counted_by_rule(show, qtbot):
    head = show(CaptureHead)
    assert "WS-02\u00a0×\u00a01" in head.rules.text()
    before = head.rules.text()
    with qtbot.waitSignal(head.checked):
        qtbot.mouseClick(head.check, Qt.LeftButton)
    assert "whole file checked, 1 more frame found" in head.state_line.text()
    assert head.rules.text() != before
    assert "WS-10\u00a0×\u00a02" in head.rules.text()
    assert "text is not UTF-8" in head.rules.toolTip()


def test_that_a_stream_can_be_said_to_be_something_else(show, stand, qtbot):
    head = show(CaptureHead)
    assert not head.streams.refuse.isEnabled()
    stand.select("connection", "c4")
    assert head.streams.refuse.text() == "Stream 3 is not WebSocket traffic"
    with qtbot.waitSignal(head.streams.told, check_params_cb=lambda told: told == {3: False}):
        head.streams.refuse.trigger()
    head.streams.said = {3: False}
    head.reset()
    assert "as you said: stream 3 is not WebSocket traffic" in head.notes.text()
    with qtbot.waitSignal(head.streams.told, check_params_cb=lambda told: told == {}):
        head.streams.forget.trigger()


def test_that_the_packet_of_a_frame_is_taken_apart_when_it_is_opened(show, stand, qtbot):
    inspector = show(InspectorPanel)
    stand.select("frame", 0)
    packet = inspector.views["frame"].packet
    assert packet.isVisibleTo(inspector)
    assert packet.text.text() == ""
    packet.title.click()
    qtbot.waitUntil(lambda: "TCP" in packet.text.text(), timeout=20_000)
    assert "<b>Ethernet</b>" in packet.text.text()
    first = packet.text.text()
    stand.select("frame", 5)
    qtbot.waitUntil(lambda: "TCP" in packet.text.text() and packet.text.text() != first, timeout=20_000)


def test_that_a_live_frame_has_no_packet(stand, chat):
    inspector = stand.show(InspectorPanel)
    stand.select("frame", 0)
    assert not inspector.views["frame"].packet.isVisibleTo(inspector)
