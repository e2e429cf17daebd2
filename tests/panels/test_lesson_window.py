# SPDX-License-Identifier: GPL-3.0-or-later
"""Every lesson in the real window: what it points at is there, and a recording about a capture opens the capture."""

import contextlib

import pytest
from PyQt5.QtWidgets import QApplication

from app.lab import Lab
from app.lesson import load_all
from app.settings import Settings
from panels.lesson.session import Mode
from panels.theme import Theme
from panels.window import Window

PATIENCE = 30_000  # milliseconds for a step


@pytest.fixture(scope="module")
def lab():
    lab = Lab(Settings(port=0))
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
    yield window
    lab.watch_keys(False)


def is_there(window, item):
    """Whether what "panel/item" means is to be seen in the window, so that it can be pointed at."""
    name, _, part = item.partition("/")
    panel = next(panel for panel in window.panels if panel.id == name)
    if not panel.isVisible():
        return False
    if name == "stage":
        spots = (spot for spot in panel.canvas.layout_now.spots if part in (spot.id, spot.name))
        return part in panel.controls.buttons or any(spots)
    if name == "workers" and part in panel.table.rows:
        return True
    if name == "inspector":
        frame, connection = panel.views["frame"], panel.views["connection"]
        if panel.view is frame and part in {cell.field.name for cell in frame.bits._cells}:
            return True
        if panel.view is connection and part in {"accept", *connection.attempts.buttons}:
            return True
    return panel.place_of(part) is not None


def follow_tabs(window, items):
    """Bring up what lies behind another panel: the window points at its tab, and a learner clicks there."""
    names = {item.split("/")[0] for item in items}
    for panel in window.panels:
        if panel.id in names and not panel.isVisible():
            assert window.bench.tab_of(panel) is not None
            window.bench.bring_up(panel)


def wait(qtbot, condition):
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", load_all(), ids=lambda lesson: lesson.id)
def test_that_every_thing_a_lesson_points_at_is_there_before_the_step_is_over(qtbot, window, lesson):
    pane = window.lesson
    pane.start(lesson)
    for step in lesson.steps:
        wait(qtbot, lambda: pane.session.mode is Mode.LIVE)
        missing = set(step.highlight)

        def look(missing=missing):
            missing -= {item for item in missing if is_there(window, item)}
            return True

        qtbot.waitUntil(look)
        if pane.session.walk.must_choose:
            pane.session.predict(0)
        for action in step.do:
            wait(qtbot, lambda after=action.after: look() and pane.watch.reached >= after)
            pane.session.do(action)
        wait(qtbot, lambda: look() and pane.watch.done)
        follow_tabs(window, missing)
        with contextlib.suppress(qtbot.TimeoutError):  # keys and rows are looked at a few times a second
            qtbot.waitUntil(lambda missing=missing: look() and not missing, timeout=3000)
        assert missing == set(), step.id
        pane.session.go(1)


def test_that_a_recording_about_a_capture_opens_it_and_comes_back(qtbot, window):
    lesson = next(lesson for lesson in load_all() if lesson.id == "anatomy-of-a-frame")
    pane = window.lesson
    pane.start(lesson)
    wait(qtbot, lambda: pane.session.mode is Mode.LIVE)
    window.close_capture()
    for step in lesson.steps[:3]:
        pane.session.play_recording()
        wait(qtbot, lambda: pane.watch.done)
        assert window.capture.is_open, step.id
        field = step.expect[-1].fields[-1][1] if step.id != "packet" else "fin"
        wait(qtbot, lambda field=field: window.inspector.view is window.inspector.views["frame"])
        wait(qtbot, lambda field=field: window.inspector.view.bits.field.name == field)
        pane.session.go(1)
    assert pane.session.walk.step.id == "live"
    pane.session.predict(1)
    pane.session.play_recording()
    wait(qtbot, lambda: pane.watch.done)
    wait(qtbot, lambda: window.inspector.view is window.inspector.views["frame"])
    wait(qtbot, lambda: window.inspector.view.frame.masked)
    assert not window.capture.is_open
    pane.session.return_to_step()
    wait(qtbot, lambda: pane.session.mode is Mode.LIVE)
