# SPDX-License-Identifier: GPL-3.0-or-later
"""Every widget one can act on has a name, and the keys reach all of them."""

import time

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QShortcut,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.events import SourceFailed
from app.lab import Lab
from app.settings import Settings
from panels.theme import Theme
from panels.window import Window
from tests.panels.test_window import CAPTURES, names, wait

INTERACTIVE = (QAbstractButton, QLineEdit, QTextEdit, QComboBox, QAbstractItemView, QTabBar)


@pytest.fixture(scope="module")
def lab():
    lab = Lab(Settings(port=0, workers=2))
    lab.start()
    yield lab
    lab.stop()
    lab.index.spool.close()


@pytest.fixture
def window(qtbot, lab):
    theme = Theme("dark")
    theme.apply(QApplication.instance())
    window = Window(lab, theme, remembers=False)
    qtbot.addWidget(window)
    window.resize(1280, 720)
    with qtbot.waitExposed(window):
        window.show()
    lab.set_up(workers=2, clients=["ada"])
    wait(qtbot, lambda: names(window) == {"ada"})
    return window


def can_act(widget):
    takes_keys = widget.focusPolicy() & Qt.TabFocus and not isinstance(widget, QAbstractSlider)
    return widget.isVisible() and (isinstance(widget, INTERACTIVE) or takes_keys)


def nameless(window):
    acting = [widget for widget in window.findChildren(QWidget) if can_act(widget)]
    assert len(acting) > 10
    return [f"{type(widget).__name__} of {type(widget.parent()).__name__}" for widget in acting if not name_of(widget)]


def name_of(widget):
    """What a screen reader says: the name, or a button's or a label's text; a sign alone is no name."""
    said = widget.accessibleName() or (widget.text() if isinstance(widget, (QAbstractButton, QLabel)) else "")
    return said if sum(letter.isalpha() for letter in said) > 1 else ""


def connection(window):
    return next(c.id for c in window.live.store.state.connections.values() if c.name == "ada")


def test_that_every_widget_one_can_act_on_has_a_name(qtbot, window):
    for panel in (window.wire, window.ladder, window.redis, window.workers):
        window.bench.bring_up(panel)
        qtbot.wait(50)
        assert nameless(window) == []


@pytest.mark.parametrize("kind", ["frame", "connection", "worker", "channel"])
def test_that_the_inspectors_views_have_names(qtbot, window, kind):
    item = {"frame": "0", "connection": connection(window), "worker": "worker-1", "channel": "websocket.receive"}[kind]
    window.wire.select(kind, item)
    wait(qtbot, lambda: window.inspector.view is window.inspector.views[kind])
    assert nameless(window) == []


def test_that_a_lesson_and_a_capture_have_names(qtbot, window):
    window.lesson.set_lesson("kill-the-worker")
    wait(qtbot, lambda: window.lesson.view)
    assert nameless(window) == []
    window.open_capture(CAPTURES / "talk-frame-5.pcap")
    wait(qtbot, lambda: window.wire.table.model().rowCount() == 2)
    assert nameless(window) == []


def test_that_tab_goes_round_the_window_and_reaches_its_parts(qtbot, window):
    window.activateWindow()
    wait(qtbot, window.isActiveWindow)
    window.stage.canvas.setFocus()
    seen = []
    while len(seen) < 80 and (not seen or seen[-1] is not window.stage.canvas):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen[-1] is window.stage.canvas, "it goes round"
    acting = [widget for widget in window.findChildren(QWidget) if can_act(widget) and widget.isEnabled()]
    reached = [widget for widget in acting if widget.focusPolicy() & Qt.TabFocus and widget not in seen]
    assert [widget.accessibleName() for widget in reached] == []


def test_that_no_shortcut_stands_for_two_things(window):
    keys = [b.shortcut().toString() for b in window.findChildren(QAbstractButton) if not b.shortcut().isEmpty()]
    keys += [one.key().toString() for one in window.findChildren(QShortcut)]
    assert sorted(keys) == sorted(set(keys))


def test_that_ctrl_and_a_number_turn_to_a_tab(qtbot, window):
    window.activateWindow()
    wait(qtbot, window.isActiveWindow)
    for number, panel in ((3, window.redis), (4, window.workers), (1, window.wire)):
        QTest.keyClick(window, Qt.Key_0 + number, Qt.ControlModifier)
        wait(qtbot, panel.isVisible)


def test_that_a_port_taken_before_the_start_stays_said(qtbot, window):
    said = SourceFailed(t=time.time(), source="lab", name="port", reason="Port 8000 is taken", remedy="8001 instead.")
    window.lab.inbox.put(said)
    wait(qtbot, lambda: "8001 instead" in window.stage.notice.label.text())
    before = starts(window)
    window.lab.set_up(workers=2, clients=["ada"])
    wait(qtbot, lambda: starts(window) > before)
    assert window.stage.notice.isVisible()


def starts(window):
    return window.live.store.begun
