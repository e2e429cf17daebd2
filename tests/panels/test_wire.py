# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QAbstractItemModelTester

from app import events as e
from panels.wire import WirePanel
from tests.panels.chat import frame

TIME, WAY, CLIENT, OPCODE, FIN, LENGTH, MASK, PAYLOAD = range(8)


@pytest.fixture
def plain_wire(stand, chat):
    return stand.show(WirePanel, 790, 400)


@pytest.fixture
def wire(plain_wire):
    panel = plain_wire
    panel.tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return panel


def row(panel, place):
    model = panel.model
    place = place % model.rowCount()
    return [model.index(place, column).data() for column in range(model.columnCount())]


def column(panel, number):
    return [panel.model.index(place, number).data() for place in range(panel.model.rowCount())]


def click(qtbot, panel, place):
    rect = panel.table.visualRect(panel.model.index(place, OPCODE))
    qtbot.mouseClick(panel.table.viewport(), Qt.LeftButton, pos=rect.center())


def test_that_a_frame_from_the_client_is_a_row_with_its_unmasked_text(stand, chat, wire):
    chat.say("c1", "hi all")
    stand.pump()
    content = '{"type": "chat", "data": "hi all"}'
    assert row(wire, -1)[WAY:] == ["▲", "bob", "TEXT", "1", str(len(content)), "●", content]


def test_that_a_frame_from_the_server_points_down_and_has_no_mask(stand, chat, wire):
    chat.chat("c1", "hi")
    stand.pump()
    assert row(wire, -1)[WAY] == "▼"
    assert row(wire, -1)[MASK] == ""


def test_that_a_client_without_a_name_is_called_by_its_address(stand, chat, wire):
    chat.connect("c7", name="")
    stand.pump()
    assert row(wire, -1)[CLIENT] == ":50007"
    chat.frames("c7", "server", frame(1, b'{"type": "welcome", "username": "zoe"}'))
    stand.pump()
    assert column(wire, CLIENT)[-2:] == ["zoe", "zoe"]


def test_that_close_ping_and_fragments_say_what_they_are(stand, chat, wire):
    chat.frames("c1", "client", frame(9, b"qo:\x01", masked=True), counts=False)
    chat.frames("c1", "client", frame(1, b'["a",', fin=False, masked=True))
    stand.pump()
    assert row(wire, -2)[OPCODE:LENGTH] == ["PING", "1"]
    assert row(wire, -2)[PAYLOAD] == "71 6f 3a 01"
    assert row(wire, -1)[PAYLOAD] == 'fragment 1/… ["a",'
    chat.frames("c1", "client", frame(0, b"1,", fin=False, masked=True), frame(0, b"2]", masked=True), counts=False)
    chat.frames("c1", "client", frame(8, (1001).to_bytes(2, "big"), masked=True), counts=False)
    stand.pump()
    assert column(wire, PAYLOAD)[-4:] == [
        'fragment 1/3 ["a",',
        "fragment 2/3",
        "fragment 3/3 → 9 bytes",
        "1001 going away",
    ]
    assert column(wire, FIN)[-4:] == ["0", "0", "1", "1"]


def test_that_a_broken_rule_is_named_in_its_row(stand, chat, wire):
    chat.frames("c1", "client", frame(1, b"naked"))
    stand.pump()
    assert row(wire, -1)[PAYLOAD].startswith("WS-02 client frame not masked")


def test_that_an_opening_handshake_is_a_row_and_selects_its_connection(qtbot, stand, chat, wire):
    place = column(wire, OPCODE).index("HTTP")
    assert row(wire, place)[PAYLOAD] == "GET /chat/lobby/ → 101"
    click(qtbot, wire, place)
    [selected] = stand.pump()
    assert (selected.kind, selected.item) == ("connection", "c1")
    assert wire.table.currentIndex().row() == place


