# SPDX-License-Identifier: GPL-3.0-or-later
import zlib

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QLabel

from app import events as e
from panels.inspector import InspectorPanel
from panels.inspector.handshake import HeaderLabel
from panels.inspector.parts import TimeBar
from tests.panels.chat import frame
from tests.panels.conftest import texts


@pytest.fixture
def inspector(stand, chat):
    return stand.show(InspectorPanel)


@pytest.fixture
def view(inspector):
    return inspector.views["frame"]


def last_row(stand):
    return len(stand.store.index) - 1


def says(inspector, text):
    return any(text in shown for shown in texts(inspector, QLabel))


def select_frame(stand, *frames, direction="client", counts=True):
    stand.chat.frames("c1", direction, *frames, counts=counts)
    stand.select("frame", last_row(stand))


def test_that_with_nothing_selected_it_says_how_to_begin(inspector):
    assert says(inspector, "Select something")
    assert says(inspector, "A waiting message")
    assert not inspector.views["frame"].isVisibleTo(inspector)


def test_that_a_frame_is_named_with_its_way_and_size(stand, inspector):
    select_frame(stand, frame(1, b"hello", masked=True))
    assert says(inspector, "Frame · bob → server · 11 bytes")
    assert not says(inspector, "Select something")


def test_that_a_payload_in_json_is_shown_unmasked(stand, inspector, view):
    stand.chat.say("c1", "12 3")
    stand.select("frame", last_row(stand))
    assert view.payload.toPlainText() == '{"type": "chat", "data": "12 3"}'
    assert says(inspector, "Unmasked payload · JSON")


def test_that_a_click_on_a_field_selects_its_bytes_and_explains_it(qtbot, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True))
    mask = QPoint(round(view.bits.width() * 8.5 / 16), 15)
    qtbot.mouseClick(view.bits, Qt.LeftButton, pos=mask)
    assert says(inspector, "MASK = 1")
    assert says(inspector, "RFC 6455 §5.1")
    assert "byte 1 is 0x85" in view.hex.accessibleDescription()


def test_that_a_click_on_a_byte_selects_its_field(qtbot, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True, key=b"\x01\x02\x03\x04"))
    qtbot.mouseClick(view.hex, Qt.LeftButton, pos=view.hex.place_of(3))
    assert says(inspector, "Masking key = 01 02 03 04")
    assert view.bits.field.name == "masking_key"


def test_that_marking_bytes_leaves_the_colour_of_their_field_as_it_is_elsewhere(qtbot, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True))
    qtbot.mouseClick(view.hex, Qt.LeftButton, pos=view.hex.place_of(3))
    view.hex.grab()
    assert stand.theme.color("masking_key").alpha() == 255


def test_that_a_byte_of_the_payload_shows_how_it_is_unmasked(qtbot, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True, key=b"\x01\x02\x03\x04"))
    qtbot.mouseClick(view.hex, Qt.LeftButton, pos=view.hex.place_of(7))
    assert says(inspector, "Byte 1: 67 ⊕ 02 = <b>65</b> “e”")


def test_that_arrow_keys_walk_through_the_fields_and_with_shift_through_the_bits(qtbot, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True))
    for _ in range(4):
        qtbot.keyClick(view.bits, Qt.Key_Right)
    assert view.bits.field.name == "opcode"
    assert says(inspector, "Opcode = 0x1")
    for _ in range(3):
        qtbot.keyClick(view.bits, Qt.Key_Right, Qt.ShiftModifier)
    assert view.bits.accessibleDescription() == "Opcode = TEXT, bit 6"
    for _ in range(2):
        qtbot.keyClick(view.bits, Qt.Key_Right, Qt.ShiftModifier)
    assert view.bits.field.name == "mask"


