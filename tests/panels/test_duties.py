# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels dragged onto workers, ticked in their menu, and the command line that goes with it (F4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QApplication

from app import events as e
from app.settings import Duty
from panels.stage import StagePanel
from panels.stage.duties import command_of, dropped, in_words, listens, ticked
from panels.workers import WorkersPanel
from tests.panels.live import NOW, LiveStand, started

CHANNELS = ("http.request", "websocket.connect", "websocket.receive", "websocket.disconnect")
duties = st.builds(
    Duty,
    st.lists(st.sampled_from(CHANNELS), max_size=3, unique=True).map(tuple),
    st.lists(st.sampled_from((*CHANNELS, "*.receive", "http.*")), max_size=2, unique=True).map(tuple),
)


@pytest.fixture
def live(qtbot, theme):
    return LiveStand(qtbot, theme)


@pytest.fixture
def stage(live):
    live.feed(*started())
    return live.show(StagePanel)


def drag(stage, start, end, drop=True):
    canvas = stage.canvas
    first, last = (QPointF(canvas.spot(spot).rect.topLeft() + QPoint(30, 5)) for spot in (start, end))
    mouse(canvas, QEvent.MouseButtonPress, first)
    mouse(canvas, QEvent.MouseMove, (first + last) / 2)
    mouse(canvas, QEvent.MouseMove, last)
    if drop:
        mouse(canvas, QEvent.MouseButtonRelease, last)


def mouse(canvas, kind, point):
    buttons = Qt.NoButton if kind == QEvent.MouseButtonRelease else Qt.LeftButton
    button = Qt.NoButton if kind == QEvent.MouseMove else Qt.LeftButton
    QApplication.sendEvent(canvas, QMouseEvent(kind, point, button, buttons, Qt.NoModifier))


def on_stage(live, number, **fields):
    name = f"worker-{number}"
    live.feed(e.WorkerStarted(t=NOW, source="lab", worker=name, pid=99, **fields))
    live.feed(e.WorkerReady(t=NOW, source=name, worker=name, channels=("websocket.receive",)))


def test_that_a_channel_dropped_on_a_worker_is_the_only_one_it_listens_to_and_the_command_is_shown(stage):
    drag(stage, "lane:websocket.receive", "worker:worker-2")
    assert stage.lab.calls == [("assign_channels", "worker-2", ("websocket.receive",), ())]
    assert "runworker --only-channels=websocket.receive" in stage.notice.label.text()


def test_that_a_second_channel_comes_on_top(live, stage):
    on_stage(live, 2, only=("websocket.receive",))
    drag(stage, "lane:http.request", "worker:worker-2")
    assert stage.lab.calls == [("assign_channels", "worker-2", ("websocket.receive", "http.request"), ())]


def test_that_the_picture_changes_while_a_channel_is_carried_and_is_as_before_when_it_is_dropped_nowhere(stage):
    before = stage.canvas.grab().toImage()
    drag(stage, "lane:http.request", "worker:worker-1", drop=False)
    assert stage.canvas.grab().toImage() != before
    mouse(stage.canvas, QEvent.MouseButtonRelease, QPointF(2, 2))
    mouse(stage.canvas, QEvent.MouseMove, QPointF(2, 2))
    assert not [call for call in stage.lab.calls if call[0] == "assign_channels"]


def test_that_replies_cannot_be_dragged_and_a_click_is_no_drag(stage):
    reply = next(lane.name for lane in stage.canvas.view.lanes if lane.is_reply)
    drag(stage, f"lane:{reply}", "worker:worker-1")
    place = QPointF(stage.canvas.spot("lane:http.request").rect.center())
    mouse(stage.canvas, QEvent.MouseButtonPress, place)
    mouse(stage.canvas, QEvent.MouseButtonRelease, place)
    assert stage.lab.calls == []


def test_that_a_card_and_the_bench_say_what_a_worker_listens_to(live, stage, qtbot):
    on_stage(live, 1, only=("websocket.receive",))
    spot = stage.canvas.spot("worker:worker-1")
    assert "--only-channels=websocket.receive" in spot.label
    assert "only websocket.receive" in stage.canvas.view.workers[0].says
    bench = live.show(WorkersPanel)
    assert "only" in bench.table.rows["worker-1"].cells["state"].text()


def test_that_the_menu_ticks_what_a_worker_listens_to_and_unticks_it(live, stage):
    on_stage(live, 1, exclude=("http.request",))
    menu = stage.menu_of("worker:worker-1")
    channels = next(action.menu() for action in menu.actions() if action.text() == "Channels it listens to")
    ticks = {action.text(): action.isChecked() for action in channels.actions() if action.text()}
    assert (ticks["http.request"], ticks["websocket.receive"]) == (False, True)
    next(action for action in channels.actions() if action.text() == "websocket.receive").trigger()
    assert stage.lab.calls[-1] == ("assign_channels", "worker-1", (), ("http.request", "websocket.receive"))


def test_that_the_menu_starts_a_worker_or_all_again(stage):
    menu = stage.menu_of("worker:worker-1")
    for action in menu.actions():
        if action.text().startswith("Start"):
            action.trigger()
    assert stage.lab.calls == [("restart_worker", "worker-1"), ("restart_workers",)]


@given(duties, st.sampled_from(CHANNELS))
def test_that_a_tick_changes_whether_this_channel_is_listened_to_and_no_other(duty, channel):
    after = ticked(duty, channel)
    changed = {name for name in CHANNELS if listens(duty, name) != listens(after, name)}
    exclude = [glob for glob in duty.exclude if "*" in glob]
    assert changed == {channel} or exclude  # a glob that left it out is taken away whole


@given(duties, st.sampled_from(CHANNELS))
def test_that_what_was_dropped_is_listened_to(duty, channel):
    assert listens(dropped(duty, channel), channel)


def test_that_a_command_line_is_in_the_words_of_channels_and_safe_to_paste():
    assert command_of(Duty()) == "python manage.py runworker"
    words = command_of(Duty(("http.*",), ("a b",)))
    assert words == "python manage.py runworker '--only-channels=http.*' '--exclude-channels=a b'"
    assert in_words(Duty(("http.request",), ("x",))) == ("only http.request, not x", "only http, not x")


def test_that_a_worker_with_other_consumers_than_the_shipped_ones_says_so_on_the_stage_and_in_its_row(live, stage):
    on_stage(live, 1, version="edited")
    labels = {worker.name: worker.label for worker in stage.canvas.view.workers}
    assert "Its consumers are edited" in labels["worker-1"]
    assert "consumers" not in labels["worker-2"]
    row = live.show(WorkersPanel, 788, 440).table.rows["worker-1"]
    assert "edited" in row.cells["state"].text()