def test_that_a_gap_is_a_row(stand, chat, wire):
    chat.offsets["c1", "client"] += 2125
    chat.frames("c1", "client", *[frame(1, b'{"type": "chat"}', masked=True) for _ in range(4)])
    stand.pump()
    [place] = [place for place, opcode in enumerate(column(wire, OPCODE)) if opcode == "GAP"]
    assert "bytes were not seen" in row(wire, place)[PAYLOAD]


def test_that_a_click_selects_the_frame_everywhere(qtbot, stand, chat, wire):
    chat.say("c1", "hi")
    stand.pump()
    place = wire.model.rowCount() - 1
    click(qtbot, wire, place)
    [selected] = stand.pump()
    assert (selected.kind, selected.item) == ("frame", str(len(stand.store.index) - 1))


def test_that_a_frame_selected_elsewhere_is_selected_here(stand, chat, wire):
    chat.say("c1", "hi")
    stand.select("frame", len(stand.store.index) - 1)
    assert [index.row() for index in wire.table.selectionModel().selectedRows()] == [wire.model.rowCount() - 1]
    assert stand.lab.inbox.take() == []
    stand.select("worker", "worker-1")
    assert not wire.table.selectionModel().hasSelection()


def test_that_a_filter_leaves_only_what_it_asks_for(qtbot, stand, chat, wire):
    chat.chat("c1", "hi", "c2")
    stand.pump()
    wire.filter_line.setText('opcode == TEXT and client == "ada"')
    qtbot.keyClick(wire.filter_line, Qt.Key_Return)
    assert set(column(wire, CLIENT)) == {"ada"}
    assert wire.count.text() == f"{wire.model.rowCount()} of {len(wire.rows.items)} rows"
    chat.chat("c2", "me too", "c1")
    stand.pump()
    assert '"me too"' in row(wire, -1)[PAYLOAD]
    qtbot.keyClick(wire.filter_line, Qt.Key_Escape)
    assert wire.model.rowCount() == len(wire.rows.items)


def test_that_a_filter_works_once_the_typing_pauses(qtbot, stand, chat, wire):
    wire.filter_line.setText("mask")
    qtbot.waitUntil(lambda: wire.model.rowCount() == 0)


def test_that_a_wrong_filter_says_where_and_leaves_the_rows(qtbot, stand, chat, wire):
    wire.filter_line.setText("opcode == 1")
    qtbot.keyClick(wire.filter_line, Qt.Key_Return)
    before = column(wire, TIME)
    wire.filter_line.setText("opcode == 1 and colour == 2")
    qtbot.keyClick(wire.filter_line, Qt.Key_Return)
    assert "character 17" in wire.notice.text()
    assert wire.notice.isVisibleTo(wire)
    assert column(wire, TIME) == before
    wire.filter_line.setText("opcode == 1")
    qtbot.keyClick(wire.filter_line, Qt.Key_Return)
    assert not wire.notice.isVisibleTo(wire)


def test_that_the_filter_completes_the_word_begun(qtbot, stand, chat, wire):
    qtbot.keyClicks(wire.filter_line, "opcode == TEXT and cli")
    assert wire.filter_line.completer().model().stringList() == ["opcode == TEXT and client"]


