# SPDX-License-Identifier: GPL-3.0-or-later
"""Presenter mode: one panel in large letters; the keys of a clicker; and everything as it was afterwards."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from PyQt5.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QLineEdit

from app.frame_index import FrameIndex
from panels import memory
from panels.lesson.session import Mode
from panels.theme import Theme
from panels.window import Window
from tests.panels.chat import Chat
from tests.panels.live import FakeLab
from tests.panels.test_travel import picture, settle


@pytest.fixture(scope="module")
def whole(qapp):
    """One window for all tests, with a chat in it."""
    theme = Theme("dark")
    theme.apply(qapp)
    lab = FakeLab()
    lab.index = FrameIndex()
    window = Window(lab, theme, remembers=False)
    window.resize(1280, 720)
    window.show()
    QTest.qWaitForWindowExposed(window)
    window.live.stop()
    window._clock.stop()
    chat = Chat(window.live.store).begin(workers=3)
    chat.connect("c1", "ada")
    chat.chat("c1", "hello")
    chat.say("c1", "is anyone there?")
    window.travel.step(-1)  # time stands still
    yield window
    window.presenter.leave()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.DeferredDelete)


@pytest.fixture
def window(whole):
    """It goes on presenting from test to test, with the Stage in front: another size of letters takes its time."""
    if whole.presenter.is_on:
        whole.presenter.show_panel(whole.stage)
        settle(whole)
    return whole


def start(window):
    if not window.presenter.is_on:
        window.presenter.start(is_full_screen=False)
        settle(window)


def press(window, key):
    QTest.keyClick(QApplication.focusWidget() or window, key)
    settle(window)


def shown(window):
    return [panel.id for panel in window.panels if panel.isVisible() and panel.height() > 0]


def test_that_f5_fills_the_screen_and_escape_brings_everything_back(window):
    window.activateWindow()
    before = shown(window)
    QTest.keyClick(window, Qt.Key_F5)
    settle(window)
    assert window.isFullScreen()
    assert shown(window) == ["stage"]
    press(window, Qt.Key_Escape)
    assert not window.isFullScreen()
    assert shown(window) == before
    window.resize(1280, 720)


def test_that_the_button_presents_the_panel_that_had_the_keys_or_the_stage(window):
    window.activateWindow()
    for widget, presented in ((window.wire.table, "wire"), (window.transport.present, "stage")):
        widget.setFocus(Qt.OtherFocusReason)
        QTest.mouseClick(window.transport.present, Qt.LeftButton)
        settle(window)
        assert shown(window) == [presented]
        press(window, Qt.Key_Escape)
    window.resize(1280, 720)


def test_that_a_window_closed_while_presenting_opens_as_it_was(window, tmp_path):
    QSettings.setPath(QSettings.NativeFormat, QSettings.UserScope, str(tmp_path))
    start(window)
    window.close()
    memory.remember(window)
    for dock in window.docks.values():
        dock.hide()
    memory.recall(window)
    window.show()
    settle(window)
    assert {"inspector", "lesson", "timeline", "stage"} <= set(shown(window))


def test_that_letters_are_large_and_afterwards_the_picture_is_the_same(window, monkeypatch):
    now = time.time()
    monkeypatch.setattr("panels.window.time.time", lambda: now)  # or the strip grows on
    window.resize(1440, 900)
    window.bench.bring_up(window.workers)
    settle(window)
    before = picture(window)
    start(window)
    assert window.theme.px(13) >= 20 * 900 // 720
    for key in (Qt.Key_2, Qt.Key_5, Qt.Key_6, Qt.Key_0, Qt.Key_L, Qt.Key_5):
        press(window, key)
    window.presenter.leave()
    settle(window)
    assert picture(window) == before
    window.resize(1280, 720)


def test_that_keys_choose_the_panel_but_not_while_something_is_typed(window):
    start(window)
    seen = []
    for key in (Qt.Key_2, Qt.Key_4, Qt.Key_0, Qt.Key_L, Qt.Key_1):
        press(window, key)
        seen.append(shown(window))
    assert seen == [["wire"], ["redis"], ["inspector"], ["lesson"], ["stage"]]
    press(window, Qt.Key_2)
    line = window.bench.findChild(QLineEdit)
    QTest.keyClicks(line, "fin == 1 or b")
    assert line.text() == "fin == 1 or b"
    assert shown(window) == ["wire"]
    assert not window.presenter.blank.isVisible()
    line.clear()


def test_that_the_caption_says_what_is_shown_and_which_keys_there_are(window):
    start(window)
    assert window.presenter.caption.isVisible()
    assert window.presenter.caption.text().startswith("Stage · ")
    for word in ("Page down", "B: blank", "Esc: leave"):
        assert word in window.presenter.caption.text()


def test_that_b_blanks_and_escape_first_ends_that(window):
    start(window)
    press(window, Qt.Key_B)
    assert picture(window).pixelColor(640, 360).name() == "#000000"
    press(window, Qt.Key_Escape)
    assert not window.presenter.blank.isVisible()
    assert window.presenter.is_on


def test_that_freezing_still_has_its_key(window, qtbot):
    start(window)
    window.travel.to_live()
    window.lab.calls.clear()
    window.activateWindow()
    settle(window)
    press(window, Qt.Key_F9)
    qtbot.waitUntil(lambda: ("freeze",) in window.lab.calls)


def test_that_everything_can_be_made_larger_and_not_smaller_than_it_is(window):
    start(window)
    own, of_stage = window.theme.scale, window.stage.canvas.ink.px(10)
    window.presenter.magnify(1.1)
    settle(window)
    assert window.theme.scale == pytest.approx(own * 1.1)
    assert window.stage.canvas.ink.px(10) == pytest.approx(of_stage * 1.1)
    for _ in range(2):
        window.presenter.magnify(1 / 1.1)
    assert window.theme.scale == pytest.approx(own)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1440, 900)])
def test_that_the_stage_fills_its_room_from_edge_to_edge(window, width, height):
    start(window)
    window.resize(width, height)
    settle(window)
    canvas = window.stage.canvas
    bottom = max(spot.rect.bottom() for spot in canvas.layout_now.spots)
    right = max(spot.rect.right() for spot in canvas.layout_now.spots)
    assert canvas.height() == canvas.parentWidget().height(), "nothing is to be scrolled"
    assert 0.92 * canvas.height() < bottom <= canvas.height()
    assert 0.95 * canvas.width() < right <= canvas.width()
    assert canvas.ink.px(10) > 10 * window.theme.scale
    window.resize(1280, 720)
    settle(window)


def test_that_a_crowd_on_the_stage_is_there_to_the_last_card(window):
    start(window)
    canvas = window.stage.canvas
    view, three = canvas.view, canvas.view.workers
    crowd = tuple(replace(three[0], name=f"worker-{number}") for number in range(1, 9))
    canvas.show_view(replace(view, workers=crowd))
    rects = [rect for _, rect in canvas.layout_now.workers]
    assert len(rects) == 8
    assert all(lower.top() > upper.bottom() for upper, lower in pairwise(rects))
    assert canvas.layout_now.start_worker.bottom() <= canvas.height()
    canvas.show_view(view)


def test_that_a_clicker_walks_a_lesson(window):
    lesson = window.lesson
    lesson.set_lesson("kill-the-worker")
    session = lesson.session
    session.mode = Mode.LIVE  # nothing runs that could be set up
    start(window)
    window.lab.calls.clear()
    walk = session.walk
    assert "step 1 of" in window.presenter.caption.text()
    press(window, Qt.Key_PageDown)
    assert any(call[0] == walk.step.do[0].verb for call in window.lab.calls), "what is not done, the program does"
    walk._done.add(0)
    lesson._show_progress()
    press(window, Qt.Key_PageDown)
    assert walk.number == 1
    assert shown(window) == [walk.step.show[0]]
    press(window, Qt.Key_PageUp)
    assert walk.number == 0
