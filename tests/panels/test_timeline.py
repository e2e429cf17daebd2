# SPDX-License-Identifier: GPL-3.0-or-later
import pytest
from PyQt5.QtCore import QPoint, Qt

from app import events as e
from panels.density import BINS, NARROWEST, Density
from panels.markers import markers_of
from panels.timeline import TimelinePanel
from tests.panels.chat import frame


@pytest.fixture
def timeline(stand, chat):
    return stand.show(TimelinePanel, 1000, 52)


def tips(timeline):
    return {text for x in range(timeline.width()) if (text := timeline.text_at(x))}


def test_that_no_event_is_lost_when_the_bins_grow_wider():
    density = Density()
    for number in range(400):
        density.add([1000.0 + number / 4])
    assert density.total == 400
    assert density.width == NARROWEST * 4
    assert 100 / density.width <= BINS


def test_that_an_event_older_than_the_first_counts_as_the_first():
    density = Density()
    density.add([100.0])
    density.add([99.0, 101.0])
    assert density.total == 3
    assert density.counts[0] == 2


def test_that_a_killed_worker_is_marked_and_its_mark_selects_it(qtbot, stand, chat, timeline):
    chat.t += 5
    chat.put(e.WorkerExited(t=chat.t, source="lab", worker="worker-1", signal="KILL"))
    stand.pump()
    timeline.tick(chat.t + 5)
    [x] = [x for x in range(timeline.width()) if "was killed (KILL)" in timeline.text_at(x)][:1]
    qtbot.mouseClick(timeline, Qt.LeftButton, pos=QPoint(x, 20))
    [selected] = stand.pump()
    assert (selected.kind, selected.item) == ("worker", "worker-1")


def test_that_expiries_refusals_and_violations_are_named(stand, chat, timeline):
    keys = [chat.say("c1", "a"), chat.say("c1", "b")]
    chat.t += 20
    chat.put(*[e.MessageExpired(t=chat.t, source="redis", key=key) for key in keys])
    chat.put(e.MessageRefused(t=chat.t + 20, source="server", channel="websocket.receive", reason="full"))
    chat.t += 40
    chat.frames("c1", "client", frame(1, b"naked"))
    stand.pump()
    timeline.tick(chat.t + 1)
    said = "\n".join(tips(timeline))
    assert "2 messages expired unread" in said
    assert "websocket.receive refused a message: full" in said
    assert "WS-02 broken" in said


def test_that_a_place_without_marks_says_how_much_happened(stand, chat, timeline):
    chat.t += 10
    chat.chat("c1", "hi", "c2")
    stand.pump()
    timeline.tick(chat.t + 10)
    assert any("events in" in text for text in tips(timeline))


def test_that_keys_go_from_mark_to_mark_and_select(qtbot, stand, chat, timeline):
    chat.put(e.WorkerExited(t=chat.t, source="lab", worker="worker-1", signal="KILL"))
    stand.pump()
    timeline.setFocus()
    for _ in range(2):
        qtbot.keyClick(timeline, Qt.Key_Right)
    qtbot.keyClick(timeline, Qt.Key_Return)
    [selected] = stand.pump()
    assert selected.item == "worker-1"


def test_that_looking_is_not_activity(stand, chat, timeline):
    before = timeline.density.total
    chat.put(e.KeysSeen(t=chat.t, source="redis", keys=(), total=0))
    stand.pump()
    assert timeline.density.total == before
    assert timeline.accessibleDescription() == f"{before} events, marks: 1"


def test_that_a_reset_paints_the_same_picture(stand, chat, timeline):
    chat.chat("c1", "hi", "c2")
    stand.pump()
    timeline.tick(chat.t + 1)
    before = timeline.grab().toImage()
    timeline.reset()
    timeline.tick(chat.t + 1)
    assert timeline.grab().toImage() == before


def test_that_a_freeze_a_thaw_and_another_speed_are_marked():
    events = [
        e.SpeedSet(t=1.0, source="lab", speed=0.1, redis=0.1),
        e.Frozen(t=2.0, source="lab"),
        e.Thawed(t=3.0, source="lab", seconds=1.0),
        e.SpeedSet(t=4.0, source="lab", speed=1.0),
    ]
    marks = markers_of(events)
    assert [mark.sort for mark in marks] == ["speed", "freeze", "thaw", "speed"]
    assert "at 0.1 of its speed" in marks[0].text
    assert "at full speed" in marks[3].text
