# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection followed from end to end: real captures, and the chat as it happens."""

from pathlib import Path

import pytest
from PyQt5.QtCore import QPoint, Qt

from app import events as e
from app.capture.reader import CaptureReader
from app.sources.capture_events import read_capture
from app.store import Store
from panels import ladder_rows
from panels.ladder import LadderPanel
from panels.ladder_view import HEAD
from panels.step_pictures import StepPictures
from tests.panels.chat import frame

CAPTURES = Path(__file__).parent.parent.parent / "captures"


@pytest.fixture
def ladder(stand, chat):
    return stand.show(LadderPanel, 790, 400)


@pytest.fixture
def show(stand):
    """Opens captures in a ladder; closes them at the end."""
    opened = []

    def show(name):
        reader = CaptureReader(CAPTURES / name)
        opened.append(reader)
        stand.store = Store(index=reader.index)
        for events in read_capture(reader):
            stand.store.extend(events)
        panel = stand.show(LadderPanel, 790, 500)
        panel.set_store(stand.store, stand.lab.inbox, reader)
        return panel

    yield show
    for panel in stand.panels:
        panel.hide()
    for reader in opened:
        reader.close()


def steps(panel):
    return [panel.rows.step(place) for place in range(len(panel.rows))]


def lines(panel):
    return [f"{'→' if step.direction == 'client' else '←'} {step.pill} {step.text}" for step in steps(panel)]


def test_that_a_connection_reads_from_handshake_to_close(show):
    panel = show("chat.pcap")
    assert lines(panel) == [
        "→ HTTP GET /chat/lobby/ · opening handshake",
        "← HTTP 101 Switching Protocols · accept ✓",
        '← TEXT {"type": "welcome", "username": "bob"}',
        '→ TEXT {"message": "Hello"}',
        '← TEXT {"type": "chat", "username": "bob", "message": "Hello"}',
        "→ TEXT fragment 1 of 2 · 3 bytes",
        "→ PING 73 74 69 6c 6c 20 74 68 65 72 65 3f · between fragments: allowed",
        "← PONG answered in 10 ms",
        "→ CONT fragment 2 of 2 · 6 bytes → 9 bytes",
        "← BINARY 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 …",
        "→ CLOSE 1000 normal “bye”",
        "← CLOSE 1000 normal",
    ]
    assert [f"{step.time:.2f}" for step in steps(panel)[:3]] == ["0.03", "0.04", "0.05"]
    assert panel.view.ends == ("bob · 10.0.0.2:50000 · client", "10.0.0.1:8000 · server")


def test_that_holes_are_told_and_where_decoding_went_on(show):
    panel = show("midstream.pcap")
    gaps = [step.text for step in steps(panel) if step.is_gap]
    assert gaps == [
        "41 bytes were not captured",
        "the connection was already open",
        "34 bytes were not captured",
        "100 bytes were not captured",
    ]
    told = lines(panel)
    assert '← TEXT resynchronised, confidence 1.00 · {"type": "chat", "message": "two"}' in told
    assert '→ TEXT recognised, confidence 1.00 · {"message": "three"}' in told
    cut = next(line for line in told if "xxx" in line)
    assert cut.startswith("← TEXT cut short · xxx")  # the hole is inside this frame, not before it
    assert '← TEXT resynchronised, confidence 1.00 · {"type": "chat", "message": "five"}' in told


def test_that_a_broken_rule_is_red_and_named(show, stand):
    panel = show("broken-rules.pcap")
    index = stand.store.index
    row = next(row for row in index.rows if index.violations(row) == ("WS-02",))
    stand.select("frame", row)
    step = panel.rows.step(panel.view.current)
    assert step.text.startswith("client frame not masked · WS-02 · ")
    assert (step.text_color, step.line_color) == ("bad", "bad")


def test_that_a_wrong_accept_value_is_crossed(show, stand):
    panel = show("broken-rules.pcap")
    broken = [event for event in stand.store.since(0) if isinstance(event, e.HandshakeSeen) and event.violations]
    stand.select("connection", broken[0].connection)
    assert "← HTTP 101 Switching Protocols · ✗ accept value does not match the key · WS-01" in lines(panel)


def test_that_a_click_selects_and_keys_go_on_from_there(stand, chat, ladder, qtbot):
    chat.say("c1", "hi")
    stand.pump()
    rect = ladder.view.rect_of(2)
    qtbot.mouseClick(ladder.view.viewport(), Qt.LeftButton, pos=rect.center())
    assert [(g.kind, g.item) for g in stand.pump()] == [("frame", str(ladder.rows.items[2]))]
    qtbot.keyClick(ladder.view, Qt.Key_Down)
    assert [(g.kind, g.item) for g in stand.pump()] == [("frame", str(ladder.rows.items[3]))]
    qtbot.keyClick(ladder.view, Qt.Key_Home)
    assert [(g.kind, g.item) for g in stand.pump()] == [("connection", "c1")]
    assert ladder.view.current == 0


def test_that_it_follows_what_is_selected_elsewhere_to_its_connection(stand, chat, ladder):
    assert ladder.rows.connection == "c1"
    chat.say("c2", "hello from ada")
    row = len(stand.store.index) - 1
    stand.select("frame", row)
    assert ladder.rows.connection == "c2"
    assert ladder.rows.items[ladder.view.current] == row
    assert ladder.view.ends[0] == "ada · 127.0.0.1:50002 · client"


