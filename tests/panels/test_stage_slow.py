# SPDX-License-Identifier: GPL-3.0-or-later
"""In slow motion a dot on the Stage is under way as long as its message is held, and is where the message is."""

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from app import events as e
from app.orders import LEG
from panels.stage import StagePanel
from tests.panels.live import NOW, REPLY, LiveStand, client, key, sent, started, taken

HOLD = LEG / 0.1  # seconds at a tenth of the speed


@pytest.fixture
def live(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1), *client(2), slow(0.1))
    return live


@pytest.fixture
def stage(live):
    return live.show(StagePanel)


def slow(speed, t=NOW):
    return e.SpeedSet(t=t, source="lab", speed=speed, redis=speed)


def held(gate, number=1, source="server", t=NOW, **fields):
    return e.MessageHeld(t=t, source=source, gate=gate, number=number, **{"channel": "websocket.receive", **fields})


def passed(gate, number=1, source="server", t=NOW):
    return e.MessagePassed(t=t, source=source, gate=gate, number=number)


def parts(stage):
    """What is under way: the letter, the last edge, and the part of its way passed."""
    moving = stage.canvas.motion.held
    return [(one.letter, one.pieces[-1][0], pytest.approx(one.part, abs=0.01)) for one in moving]


def discs(stage):
    return [spot.id for spot in stage.canvas.layout_now.spots if spot.id.startswith("held:")]


def test_that_a_message_comes_to_its_lane_when_the_gate_lets_it_go(live, stage):
    live.feed(held("send", connection="c1", n=1))
    live.tick(HOLD / 4)
    assert parts(stage) == [("A", "in:websocket.receive", 0.25)]
    live.tick(HOLD)
    assert parts(stage) == [("A", "in:websocket.receive", 1.0)]
    live.feed(passed("send", t=live.now), sent(1, live.now))
    assert parts(stage) == []
    assert stage.canvas.motion.dots == [], "its dot has been under way"


def test_that_who_waits_behind_another_lies_at_the_gate_until_it_is_its_turn(live, stage):
    live.feed(held("send", 1, connection="c1", n=1), held("send", 2, connection="c2", n=1))
    assert discs(stage) == ["held:server#2"]
    live.tick(HOLD)
    live.feed(passed("send", 1, t=live.now))
    live.tick(HOLD / 2)
    assert parts(stage) == [("B", "in:websocket.receive", 0.5)]
    assert discs(stage) == []


def test_that_a_change_of_speed_takes_effect_on_the_way_and_a_freeze_stops_it(live, stage):
    live.feed(held("send", connection="c1", n=1))
    live.tick(HOLD / 4)
    live.feed(slow(0.2, live.now))
    live.tick(HOLD / 4)
    assert parts(stage) == [("A", "in:websocket.receive", 0.75)]
    live.feed(e.Frozen(t=live.now, source="lab"))
    assert (parts(stage), discs(stage)) == ([], ["held:server#1"])
    live.tick(60)
    live.feed(e.Thawed(t=live.now, source="lab", seconds=60.0))
    assert parts(stage) == [("A", "in:websocket.receive", 0.75)]


def test_that_what_a_worker_takes_and_sends_goes_as_slowly(live, stage):
    live.feed(sent(1), taken(1), held("consumer", 1, "worker-1", key=key(1)))
    live.tick(HOLD / 2)
    assert parts(stage) == [("A", "worker:worker-1", 0.5)]
    assert stage.canvas.motion.dots == [], "and no second one beside it"
    live.feed(
        passed("consumer", 1, "worker-1", t=live.now),
        e.GroupAdded(t=live.now, source="worker-1", group="room", channel=f"{REPLY}2"),
        held("replies", 2, "worker-1", t=live.now, channel="room", group="room", cause=key(1)),
    )
    live.tick(HOLD / 2)
    assert parts(stage) == [("A", f"out:{REPLY}", 0.5)]
    live.feed(held("frames", 9, t=live.now, channel=f"{REPLY}2", key=key(2), connection="c2"))
    live.tick(HOLD / 2)
    assert parts(stage) == [("A", f"out:{REPLY}", 1.0), ("B", "client:c2", 0.5)]


def test_that_a_receive_of_three_commands_has_four_parts(live, stage):
    live.feed(sent(1))
    for number, gate in enumerate(("popped", "fetched", "deleted", "consumer")):
        live.feed(held(gate, number, "worker-1", t=live.now, key=key(1)))
        live.tick(HOLD / 2)
        assert parts(stage) == [("A", "worker:worker-1", 0.125 + 0.25 * number)]
        live.feed(passed(gate, number, "worker-1", t=live.now))


def test_that_a_click_on_a_dot_selects_its_message(live, stage):
    live.feed(sent(1), taken(1), held("consumer", 1, "worker-1", t=live.now, key=key(1)))
    live.tick(HOLD / 2)
    ((place, _),) = stage.canvas.motion.places(stage.canvas._pieces, stage.canvas.motion._shown)
    QTest.mouseClick(stage.canvas, Qt.LeftButton, Qt.NoModifier, place.toPoint())
    (selected,) = live.gestures()
    assert (selected.kind, selected.item) == ("message", key(1))


def test_that_with_reduced_motion_what_is_held_stays_at_its_gate(live, stage):
    stage.set_reduced_motion(True)
    live.feed(held("send", connection="c1", n=1))
    live.tick(HOLD / 4)
    assert (parts(stage), discs(stage)) == ([], ["held:server#1"])
