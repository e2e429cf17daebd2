# SPDX-License-Identifier: GPL-3.0-or-later
"""The Inspector of a handshake and of a frame's fields: what is explained, what can be tried, what is told."""

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QLabel

from app import events as e
from app.clients.mutations import MUTATIONS
from panels.header_meanings import UNKNOWN
from panels.inspector import InspectorPanel
from panels.inspector.header_label import HeaderLabel
from tests.panels.chat import WEBSOCKET_KEY, frame
from tests.panels.conftest import texts

TALK = "x3JJHMbDL1EzLkh9GBhXDw=="


@pytest.fixture
def inspector(stand, chat):
    return stand.show(InspectorPanel)


@pytest.fixture
def view(stand, inspector):
    """The view of the handshake of bob, who offered chat and superchat and got chat."""
    stand.select("connection", "c1")
    return inspector.views["connection"]


def row_of(view, column):
    return [cell.text() for cell in view.choice.findChildren(QLabel) if cell.accessibleName() == column][-1]


def test_that_every_header_is_explained_with_where_it_is_written(inspector, view):
    lines = view.findChildren(HeaderLabel)
    assert len(lines) >= 10
    for line in lines:
        assert "RFC " in line.toolTip(), line.accessibleName()
        assert UNKNOWN[0] not in line.toolTip(), line.accessibleName()
    key = next(line for line in lines if line.accessibleName().startswith("Sec-WebSocket-Key"))
    assert "RFC 6455 §11.3.1 · required" in key.toolTip()