def test_that_another_run_begins_with_an_empty_ladder(stand, chat, ladder):
    chat.begin()
    stand.pump()
    assert len(ladder.rows) == 0
    chat.offsets.clear()
    chat.connect("c9", "zoe")
    stand.pump()
    assert ladder.rows.connection == "c9"
    assert lines(ladder)[0].startswith("→ HTTP GET")


def test_that_a_long_connection_is_looked_through_in_slices_and_painted_only_where_seen(
    stand, chat, ladder, qtbot, monkeypatch
):
    monkeypatch.setattr(ladder_rows, "SLICE", 100)
    chat.frames("c1", "server", *(frame(1, b"tick") for _ in range(1000)), counts=False)
    made = []
    step = ladder.rows.step
    monkeypatch.setattr(ladder.rows, "step", lambda place: made.append(place) or step(place))
    last = len(stand.store.index) - 1
    stand.select("frame", last)
    qtbot.waitUntil(lambda: ladder.view.current == len(ladder.rows) - 1 and len(ladder.rows) > 1000)
    ladder.view.viewport().repaint()
    assert ladder.view.place_at(ladder.view.rect_of(ladder.view.current).center().y()) == ladder.view.current
    assert len(set(made)) < 200  # of 1000


def test_that_who_reads_further_up_is_not_moved_by_new_frames(stand, chat, ladder):
    chat.frames("c1", "server", *(frame(1, b"tick") for _ in range(30)), counts=False)
    stand.pump()
    bar = ladder.view.verticalScrollBar()
    assert bar.value() == bar.maximum()  # at the end it follows
    bar.setValue(100)
    chat.frames("c1", "server", frame(1, b"tock"), counts=False)
    stand.pump()
    assert bar.value() == 100
    assert ladder.view.place_at(QPoint(0, 0).y()) == -1  # the names of the ends stand there


def test_that_at_another_scale_the_same_steps_are_in_view(stand, chat, ladder):
    chat.frames("c1", "server", *(frame(1, b"tick") for _ in range(200)), counts=False)
    stand.pump()
    bar, theme = ladder.view.verticalScrollBar(), ladder.theme
    assert bar.value() == bar.maximum() > 0
    theme.scale = 1.6
    ladder.restyle()
    assert bar.value() == bar.maximum()
    bar.setValue(50 * bar.singleStep())
    theme.scale = 1.0
    ladder.restyle()
    assert ladder.view.rect_of(50).top() == theme.px(HEAD)


def test_that_a_step_is_painted_once_until_it_looks_different(show, monkeypatch):
    painted = []
    paint = StepPictures._painted
    monkeypatch.setattr(
        StepPictures, "_painted", lambda self, step, look: painted.append(step) or paint(self, step, look)
    )
    panel = show("chat.pcap")
    panel.view.grab()
    first = len(painted)
    panel.view.viewport().repaint()
    assert first == len(set(painted)) > 5
    assert len(painted) == first
    panel.view.show_place(2)
    panel.view.viewport().repaint()
    assert painted[first:] == [panel.rows.step(2)]


def beside(panel):
    """Return the left and the right half of each row as text."""
    panel.show_devtools()
    model = panel.table.model
    rows = [[model.index(row, column).data() for column in range(10)] for row in range(model.rowCount())]
    return [(row[1], row[2]) for row in rows], [tuple(row[5:9]) for row in rows]


def test_that_devtools_shows_whole_messages_only_and_the_wire_every_frame(stand, chat, ladder):
    chat.frames(
        "c1", "client", frame(1, "Grü".encode(), fin=False, masked=True), frame(0, "ße 👋".encode(), masked=True)
    )
    chat.frames("c1", "server", frame(9, b"?"), counts=False)
    chat.frames("c1", "server", frame(2, bytes(5)))
    chat.frames("c1", "client", frame(8, b"\x03\xe8", masked=True), counts=False)
    stand.pump()
    left, right = beside(ladder)
    assert left[-5:] == [
        ("nothing: a fragment", ""),
        ("Grüße 👋", "8"),  # UTF-16 code units: on the wire they are 12 bytes
        ("nothing: a ping", ""),
        ("Binary Message", "5 B"),
        ("nothing: a close frame", ""),
    ]
    assert [opcode for opcode, *_ in right[-5:]] == ["TEXT", "CONT", "PING", "BINARY", "CLOSE"]
    assert [fin for _, fin, *_ in right[-5:]] == ["0", "1", "1", "1", "1"]
    assert left[0] == ("in the tab Headers", "")
    assert all(len(mask) == len("01 02 03 04") for _, _, mask, _ in (right[-5], right[-4], right[-1]))


def test_that_a_row_beside_devtools_selects_its_frame_and_is_selected_with_it(stand, chat, ladder):
    chat.frames("c1", "client", frame(1, b"one", masked=True), frame(1, b"two", masked=True))
    stand.pump()
    ladder.show_devtools()
    last = ladder.table.model.rowCount() - 1
    ladder.table.table.setCurrentIndex(ladder.table.model.index(last, 0))
    [told] = stand.pump()
    assert (told.kind, told.item) == ("frame", str(len(stand.store.index) - 1))
    stand.select("frame", len(stand.store.index) - 2)
    assert ladder.table.table.currentIndex().row() == last - 1


def test_that_a_compressed_message_is_shown_as_devtools_has_it(show):
    panel = show("compressed.pcap")
    left, right = beside(panel)
    assert [row for row in left if row[1]] == [
        ("A message nobody reads.", "23"),
        ("A message nobody reads, again.", "30"),
        ("A message in two parts.", "23"),
    ]
    assert right[-1] == ("CONT", "1", "", "14")
