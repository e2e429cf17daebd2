# SPDX-License-Identifier: GPL-3.0-or-later
"""The Journal: lines, filters, what a line selects, and export."""

import json

import pytest
from PyQt5.QtCore import Qt

from app import events as e
from panels.journal import JournalPanel
from tests.panels.live import NOW, LiveStand, client, key, killed, started


@pytest.fixture
def live(qtbot, theme):
    stand = LiveStand(qtbot, theme)
    stand.feed(*started(workers=2), *client(1))
    return stand


@pytest.fixture
def panel(live):
    return live.show(JournalPanel)


def lines(panel):
    return [panel.rows.cells(row)[3].text for row in range(len(panel.rows))]


def waiting(number, t=NOW):
    return e.MessageSent(t=t, source="server", key=key(number), channel="websocket.receive", body=b"\x80", expiry=15.0)


def test_that_every_event_is_a_line_with_its_time_and_source(live, panel):
    live.feed(killed(1))
    cells = [cell.text for cell in panel.rows.cells(len(panel.rows) - 1)]
    assert cells[1:] == ["lab", "WorkerExited", "worker-1 ended by SIGKILL"]
    assert len(cells[0]) == len("00:00:00.000")


def test_that_measurements_are_shown_only_when_asked_for(live, panel, qtbot):
    live.feed(e.ChannelMeasured(t=NOW, source="redis", channel="websocket.receive", length=2, live=1))
    assert "websocket.receive holds 2, 1 of them alive" not in lines(panel)
    qtbot.mouseClick(panel.quiet, Qt.LeftButton)
    assert lines(panel)[-1] == "websocket.receive holds 2, 1 of them alive"


def test_that_a_line_of_what_is_selected_elsewhere_is_brought_into_view(live, panel):
    live.feed(waiting(1), *(waiting(number) for number in range(2, 200)))
    assert panel.table.is_at_end
    live.feed(e.Selected(t=NOW, source="window", kind="message", item=key(1)))
    seen = range(panel.table.rowAt(0), panel.table.rowAt(panel.table.viewport().height() - 2) + 1)
    assert any(panel.table.is_lit(row) for row in seen)
    at = panel.table.verticalScrollBar().value()
    live.feed(*(waiting(number) for number in range(200, 300)))
    assert panel.table.verticalScrollBar().value() == at, "and then it stays where the reader has it"
    live.feed(e.Selected(t=NOW, source="window", kind="", item=""))
    assert panel.table.verticalScrollBar().value() == at


def test_that_all_words_of_a_filter_must_stand_in_a_line(live, panel):
    panel.show_filter("worker-2 started")
    assert lines(panel) == ["worker-2 started, pid 4312"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("kind:workerready", ["worker-1 listens to websocket.receive", "worker-2 listens to websocket.receive"]),
        ("source:worker-2", ["worker-2 listens to websocket.receive"]),
    ],
)
def test_that_terms_choose_by_kind_and_source(live, panel, text, seen):
    panel.show_filter(text)
    assert lines(panel) == seen


def test_that_a_fate_shows_all_that_happened_to_those_messages(live, panel):
    live.feed(waiting(1), waiting(2), e.MessageExpired(t=NOW + 15, source="redis", key=key(1)))
    panel.show_filter("fate:expired")
    told = [line.partition(" ")[2].partition(" ")[2] for line in lines(panel)]
    assert told == ["sent to websocket.receive, may wait 15 s", "expired unread"]


def test_that_a_filter_that_makes_no_sense_says_what_there_is(live, panel):
    panel.show_filter("fate:eaten")
    assert 'There is no fate "eaten"; there is waiting, held, delivered' in panel.said.text()
    panel.show_filter("")
    assert panel.said.text() == ""
    assert len(panel.rows) > 5


def test_that_a_line_selects_what_it_is_about(live, panel):
    live.feed(waiting(1))
    panel.table.setCurrentIndex(panel.model.index(len(panel.rows) - 1, 0))
    assert [(event.kind, event.item) for event in live.gestures()] == [("message", key(1))]


def test_that_the_lines_shown_can_be_written_as_json_and_as_text(live, panel, tmp_path):
    panel.show_filter("kind:WorkerReady")
    panel.write(tmp_path / "events.jsonl")
    written = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [line["worker"] for line in written] == ["worker-1", "worker-2"]
    panel.write(tmp_path / "events.txt")
    assert "worker-2 listens to websocket.receive" in (tmp_path / "events.txt").read_text()
    panel.write(tmp_path / "nowhere" / "events.txt")
    assert "was not written: No such file" in panel.said.text()


def feed(live, first, last):
    for number in range(first, last):
        live.feed(e.LogLine(t=NOW, source="worker-1", text=f"line {number}"))


def test_that_the_journal_keeps_what_the_store_does_and_does_not_move_under_a_reader(live, panel, monkeypatch):
    monkeypatch.setattr(live.store, "_limit", 60)
    monkeypatch.setattr(live.store, "_apart", 6)
    feed(live, 0, 60)
    panel.table.verticalScrollBar().setValue(panel.theme.px(27) * 40)
    top = lines(panel)[panel.table.rowAt(0)]
    feed(live, 60, 90)
    assert live.store.start > 0
    assert lines(panel)[panel.table.rowAt(0)] == top
    panel.show_filter("5")
    feed(live, 90, 100)
    panel.tick(NOW)
    kept = [event.text for event in live.store.since(0) if "5" in event.text]
    assert lines(panel) == kept
    panel.show_filter("")
    assert lines(panel) == [event.text for event in live.store.since(0)]
    assert panel.model.rowCount() == len(panel.rows) == len(live.store.since(0))
