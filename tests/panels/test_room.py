# SPDX-License-Identifier: GPL-3.0-or-later
"""The card of the room: two switches, a QR code, a line to type, and a mark that says what is open."""

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QApplication

from app import events as e
from panels import room as module
from panels.stage import StagePanel
from panels.transport import TransportBar
from panels.workers import WorkersPanel
from tests.panels.live import NOW, LiveStand, started

PAGES, CODE = "http://192.168.1.5:8000", "192.168.1.5:6380/abcd-efgh-jkmn"


@pytest.fixture
def live(qtbot, theme, monkeypatch):
    monkeypatch.setattr(module, "room_addresses", lambda: ["192.168.1.5", "10.0.0.7"])
    return LiveStand(qtbot, theme)


@pytest.fixture
def bar(live, qtbot):
    live.feed(*started())
    bar = live.show(TransportBar, 1280, 600)
    qtbot.mouseClick(bar.share, Qt.LeftButton)
    return bar


def ready(name, detail):
    return e.SourceReady(t=NOW, source="server", name=name, detail=detail)


def press(qtbot, tick):
    qtbot.mouseClick(tick, Qt.LeftButton, pos=QPoint(10, tick.height() // 2))


def test_that_both_doors_are_closed_at_the_start_and_nothing_is_shown_of_them(bar):
    assert not bar.room.phones.isChecked()
    assert not bar.room.workers.isChecked()
    assert not bar.room.code.isVisible()
    assert bar.share.text() == "Share"


def test_that_the_switches_open_and_close_the_doors_at_the_chosen_address(live, bar, qtbot):
    bar.room.where.setCurrentText("10.0.0.7")
    press(qtbot, bar.room.phones)
    press(qtbot, bar.room.workers)
    assert live.lab.calls == [("share", True, "10.0.0.7"), ("invite", True, "10.0.0.7")]
    live.feed(ready("room", PAGES))
    press(qtbot, bar.room.phones)
    assert live.lab.calls[-1] == ("share", False, "10.0.0.7")


def test_that_an_open_door_has_a_mark_an_address_and_a_code_that_says_the_same(live, bar):
    live.feed(ready("room", PAGES))
    assert bar.share.text() == "● Open to the room"
    assert bar.share.property("level") == "flight"
    assert bar.share.shortcut().toString() == "Ctrl+Shift+R"
    assert (bar.room.address.text(), bar.room.code.text) == (PAGES, PAGES)
    picture = bar.room.code.grab().toImage()
    side = len(bar.room.code.rows)
    size = min(picture.width(), picture.height()) // (side + 8)
    corner = (picture.width() - size * side) // 2
    middle = size // 2
    seen = [
        [QColor(picture.pixel(corner + x * size + middle, corner + y * size + middle)) == QColor("black")
         for x in range(side)] for y in range(side)
    ]  # fmt: skip
    assert seen == [[bool(module) for module in row] for row in bar.room.code.rows]
    live.feed(e.SourceFinished(t=NOW, source="server", name="room"))
    assert bar.share.text() == "Share"
    assert not bar.room.code.isVisible()


def test_that_an_invitation_is_one_line_that_can_be_copied(live, bar, qtbot):
    live.feed(ready("invitation", CODE))
    qtbot.mouseClick(bar.room.copy, Qt.LeftButton)
    assert QApplication.clipboard().text() == f"python main.py worker --join {CODE}"


def test_that_a_door_that_does_not_open_says_why_and_its_switch_is_off_again(live, bar, qtbot):
    press(qtbot, bar.room.phones)
    live.feed(e.SourceFailed(t=NOW, source="server", name="room", reason="Nobody can be let in at 192.168.1.5: no."))
    assert "Nobody can be let in" in bar.room.reason.text()
    assert not bar.room.phones.isChecked()
    press(qtbot, bar.room.workers)
    live.feed(e.VerbFailed(t=NOW, source="lab", verb="invite", reason="this machine is in no network"))
    assert bar.room.reason.text() == "this machine is in no network"
    assert not bar.room.workers.isChecked()


def test_that_a_click_elsewhere_or_escape_puts_the_card_away(bar, qtbot):
    qtbot.keyClick(bar.room, Qt.Key_Escape)
    assert not bar.room.isVisible()
    qtbot.mouseClick(bar.share, Qt.LeftButton)
    assert bar.room.isVisible()
    qtbot.mouseClick(bar, Qt.LeftButton, pos=QPoint(400, 500))
    assert not bar.room.isVisible()


def test_that_a_guest_shows_its_host_and_has_no_buttons(live):
    live.feed(*started(1))
    live.feed(e.WorkerStarted(t=NOW, source="lena", worker="lena", pid=7, host="lenas-laptop"))
    live.feed(e.WorkerReady(t=NOW, source="lena", worker="lena", channels=("websocket.receive",)))
    stage = live.show(StagePanel)
    assert stage.canvas.spot("worker:lena/KILL") is None
    assert "lenas-laptop and can be ended only there" in stage.canvas.spot("worker:lena").label
    assert [action.isEnabled() for action in stage.menu_of("worker:lena").actions()] == [False]
    row = live.show(WorkersPanel).table.rows["lena"]
    assert row.away.text() == "on lenas-laptop"
    assert not any(button.isVisible() for button in row.buttons.values())
    live.feed(e.WorkerExited(t=NOW, source="lab", worker="lena", status=-1))
    assert stage.store.state.workers["lena"].status == "exited"
    assert live.panel.table.rows["lena"].cells["state"].text().startswith("gone")
    assert "is heard of no more" in live.panel.log.toPlainText()
