# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames fall off the full index while somebody looks: tables let go of them, and nothing else moves."""

import pytest
from PyQt5.QtTest import QAbstractItemModelTester

from app.filters import compile_filter
from app.frame_index import FrameIndex
from app.store import Store
from panels.inspector import InspectorPanel
from panels.ladder import LadderPanel
from panels.stage.way import lit_way
from panels.wire import WirePanel
from tests.panels.chat import Chat, frame

LIMIT = 96  # rows; a sixteenth of them fall off at once


@pytest.fixture
def full(stand):
    """A chat whose index keeps few frames."""
    stand.chat = Chat(Store(FrameIndex(limit=LIMIT)))
    stand.store = stand.chat.store
    stand.chat.begin()
    stand.chat.connect("c1", "bob")
    yield stand.chat
    stand.store.index.spool.close()


@pytest.fixture
def wire(stand, full):
    panel = stand.show(WirePanel, 790, 400)
    panel.tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return panel


def talk(stand, count, first=0, connection="c1"):
    for n in range(first, first + count):
        stand.chat.frames(connection, "server", frame(1, b"line %d" % n))
        if n % 25 == 0:
            stand.pump()
    stand.pump()


def payloads(panel):
    return [panel.model.index(place, 7).data() for place in range(panel.model.rowCount())]


def on_screen(table):
    return [table.model().index(place, 7).data() for place in range(table.rowAt(0), table.rowAt(0) + 8)]


def test_that_the_table_goes_on_with_the_newest_and_says_how_many_older_are_gone(stand, wire):
    talk(stand, 300)
    index = stand.store.index
    assert payloads(wire) == [f"line {n}" for n in range(300 - len(index), 300)]
    gone = index.dropped
    assert 0 < gone == 301 - len(index)
    assert wire.count.text() == f"{len(index)} rows · {gone} older frames are no longer kept"
    assert wire.table.is_at_end


def test_that_the_view_does_not_move_under_a_reader_while_rows_above_fall_off(stand, wire):
    talk(stand, LIMIT)
    wire.table.verticalScrollBar().setValue(wire.theme.px(27) * 70)
    seen = on_screen(wire.table)
    talk(stand, 50, LIMIT)
    assert stand.store.index.dropped > 40
    assert on_screen(wire.table) == seen
    talk(stand, 150, LIMIT + 50)  # and now they fall off themselves
    assert wire.table.rowAt(0) == 0
    assert wire.table.verticalScrollBar().value() == 0


def test_that_a_selected_row_that_falls_off_selects_no_other(stand, wire):
    talk(stand, 50)
    place = 20
    wire.table.setCurrentIndex(wire.model.index(place, 0))
    [chosen] = stand.pump()
    talk(stand, 150, 50)
    assert stand.lab.inbox.take() == []
    assert stand.store.state.selected == chosen
    assert not wire.table.selectionModel().hasSelection()


def test_that_a_selected_row_that_is_kept_stays_selected_at_its_new_place(stand, wire):
    talk(stand, LIMIT)
    wire.table.setCurrentIndex(wire.model.index(LIMIT - 20, 0))
    text = payloads(wire)[LIMIT - 20]
    talk(stand, 40, LIMIT)
    [current] = wire.table.selectionModel().selectedRows()
    assert payloads(wire)[current.row()] == text


def test_that_a_filter_goes_on_with_what_is_kept(stand, wire):
    wire.rows.predicate = compile_filter('payload contains "0"')
    wire._refilter()
    talk(stand, 300)
    while wire.is_filtering:
        wire._catch_up()
    wire.tick(0.0)
    index = stand.store.index
    assert payloads(wire) == [f"line {n}" for n in range(300 - len(index), 300) if "0" in str(n)]
    wire.rows.predicate = None
    wire._refilter()
    assert len(payloads(wire)) == len(index)


def test_that_a_table_shown_anew_has_the_same_rows(stand, wire):
    talk(stand, 300)
    shown = payloads(wire)
    wire.reset()
    assert payloads(wire) == shown
    place = wire.rows.place_of(stand.store.index.start + 5)
    assert payloads(wire)[place] == shown[5]


def test_that_the_past_shows_what_is_kept_of_it_and_no_more(stand, wire):
    talk(stand, 80)
    then = stand.store.end
    talk(stand, 60, 80)
    index = stand.store.index
    stand.store.seek(then)
    wire.reset()
    assert payloads(wire) == [f"line {n}" for n in range(index.start - 1, 80)]
    talk(stand, 150, 140)  # while somebody looks at the past
    wire.tick(0.0)
    assert payloads(wire) == []
    assert "no longer kept" in wire.count.text()
    stand.store.seek(None)
    wire.reset()
    assert payloads(wire)[-1] == "line 289"


def test_that_the_inspector_goes_on_showing_a_frame_and_cannot_show_one_that_is_gone(stand, full):
    inspector = stand.show(InspectorPanel)
    talk(stand, 50)
    stand.select("frame", 20)
    view = inspector.view
    talk(stand, 150, 50)
    assert 20 not in stand.store.index
    assert view.frame.payload_data == b"line 19"
    assert "fallen out of the table" in view.head.text()
    stand.select("frame", 3)
    assert view.head.text() == f"Frame · no longer kept: only the newest {LIMIT} frames are"


def test_that_a_frame_that_a_damaged_file_lost_is_missing_and_not_too_old(stand, chat):
    inspector = stand.show(InspectorPanel)
    stand.select("frame", 999)
    assert inspector.view.head.text() == "Frame · it is not among those that were read"


def test_that_a_ladder_lets_go_of_its_oldest_steps_and_stays_where_it_is(stand, full):
    ladder = stand.show(LadderPanel, 790, 400)
    talk(stand, 90)
    while ladder.rows.catch_up():
        pass
    bar = ladder.view.verticalScrollBar()
    bar.setValue(ladder.theme.px(38) * 70)
    text = ladder.rows.step(ladder.view.place_at(100)).text
    talk(stand, 50, 90)
    assert ladder.rows.step(ladder.view.place_at(100)).text == text
    assert len(ladder.rows) == ladder.table.model.rowCount() == len(stand.store.index)
    ladder.reset()
    while ladder.rows.catch_up():
        pass
    assert ladder.rows.step(len(ladder.rows) - 1).text == "line 139"


def test_that_on_the_stage_a_way_has_no_times_of_a_frame_that_is_gone(stand, full):
    key = full.say("c1", "hello")
    full.t += 0.01
    full.take(key, "worker-1")
    stand.select("message", key)
    times = stand.store.index.time_of
    assert "server" in lit_way(stand.store.state, frozenset(), times).words
    assert "server" not in lit_way(stand.store.state, frozenset(), lambda row: 0.0).words
