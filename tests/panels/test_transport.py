# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar at the top."""

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel

from app import events as e
from panels.address import AddressButton
from panels.theme import Theme
from panels.transport import TransportBar
from tests.panels.live import NOW, LiveStand, started


@pytest.fixture
def live(qtbot, theme):
    return LiveStand(qtbot, theme)


@pytest.fixture
def bar(live):
    return live.show(TransportBar, 1280, 48)


def test_that_chat_and_drawing_open_their_pages_in_the_browser(bar, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    qtbot.mouseClick(bar.chat, Qt.LeftButton)
    qtbot.mouseClick(bar.drawing, Qt.LeftButton)
    assert opened == ["http://127.0.0.1:8000/", "http://127.0.0.1:8000/?page=draw"]


def test_that_the_address_is_copied(bar, qtbot):
    assert bar.address.text() == "http://127.0.0.1:8000"
    qtbot.mouseClick(bar.address, Qt.LeftButton)
    assert QApplication.clipboard().text() == "http://127.0.0.1:8000"
    assert bar.address.text() == "✓ copied"
    qtbot.waitUntil(lambda: bar.address.text() == "http://127.0.0.1:8000")
    assert bar.address.shortcut().toString() == "Ctrl+L"


def test_that_nothing_can_be_opened_before_there_is_an_address(live, bar):
    live.lab.address = ""
    live.tick()
    assert not bar.address.isVisible()
    assert not bar.chat.isEnabled()
    assert not bar.drawing.isEnabled()


def test_that_a_file_chosen_is_asked_for_without_waiting(bar, qtbot):
    bar.ask_for_capture()
    dialog = bar.findChild(QFileDialog)
    assert dialog.isVisible()
    with qtbot.waitSignal(bar.open_capture_requested) as caught:
        dialog.fileSelected.emit("/tmp/some.pcap")
    assert caught.args == ["/tmp/some.pcap"]
    dialog.reject()


def test_that_a_capture_is_named_and_can_be_left(bar, qtbot):
    assert not bar.back.isVisible()
    bar.set_capture("meetup.pcapng")
    assert bar.back.isVisible()
    assert bar.live.text() == "◼ Capture"
    with qtbot.waitSignal(bar.back_to_live):
        qtbot.mouseClick(bar.back, Qt.LeftButton)
    bar.set_capture("")
    assert bar.live.text() == "● Live"
    assert not bar.back.isVisible()


def test_that_a_change_of_theme_keeps_the_capture(bar):
    bar.set_capture("meetup.pcapng")
    bar.restyle()
    assert bar.back.isVisible()


def test_that_a_second_file_that_is_no_capture_is_said_over_the_first(live, bar):
    bar.set_capture("meetup.pcapng")
    live.feed(e.VerbFailed(t=NOW, source="window", verb="open_capture", reason="x.txt is no capture"))
    assert bar.notice.isVisible()
    assert "x.txt is no capture" in bar.notice.label.text()


def test_that_the_theme_button_asks_for_the_other_theme(bar, qtbot):
    with qtbot.waitSignal(bar.theme_toggled):
        qtbot.mouseClick(bar.theme_button, Qt.LeftButton)


def test_that_every_control_has_a_shortcut_shown_in_its_tip(bar):
    buttons = [button for button in bar.findChildren(QAbstractButton) if not button.shortcut().isEmpty()]
    assert len(buttons) == 14
    assert all(button.shortcut().toString() in button.toolTip() for button in buttons)


def test_that_the_overlay_lists_the_shortcuts_and_escape_closes_it(bar, qtbot):
    bar.resize(1280, 600)
    qtbot.mouseClick(bar.help, Qt.LeftButton)
    assert bar.shortcuts.isVisible()
    listed = {label.text() for label in bar.shortcuts.findChildren(QLabel)}
    assert {"Ctrl+B", "Ctrl+O", "Ctrl+T", "F1", "Ctrl+L"} <= listed
    qtbot.keyClick(bar.shortcuts, Qt.Key_Escape)
    assert not bar.shortcuts.isVisible()


def test_that_a_click_elsewhere_closes_the_overlay(bar, qtbot):
    qtbot.mouseClick(bar.help, Qt.LeftButton)
    qtbot.mouseClick(bar, Qt.LeftButton, pos=QPoint(2, 2))
    assert not bar.shortcuts.isVisible()


def test_that_a_recording_is_marked_until_the_live_system_is_back(live, bar):
    begun = {"expiry": 15, "capacity": 100, "prefix": "asgi:", "workers": 1}
    live.feed(*started())
    assert bar.live.text() == "● Live"
    live.feed(
        e.RecordingStarted(t=NOW, source="lesson", lesson="x", step="y"),
        e.LabStarted(t=NOW, source="recording", **begun),
    )
    assert bar.live.text() == "▶ Recording"
    assert not bar.chat.isVisible()
    live.feed(e.LabStarted(t=NOW, source="lab", **begun))
    assert bar.live.text() == "● Live"
    assert bar.chat.isVisible()


def test_that_the_address_says_as_much_of_itself_as_there_is_room_for(qtbot):
    button = AddressButton()
    qtbot.addWidget(button)
    button.show_address("http://127.0.0.1:8000")
    said = set()
    for width in range(button.sizeHint().width(), button.minimumSizeHint().width(), -1):
        button.resize(width, 30)
        said.add(button.text())
        assert button.fontMetrics().horizontalAdvance(button.text()) < width
    assert said == {"http://127.0.0.1:8000", "127.0.0.1:8000", ":8000"}
    button.click()
    assert QApplication.clipboard().text() == "http://127.0.0.1:8000"


@pytest.mark.parametrize(("pixels", "width"), [(13, 1440), (13, 1280), (16, 1280), (20, 1280)])
@pytest.mark.parametrize("shows", ["live", "past", "session"])
def test_that_no_text_of_the_bar_is_cut(qtbot, qapp, pixels, width, shows):
    theme = Theme("dark", pixels / 13)
    theme.apply(qapp)
    bar = LiveStand(qtbot, theme).show(TransportBar, width, 80)
    bar.setFixedWidth(width)  # or it would not get narrower than its texts
    if shows != "live":
        bar.set_moment(NOW, "talk.cscope" if shows == "session" else "")
    for _ in range(5):
        QApplication.processEvents()
    parts = [*bar.findChildren(QAbstractButton), bar.live, bar.mark]
    seen = [part for part in parts if part.isVisible()]
    assert len(seen) > 9
    cut = [part.accessibleName() or part.text() for part in seen if part.width() < part.minimumSizeHint().width()]
    assert cut == []
    assert bar.contentsRect().contains(bar.theme_button.geometry())
    assert "Channelscope" in bar.mark.text() or pixels > 13, "the name goes first, and only where it must"
    assert bar.freezing.freeze.text() == "❚❚ Freeze", "who asks is told all of it"
    assert bar.freezing.freeze.shortcut().toString() == "F9"
    Theme("dark").apply(qapp)


def test_that_the_past_can_be_stepped_through_by_mouse(bar, qtbot):
    assert not bar.steps[0].isVisible()
    bar.set_moment(NOW)
    assert all(button.isVisible() for button in bar.steps)
    assert "Shift+F7" in bar.steps[0].toolTip()