def test_that_a_header_that_is_missing_is_crossed(stand, inspector):
    chat = stand.chat
    asked = b"GET /chat/lobby/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Own: 1\r\n"
    chat.bytes("c7", "client", asked + b"Sec-WebSocket-Version: 13\r\n\r\n")
    chat.bytes("c7", "server", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    stand.select("connection", "c7")
    lines = {line.accessibleName(): line for line in inspector.findChildren(HeaderLabel)}
    assert texts(lines["Sec-WebSocket-Key: is missing"], QLabel)[0] == "✕"
    assert "any header travel along" in lines["X-Own: 1"].toolTip()


def test_that_a_handshake_with_a_long_cookie_is_read_too(stand, inspector):
    asked = b"GET /chat/lobby/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    stand.chat.bytes("c7", "client", asked + b"Cookie: a=" + b"b" * 9000 + b"\r\nX-Own: 1\r\n\r\n")
    stand.chat.bytes("c7", "server", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    stand.select("connection", "c7")
    assert "X-Own: 1" in {line.accessibleName() for line in inspector.findChildren(HeaderLabel)}


def test_that_the_keys_to_try_are_told_and_whether_one_was_sent(qtbot, stand, view):
    told = []
    for button in view.proof.presets:
        qtbot.mouseClick(button, Qt.LeftButton)
        told += stand.pump()
    assert [(event.key, event.is_sent) for event in told] == [
        (WEBSOCKET_KEY, True),
        (TALK, False),
        (WEBSOCKET_KEY, True),  # the chat of this test took the key of the RFC
    ]
    assert told[1].accept == "HSmrc0sMlYUkAGmm5OPpG2HaGWk="


def test_that_half_a_key_is_not_told_but_judged_and_a_whole_one_is(qtbot, stand, view):
    view.proof.key.clear()
    qtbot.keyClicks(view.proof.key, TALK[:-2])
    assert stand.pump() == []
    assert "✕ The key must be 16 bytes" in view.proof.verdict.text()
    qtbot.keyClicks(view.proof.key, TALK[-2:])
    [told] = stand.pump()
    assert isinstance(told, e.AcceptComputed)
    assert told.accept in view.proof.accept.text()


def test_that_the_accept_value_is_held_against_what_the_server_sent(stand, inspector, view):
    assert view.proof.verdict.text() == "✓ The server sent the same."
    stand.chat.connect("c9", "eve", accept="bm90IHRoZSByaWdodCBvbmU=")
    stand.select("connection", "c9")
    assert "✕ The server sent bm90" in view.proof.verdict.text()


def test_that_a_key_being_tried_survives_the_change_of_the_theme(stand, inspector, view):
    view.proof.key.setText(TALK)
    inspector.restyle()
    assert view.proof.key.text() == TALK


def test_that_what_was_offered_supported_and_chosen_stands_side_by_side(view):
    assert row_of(view, "subprotocol offered") == "chat,<br>superchat".replace(",", "")
    assert row_of(view, "subprotocol supported") == "none"
    assert "✓ chat" in row_of(view, "subprotocol chosen")
    assert row_of(view, "extension chosen") == "none"


def test_that_a_choice_nobody_offered_is_crossed(stand, inspector, view):
    chat = stand.chat
    chat.bytes(
        "c7", "client",
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )  # fmt: skip
    chat.bytes(
        "c7", "server",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: morse\r\n\r\n",
    )  # fmt: skip
    stand.select("connection", "c7")
    assert "✕ morse" in row_of(view, "subprotocol chosen")
    lines = {line.accessibleName(): line for line in inspector.findChildren(HeaderLabel)}
    assert texts(lines["Sec-WebSocket-Protocol: morse"], QLabel)[0] == "✕"


def test_that_a_mutation_has_its_prediction_before_and_its_answer_after_it_is_sent(qtbot, stand, view):
    wanted = []
    stand.lab.try_handshake = wanted.append
    shown = texts(view.attempts, QLabel)
    assert all(mutation.predicted in shown for mutation in MUTATIONS)
    qtbot.mouseClick(view.attempts.buttons["short key"], Qt.LeftButton)
    assert wanted == ["short key"]
    assert view.attempts.results["short key"].text() == ""
    outcome = "The server opened the WebSocket all the same."
    address = stand.store.state.connections["c2"].client
    stand.chat.put(
        e.HandshakeTried(
            t=stand.chat.t, source="lab", mutation="short key", status=101, outcome=outcome, address=address
        )
    )
    stand.pump()
    view.refresh(stand.chat.t)
    assert "101" in view.attempts.results["short key"].text()
    assert "≠" in view.attempts.results["short key"].text()
    assert outcome in view.attempts.sentence.text()
    view.attempts.results["short key"].linkActivated.emit("connection:c2")
    [selected] = stand.pump()
    assert (selected.kind, selected.item) == ("connection", "c2")


def test_that_a_handshake_of_a_capture_cannot_be_tried(stand, inspector, view):
    assert view.attempts.isVisibleTo(inspector)
    stand.chat.put(
        e.CaptureProgress(
            t=stand.chat.t, source="capture", path="x", packets=1, frames=1, connections=1, done=1, total=1, seconds=0.1
        )
    )
    stand.select("connection", "c2")
    assert not view.attempts.isVisibleTo(inspector)
    assert row_of(view, "subprotocol supported") == "not told"


def test_that_a_lesson_may_point_at_the_key_and_at_a_mutation(inspector, view):
    inspector.highlight(frozenset({"accept", "no key"}))
    assert view.proof.key.property("pointed")
    pointed = [name for name, button in view.attempts.buttons.items() if button.property("pointed")]
    assert pointed == ["no key"]
    inspector.highlight(frozenset())
    assert not view.proof.key.property("pointed")


def test_that_a_field_chosen_by_mouse_or_keys_is_told_and_nothing_else_is(qtbot, stand, inspector):
    stand.chat.frames("c1", "client", frame(1, b"hello", masked=True))
    row = len(stand.store.index) - 1
    stand.select("frame", row)
    bits = inspector.views["frame"].bits
    assert stand.pump() == []
    qtbot.mouseClick(bits, Qt.LeftButton, pos=QPoint(round(bits.width() * 8.5 / 16), 15))
    qtbot.keyClick(bits, Qt.Key_Right)
    told = [(s.kind, s.item, s.direction, s.opcode, s.field) for s in stand.pump()]
    assert told == [
        ("frame", str(row), "client", "TEXT", "mask"),
        ("frame", str(row), "client", "TEXT", "payload_length"),
    ]
    assert bits.field.name == "payload_length"


def test_that_a_byte_chosen_in_the_dump_is_told_as_its_field(qtbot, stand, inspector):
    stand.chat.frames("c1", "client", frame(1, b"hello", masked=True))
    stand.select("frame", len(stand.store.index) - 1)
    view = inspector.views["frame"]
    qtbot.mouseClick(view.hex, Qt.LeftButton, pos=view.hex.place_of(7))
    [told] = stand.pump()
    assert told.field == "payload_data"
    assert "Byte 1:" in view.sentence.text()


def test_that_a_field_selected_elsewhere_is_shown(stand, inspector):
    stand.chat.frames("c1", "client", frame(1, b"hello", masked=True))
    row = str(len(stand.store.index) - 1)
    view = inspector.views["frame"]
    for field in ("masking_key", "opcode"):
        stand.store.extend([e.Selected(t=stand.chat.t, source="lab", kind="frame", item=row, field=field)])
        stand.pump()
        assert view.bits.field.name == field


def test_that_a_frame_chosen_in_the_wire_is_told_with_its_direction_and_opcode(stand, inspector):
    stand.chat.frames("c1", "client", frame(9, b"?", masked=True), counts=False)
    inspector.select("frame", str(len(stand.store.index) - 1))
    [told] = stand.pump()
    assert (told.direction, told.opcode, told.field) == ("client", "PING", "")


def test_that_the_session_of_a_socket_is_shown_once_a_consumer_has_saved_it(stand, inspector, view):
    from app.layer.names import session_key

    assert not view.session.isVisibleTo(inspector)
    row = session_key(stand.chat.reply("c1"))
    save = {"t": stand.chat.t, "table": "sessions.session", "row": row}
    stand.store.extend([e.RowSaved(source="worker-1", is_new=True, cause="ab" * 16, **save)])
    stand.store.extend([e.RowSaved(source="worker-2", cause="cd" * 16, **save)])
    view.refresh(stand.chat.t)
    assert view.session.isVisibleTo(inspector)
    shown = {label.accessibleName(): label.text().replace("&#8203;", "") for label in view.session.findChildren(QLabel)}
    assert f"chn<b>{row[3:]}</b>" in shown["session key"]
    assert "worker-1" in shown["made by"]
    assert "worker-2" in shown["saved last by"]
