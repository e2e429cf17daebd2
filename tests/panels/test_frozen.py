# SPDX-License-Identifier: GPL-3.0-or-later
"""How the window shows a live system that stands still or goes slowly, and what its gates do."""

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest

from app import events as e
from panels.inspector import InspectorPanel
from panels.redis_keys import RedisPanel
from panels.stage import StagePanel
from panels.transport import TransportBar
from tests.panels.live import NOW, LiveStand, client, key, sent, started, taken


@pytest.fixture
def live(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1), *client(2))
    return live


@pytest.fixture
def stage(live):
    return live.show(StagePanel)


@pytest.fixture
def bar(live):
    return live.show(TransportBar, 1440, 48)


def frozen(t=NOW):
    return e.Frozen(t=t, source="lab")


def held(gate, number=1, source="server", **fields):
    return e.MessageHeld(t=NOW, source=source, gate=gate, number=number, **{"channel": "websocket.receive", **fields})


def spots(stage):
    return [spot.id for spot in stage.canvas.layout_now.spots if spot.id.startswith(("gate:", "held:"))]


def click(stage, spot, do=QTest.mouseClick):
    do(stage.canvas, Qt.LeftButton, Qt.NoModifier, stage.canvas.spot(spot).rect.center().toPoint())


def test_that_gates_are_seen_only_while_they_hold(live, stage):
    assert spots(stage) == []
    live.feed(frozen())
    assert spots(stage) == ["gate:frames", "gate:send", "gate:worker-1", "gate:worker-2", "gate:worker-3"]
    assert stage.canvas.view.workers[0].says[0] == "takes nothing: frozen"
    live.feed(e.Thawed(t=NOW + 3, source="lab", seconds=3.0), e.SpeedSet(t=NOW + 4, source="lab", speed=0.5))
    assert len(spots(stage)) == 5
    live.feed(e.SpeedSet(t=NOW + 5, source="lab", speed=1.0))
    assert spots(stage) == []


def test_that_the_rings_stand_still(live, stage):
    live.feed(sent(1, NOW, expiry=60), frozen(NOW + 10))
    live.tick(10)
    token = stage.canvas.view.lanes[1].tokens[0]
    assert token.seconds == 50
    live.tick(30)
    assert stage.canvas.view.lanes[1].tokens[0] == token
    assert stage.canvas.view.standing.endswith("0:30")


def test_that_what_is_held_lies_at_its_gate_with_the_face_of_its_client(live, stage):
    live.feed(frozen(), held("send", 1, connection="c1", n=1), held("send", 2, connection="c2", n=1))
    assert [view.letter for gate in stage.canvas.view.gates for view in gate.held] == ["A", "B"]
    assert [gate.count for gate in stage.canvas.view.gates] == [0, 2, 0, 0, 0]
    live.feed(e.MessagePassed(t=NOW, source="server", gate="send", number=1))
    assert spots(stage)[1:3] == ["gate:send", "held:server#2"]


def test_that_what_a_worker_holds_stands_in_the_place_of_its_gate(live, stage):
    live.feed(frozen(), sent(1), taken(1), held("consumer", 1, "worker-1", key=key(1)))
    assert "gate:worker-1" not in spots(stage)
    assert stage.canvas.view.workers[0].says[0] == "held before its consumer"
    click(stage, "held:worker-1#1")
    (selected,) = live.gestures()
    assert (selected.kind, selected.item) == ("message", key(1))
    click(stage, "held:worker-1#1", QTest.mouseDClick)
    assert live.lab.calls[-1] == ("step", {"gate": "consumer", "number": 1, "holder": "worker-1"})


def test_that_a_reply_that_the_server_holds_is_in_its_lane_no_more(live, stage):
    live.feed(frozen(), sent(1, channel="daphne.response.kXaP!1", source="worker-1", connection=""))
    assert stage.canvas.view.lanes[-1].live == 1
    live.feed(held("frames", 1, channel="daphne.response.kXaP!1", key=key(1), connection="c1"))
    assert (stage.canvas.view.lanes[-1].live, stage.canvas.view.lanes[-1].tokens) == (0, ())


def test_that_a_click_on_a_gate_makes_one_step_there(live, stage):
    live.feed(frozen(), held("send", 1, connection="c1", n=1))
    click(stage, "gate:send")
    click(stage, "gate:worker-2")
    assert live.lab.calls == [("step", {"gate": "send"}), ("step", {"gate": "receive", "holder": "worker-2"})]


def test_that_freeze_thaw_and_step_are_one_key_each(live, bar, qtbot):
    assert bar.live.text() == "● Live"
    assert not bar.freezing.step.isEnabled()
    bar.freezing.freeze.click()
    live.feed(frozen())
    live.tick(65)
    assert bar.live.text() == "❚❚ Frozen · 1:05"
    bar.freezing.step.click()
    bar.freezing.freeze.click()
    assert live.lab.calls == [("freeze",), ("step",), ("thaw",)]


def test_that_a_step_takes_what_is_selected_where_it_is(live, bar):
    live.feed(frozen(), held("send", 7, connection="c2", n=4), sent(1), sent(2, t=NOW + 1))
    live.feed(e.Selected(t=NOW, source="window", kind="message", item=key(2)))
    bar.freezing.step.click()
    live.feed(taken(2), held("consumer", 3, "worker-1", key=key(2)))
    bar.freezing.step.click()
    live.feed(e.MessagePassed(t=NOW, source="worker-1", gate="consumer", number=3))
    live.feed(held("replies", 4, "worker-1", cause=key(2), channel="chat-lobby", group="chat-lobby"))
    bar.freezing.step.click()
    assert [call[1]["gate"] for call in live.lab.calls] == ["receive", "consumer", "replies"]


def test_that_where_nothing_can_be_frozen_the_button_says_why(live, bar):
    live.lab.no_freeze = "this Redis was not started by the program"
    live.tick()
    assert not bar.freezing.freeze.isEnabled()
    assert "was not started by the program" in bar.freezing.freeze.toolTip()
    bar.freezing.toggle()
    assert live.lab.calls == []


def test_that_the_speed_is_chosen_and_shown(live, bar):
    bar.freezing.speed.setCurrentText("¼×")
    bar.freezing.speed.activated.emit(2)
    live.feed(e.SpeedSet(t=NOW, source="lab", speed=0.25))
    assert (live.lab.calls, bar.live.text()) == ([("set_speed", 0.25)], "◐ Slow ¼×")


def test_that_the_inspector_says_where_a_message_is_held(live):
    inspector = live.show(InspectorPanel, 366, 800)
    live.feed(frozen(), sent(1), taken(1), held("replies", 1, "worker-1", cause=key(1), channel="lobby", behind=2))
    live.feed(e.Selected(t=NOW, source="window", kind="message", item=key(1)))
    words = " ".join(label.text() for label in inspector.findChildren(type(live.show(TransportBar, 900, 48).live)))
    assert "worker-1 holds what goes to <code>lobby</code> before what the consumer sends leaves, and 2 more" in words


def test_that_the_bars_of_keys_stand_still(live):
    redis = live.show(RedisPanel, 900, 400)
    seen = e.KeySeen(name="asgi:" + key(1), kind="body", type="string", size=1, ttl=40.0, lifetime=60.0)
    live.feed(frozen(NOW - 5), e.KeysSeen(t=NOW, source="redis", keys=(seen,), total=1))
    live.tick(3)
    assert redis.rows._left(seen) == 40.0