def test_that_control_frames_can_be_hidden(qtbot, stand, chat, wire):
    chat.frames("c1", "client", frame(9, b"hi", masked=True), counts=False)
    stand.pump()
    assert "PING" in column(wire, OPCODE)
    qtbot.mouseClick(wire.control, Qt.LeftButton, pos=QPoint(8, wire.control.height() // 2))
    assert "PING" not in column(wire, OPCODE)
    assert "HTTP" in column(wire, OPCODE)


def test_that_the_table_stays_where_the_reader_is(stand, chat, wire):
    for _ in range(30):
        chat.say("c1", "more")
    stand.pump()
    assert wire.table.is_at_end
    wire.table.verticalScrollBar().setValue(50)
    chat.say("c1", "even more")
    stand.pump()
    assert wire.table.verticalScrollBar().value() == 50


def test_that_a_new_run_begins_with_an_empty_table(stand, chat, wire):
    chat.begin()
    stand.pump()
    assert wire.model.rowCount() == 0
    chat.connect("c9", "eve")
    stand.pump()
    assert column(wire, CLIENT) == ["eve", "eve"]


def test_that_a_reset_shows_the_same_rows_again(stand, chat, wire):
    chat.chat("c1", "hi", "c2")
    stand.pump()
    before = [row(wire, place) for place in range(wire.model.rowCount())]
    wire.reset()
    assert [row(wire, place) for place in range(wire.model.rowCount())] == before


def test_that_before_the_playhead_later_frames_are_not_shown(stand, chat, wire):
    middle = stand.store.end
    before = wire.model.rowCount()
    chat.chat("c1", "hi", "c2")
    stand.pump()
    stand.store.seek(middle)
    wire.reset()
    assert wire.model.rowCount() == before


def test_that_a_capture_shows_rows_that_have_no_event(stand, chat, wire):
    index = stand.store.index
    index.append(chat.t, "c1", "client", 0x89, 0x80, 6, 0, 10_000)
    index.append(chat.t, "c1", "client", 0x8A, 0x80, 6, 0, 10_006)  # read, but not told of yet
    progress = e.CaptureProgress(
        t=chat.t, source="capture", path="x", packets=1, frames=len(index) - 1, connections=1, done=1, total=2,
        seconds=0.1,
    )  # fmt: skip
    chat.put(progress)
    stand.pump()
    assert row(wire, -1)[OPCODE] == "PING"


def test_that_many_rows_are_filtered_in_slices_that_let_the_window_live(qtbot, stand, chat, plain_wire):
    wire = plain_wire  # without the tester, which looks at every row
    index = stand.store.index
    for _ in range(30_000):
        last = index.append(chat.t, "c1", "client", 0x89, 0x80, 6, 0, 10_000)
    seen = e.FrameSeen(
        t=chat.t, source="server", connection="c1", direction="client", row=last, opcode=9, fin=True, length=0
    )
    stand.store.extend([seen])
    stand.pump()
    wire.filter_line.setText("opcode == PING")
    wire.filter_line.apply()
    assert wire.model.rowCount() < 30_000
    qtbot.waitUntil(lambda: wire.model.rowCount() == 30_000)


def test_that_a_narrow_table_keeps_the_payload_and_leaves_out_what_it_tells_as_well(stand, chat, wire):
    def titles():
        columns = range(wire.model.columnCount())
        return [wire.rows.columns[column].title for column in columns if not wire.table.isColumnHidden(column)]

    wire.resize(900, 300)
    every = titles()
    wire.resize(600, 300)
    assert set(every) - set(titles()) == {"FIN", "mask"}
    narrow = wire.table.columnWidth(wire.model.columnCount() - 1)
    wire.resize(900, 300)
    assert titles() == every
    assert narrow > 150


def test_that_much_traffic_is_shown_with_the_clock(stand, chat, wire):
    before = wire.model.rowCount()
    since = stand.store.end
    for number in range(60):
        chat.frames("c1", "client", frame(1, str(number).encode(), key=b"mask"))
    wire.advance(since)
    assert wire.model.rowCount() == before
    wire.tick(chat.t)
    assert wire.model.rowCount() == before + 60


def test_that_what_comes_right_behind_much_traffic_is_shown_with_the_clock_too(stand, chat, wire):
    def come(*times):
        since = stand.store.end
        for t in times:
            chat.t = t
            chat.frames("c1", "client", frame(1, b"one more", key=b"mask"))
        wire.advance(since)
        return wire.model.rowCount()

    begun, before = chat.t, wire.model.rowCount()
    assert come(*[begun] * 60) == before
    assert come(begun + 0.01) == before
    wire.tick(chat.t)
    assert wire.model.rowCount() == before + 61
    assert come(begun + 9.0) == before + 62  # nothing comes with it