def test_that_broken_rules_come_first_with_their_close_code(stand, inspector):
    select_frame(stand, frame(1, b"naked"))
    shown = texts(inspector, QLabel)
    first = next(i for i, text in enumerate(shown) if "WS-02" in text)
    assert first < shown.index("Bits")
    assert says(inspector, "must close with 1002")
    assert says(inspector, "Why: ")


def test_that_a_waiting_message_shows_its_keys_and_its_time_running_down(stand, inspector, view):
    key = stand.chat.say("c1", "anyone?")
    stand.select("frame", last_row(stand))
    assert says(inspector, "asgi:websocket.receive")
    assert says(inspector, f"asgi:{key[:4]}")
    assert says(inspector, "list · 1")
    inspector.tick(stand.chat.t + 38.2)
    [bar] = view.findChildren(TimeBar)
    assert bar.text == "ttl 21.8 s"
    assert "waiting 38.2 s" in view.journey.text


def test_that_after_delivery_it_says_who_took_the_message_and_what_came_of_it(qtbot, stand, inspector):
    row = last_row(stand) + 1
    stand.chat.chat("c1", "hi", "c2")
    stand.select("frame", row)
    assert says(inspector, "took it after 1.2 ms")
    assert says(inspector, "It sent 2 messages")
    assert says(inspector, "reply to bob")
    assert not says(inspector, "In Redis now")


def test_that_the_news_of_a_delivery_moves_the_view_on(stand, inspector, view):
    key = stand.chat.say("c1", "hi")
    stand.select("frame", last_row(stand))
    assert says(inspector, "In Redis now")
    stand.chat.take(key)
    stand.pump()
    assert says(inspector, "runs its consumer")
    stand.chat.finish(key)
    stand.pump()
    assert says(inspector, "It sent nothing because of it.")


def test_that_an_expired_message_is_called_a_ghost(stand, inspector, view):
    key = stand.chat.say("c1", "anyone?")
    stand.select("frame", last_row(stand))
    stand.chat.put(e.MessageExpired(t=stand.chat.t + 60, source="redis", key=key))
    stand.pump()
    assert says(inspector, "ghost")
    assert "expired" in view.journey.text


def test_that_a_pill_of_the_journey_selects_what_it_stands_for(qtbot, stand, inspector, view):
    row = last_row(stand) + 1
    stand.chat.chat("c1", "hi")
    stand.select("frame", row)
    view.journey.setFocus()
    for _ in range(3):
        qtbot.keyClick(view.journey, Qt.Key_Right)
    qtbot.keyClick(view.journey, Qt.Key_Return)
    [selected] = stand.pump()
    assert (selected.kind, selected.item) == ("run", next(m.key for m in stand.store.state.messages.values() if m.n))
    assert says(inspector, "Run of a consumer · worker-1")


def test_that_a_link_selects_the_message_it_names(qtbot, stand, inspector):
    row = last_row(stand) + 1
    stand.chat.chat("c1", "hi")
    stand.select("frame", row)
    link = next(label for label in inspector.findChildren(QLabel) if "reply to bob" in label.text())
    link.linkActivated.emit("message:" + stand.store.state.effects[next(iter(stand.store.state.effects))][0])
    [selected] = stand.pump()
    assert selected.kind == "message"


def test_that_fragments_show_the_whole_message_too(stand, inspector, view):
    select_frame(stand, frame(1, b'{"a": ', fin=False, masked=True), frame(0, b"[1, 2]}", masked=True))
    assert view.payload.toPlainText() == "[1, 2]}"
    assert view.message.toPlainText() == '{"a": [1, 2]}'
    assert says(inspector, "The whole message · 2 frames · 13 bytes")


def test_that_a_compressed_message_is_shown_inflated(stand, inspector, view):
    chat = stand.chat
    chat.connect("c5", "zip", extensions="permessage-deflate")
    deflater = zlib.compressobj(wbits=-15)
    data = deflater.compress(b'{"type": "chat"}') + deflater.flush(zlib.Z_SYNC_FLUSH)
    chat.frames("c5", "client", frame(1, data[:-4], masked=True, rsv1=True))
    stand.select("frame", last_row(stand))
    assert says(inspector, "Unmasked payload · compressed")
    assert view.message.toPlainText() == '{"type": "chat"}'


def test_that_a_long_frame_shows_its_beginning_and_says_how_much_more_there_is(stand, inspector, view):
    select_frame(stand, frame(2, bytes(70_000), masked=True))
    assert says(inspector, "69 758 bytes more")
    view.more.linkActivated.emit("more")
    assert view.hex.count == 4096
    assert says(inspector, "65 918 bytes more")


def test_that_a_close_frame_shows_code_and_reason(qtbot, stand, inspector, view):
    select_frame(stand, frame(8, (1001).to_bytes(2, "big") + b"bye", masked=True), counts=False)
    assert view.payload.toPlainText() == "1001 going away\nbye"
    qtbot.mouseClick(view.hex, Qt.LeftButton, pos=view.hex.place_of(6))
    assert says(inspector, "Close code = 1001 going away")


def test_that_a_close_frame_without_a_reason_still_has_a_code(stand, inspector, view):
    select_frame(stand, frame(8, (1000).to_bytes(2, "big")), counts=False)
    assert view.payload.toPlainText() == "1000 normal, no reason given"


def test_that_the_bits_are_laid_out_for_every_length(stand, inspector, view):
    heights = []
    for size in (5, 300, 70_000):
        select_frame(stand, frame(2, bytes(size)), direction="server", counts=False)
        heights.append(view.bits.sizeHint().height())
    row = heights[0] // 2
    assert heights == [2 * row, 3 * row, 6 * row]


def test_that_a_handshake_is_shown_header_by_header_with_its_proof(stand, inspector):
    stand.select("connection", "c1")
    assert says(inspector, "GET /chat/lobby/ HTTP/1.1")
    assert says(inspector, "HTTP/1.1 101 Switching Protocols")
    assert says(inspector, "accepted in 3.7 ms")
    assert says(inspector, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    lines = inspector.findChildren(HeaderLabel)
    key = next(line for line in lines if line.accessibleName().startswith("Sec-WebSocket-Key"))
    assert texts(key, QLabel)[0] == "✓"
    assert "random bytes" in key.toolTip()


def test_that_another_key_gives_another_accept_value(qtbot, stand, inspector):
    stand.select("connection", "c1")
    proof = inspector.views["connection"].proof
    proof.key.setText("x3JJHMbDL1EzLkh9GBhXDw==")
    assert "HSmrc0sMlYUkAGmm5OPpG2HaGWk=" in proof.accept.text()


def test_that_a_wrong_version_is_crossed_and_named(stand, inspector):
    stand.chat.connect("c6", "old", version="8")
    stand.select("connection", "c6")
    assert says(inspector, "WS-14")
    lines = inspector.findChildren(HeaderLabel)
    version = next(line for line in lines if line.accessibleName() == "Sec-WebSocket-Version: 8")
    assert texts(version, QLabel)[0] == "✕"


def test_that_a_message_shows_its_channel_body_and_times(stand, inspector):
    key = stand.chat.say("c1", "hi")
    stand.select("message", key)
    assert says(inspector, "Message · websocket.receive")
    assert '"reply_channel"' in inspector.views["message"].content.toPlainText()
    assert says(inspector, "60 s after that")


def test_that_a_worker_shows_how_it_is_and_what_it_took(stand, inspector):
    stand.chat.chat("c1", "hi")
    stand.select("worker", "worker-1")
    assert says(inspector, "4312")
    assert says(inspector, "idle for")
    assert says(inspector, "websocket.receive")
    stand.chat.put(e.WorkerExited(t=stand.chat.t, source="lab", worker="worker-1", signal="KILL"))
    stand.pump()
    assert says(inspector, "by SIGKILL")


def test_that_a_channel_shows_who_waits_and_the_ghosts(stand, inspector):
    key = stand.chat.say("c1", "first")
    stand.chat.say("c2", "second")
    stand.chat.put(e.MessageExpired(t=stand.chat.t, source="redis", key=key))
    stand.select("channel", "websocket.receive")
    inspector.tick(stand.chat.t + 20)
    assert says(inspector, "2 of 100")
    assert says(inspector, "1 live, 1 ghost, 98 of 100 places free")
    assert says(inspector, "closes the socket that sends with code 1013")
    assert says(inspector, "ada · 40.0 s left")
    assert says(inspector, "Ghosts")


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("frame", "99999"),
        ("frame", "x"),
        ("message", "f" * 32),
        ("worker", "w"),
        ("connection", "c99"),
        ("channel", "n"),
        ("group", "n"),
    ],
)
def test_that_a_thing_that_is_gone_is_said_to_be_gone_or_empty(stand, inspector, kind, item):
    stand.select(kind, item)
    assert inspector.views[kind].isVisibleTo(inspector)


def test_that_a_group_shows_its_members_their_age_and_whether_they_live(stand, inspector):
    chat = stand.chat
    for connection in ("c1", "c2"):
        chat.put(e.GroupAdded(t=chat.t, source="w", group="chat-lobby", channel=chat.reply(connection)))
        chat.t += 1
    chat.put(e.ConnectionClosed(t=chat.t, source="server", connection="c2"))
    chat.put(e.GroupAdded(t=chat.t, source="w", group="chat-lobby", channel="elsewhere!x"))
    stand.select("group", "chat-lobby")
    inspector.tick(chat.t + 5)
    assert says(inspector, "3, 1 of them dead")
    members = inspector.views["group"].members.findChild(QLabel).text()
    assert "bob</a> alive · in it for 7.0 s" in members
    assert "ada</a> dead, its socket closed 5.0 s ago · in it for 6.0 s" in members
    assert "nobody seen here unknown" in members


def test_that_a_channel_near_its_capacity_warns(stand, inspector):
    for number in range(81):
        stand.chat.message("thumbnails", {"n": number})
    stand.select("channel", "thumbnails")
    assert says(inspector, "Nearly full: 81 live, 19 of 100 places free")
    assert says(inspector, "a worker tries again for 2 s, then leaves its message out")


def test_that_the_command_of_a_picture_is_run_in_the_console(qtbot, stand, inspector):
    key = stand.chat.say("c1", "first")
    stand.select("message", key)
    line = next(label for label in inspector.findChildren(QLabel) if "Show the command" in label.text())
    with qtbot.waitSignal(inspector.command_wanted) as wanted:
        line.linkActivated.emit(f"command:get asgi:{key}")
    assert wanted.args == [f"get asgi:{key}"]
    assert f'href="command:get asgi:{key}"' in line.text()
    assert stand.pump() == []


def test_that_a_name_given_by_a_stranger_is_shown_as_it_is(stand, inspector):
    stand.chat.connect("c8", "<b>eve</b>")
    select = stand.chat.frames("c8", "client", frame(1, b"x", masked=True))
    assert select
    stand.select("frame", last_row(stand))
    head = inspector.views["frame"].head
    assert head.textFormat() == Qt.PlainText
    assert "<b>eve</b>" in head.text()


def test_that_a_lesson_may_point_at_a_field(stand, inspector, view):
    select_frame(stand, frame(1, b"x", masked=True))
    before = view.bits.grab().toImage()
    inspector.highlight(frozenset({"mask"}))
    assert view.bits.grab().toImage() != before


def test_that_the_other_theme_changes_colours_and_keeps_what_is_selected(qapp, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True))
    stand.theme.use("light")
    stand.theme.apply(qapp)
    inspector.restyle()
    assert view.payload.toPlainText() == "hello"


def test_that_the_other_theme_keeps_the_byte_that_is_spoken_of(qtbot, stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True))
    qtbot.mouseClick(view.hex, Qt.LeftButton, pos=view.hex.place_of(7))
    said = QLabel.text(view.sentence)  # what Qt shows
    stand.theme.use("light")
    inspector.restyle()
    assert (view.bits.field.name, view.hex.byte, QLabel.text(view.sentence)) == ("payload_data", 7, said)


def test_that_nothing_of_the_former_frame_stays_when_one_cannot_be_read(stand, inspector, view):
    select_frame(stand, frame(1, b"hello", masked=True))
    assert view.payload.isVisibleTo(inspector)
    stand.select("frame", 99_999)
    assert says(inspector, "it is not among those that were read")
    assert not view.payload.isVisibleTo(inspector)
    assert not view.bits.isVisibleTo(inspector)


def test_that_a_message_says_which_rows_were_saved_for_it(stand, inspector, chat):
    message = chat.message("chat-messages", {"room": "lobby"})
    for row, is_new in (("7", True), ("7", False)):
        saved = {"table": "demo.chatmessage", "row": row, "is_new": is_new, "cause": message}
        stand.store.extend([e.RowSaved(t=chat.t, source="worker-1", **saved)])
    stand.select("message", message)
    assert texts(inspector, QLabel).count("row 7 of demo.chatmessage") == 1


def test_that_the_waterfall_has_a_bar_for_each_stage_and_selects_what_it_is_about(qtbot, stand, inspector):
    key = stand.chat.chat("c1", "hi")
    stand.select("message", key)
    waterfall = inspector.view.stages.waterfall
    assert waterfall.isVisible()
    names = [stage.name for stage in waterfall.stages]
    assert "consumer 3.80 ms" in waterfall.accessibleDescription()
    assert waterfall.usual["consumer"].count == 1
    assert "half took 3.80 ms" in waterfall.tip_of(names.index("consumer"))
    row = waterfall.height() // (len(names) + 1)
    qtbot.mouseClick(waterfall, Qt.LeftButton, pos=QPoint(9, row * (names.index("consumer") + 1) + row // 2))
    [selected] = stand.pump()
    assert (selected.kind, selected.item) == ("run", key)
    assert says(inspector, "Run of a consumer · worker-1")
    waterfall = inspector.view.stages.waterfall
    waterfall.setFocus()
    for _ in names:
        qtbot.keyClick(waterfall, Qt.Key_Down)
    qtbot.keyClick(waterfall, Qt.Key_Return)
    [selected] = stand.pump()
    assert selected.kind == "frame", "the last one is the frame that went out"


def test_that_a_frame_that_stays_in_the_server_has_no_waterfall(stand, inspector):
    stand.chat.frames("c1", "client", frame(9, b"hi", masked=True), counts=False)
    stand.select("frame", last_row(stand))
    assert not inspector.view.stages.isVisible()


def test_that_the_pill_of_what_is_selected_is_marked(stand, inspector):
    key = stand.chat.chat("c1", "hi")
    for kind, name in (("message", "channel"), ("run", "worker")):
        stand.select(kind, key)
        strip = inspector.view.journey
        assert strip._hops[strip.marked].name == name


def test_that_the_database_shows_what_was_saved_the_newest_first_without_sessions(stand, inspector):
    for number, table in enumerate(("sessions.session", "demo.chatmessage", "demo.chatmessage"), 5):
        saved = {"table": table, "row": str(number), "is_new": True, "cause": f"{number:032x}"}
        stand.store.extend([e.RowSaved(t=stand.chat.t, source="worker-1", shows=f"lobby: bob: <{number}>", **saved)])
    stand.select("database", "rows")
    view = inspector.views["database"]
    shown = texts(view, QLabel)
    assert "2 rows made" in shown
    lines = next(text for text in shown if "bob" in text)
    assert lines.index("<b>7</b> lobby: bob: &lt;7&gt;") < lines.index("<b>6</b>")
    assert "<b>5</b>" not in lines
