# SPDX-License-Identifier: GPL-3.0-or-later
"""How the window shows a message that is held between two commands of a receive."""

import pytest

from app import events as e
from panels.inspector import InspectorPanel
from panels.redis_keys import RedisPanel
from panels.redis_rows import rows_of
from panels.stage import StagePanel
from tests.panels.live import NOW, REPLY, LiveStand, client, key, sent, started


@pytest.fixture
def live(qtbot, theme):
    live = LiveStand(qtbot, theme)
    live.feed(*started(), *client(1), sent(1), e.Frozen(t=NOW, source="lab"))
    return live


def held(gate, number):
    return e.MessageHeld(t=NOW, source="worker-1", gate=gate, number=number, channel="websocket.receive", key=key(1))


def passed(gate, number):
    return e.MessagePassed(t=NOW, source="worker-1", gate=gate, number=number)


def killed():
    return (
        e.WorkerExited(t=NOW, source="lab", worker="worker-1", signal="KILL"),
        e.MessageLost(t=NOW, source="lab", key=key(1), reason="worker killed", worker="worker-1"),
    )


def lane(stage):
    return next(lane for lane in stage.canvas.view.lanes if lane.name == "websocket.receive")


def test_that_the_stage_shows_the_body_without_its_entry_and_who_holds_the_message(live):
    stage = live.show(StagePanel)
    assert [token.is_body for token in lane(stage).tokens] == [False]
    live.feed(held("popped", 1))
    assert ([token.is_body for token in lane(stage).tokens], lane(stage).count) == ([True], "0 · 1 body")
    (view,) = [one for gate in stage.canvas.view.gates for one in gate.held]
    assert (view.commands, view.letter) == (1, "A")
    assert "between BLPOP and GET" in view.label
    assert stage.canvas.view.workers[0].says[0] == "holds it between BLPOP and GET"
    live.feed(passed("popped", 1), held("fetched", 2), passed("fetched", 2), held("deleted", 3))
    assert lane(stage).tokens == ()
    assert stage.canvas.view.workers[0].says[0] == "holds it after DEL"


def test_that_a_body_whose_worker_died_is_seen_until_its_time_is_over(live):
    stage = live.show(StagePanel)
    live.feed(held("popped", 1), *killed(), e.Thawed(t=NOW, source="lab", seconds=0.0))
    live.tick(59)
    assert lane(stage).count == "0 · 1 body"
    live.tick(2)
    assert lane(stage).count == "0"


def test_that_the_redis_tab_says_why_no_entry_names_the_body(live):
    keys = (e.KeySeen(name=f"asgi:{key(1)}", kind="body", type="string", size=9, ttl=60.0, detail="{}", lifetime=60.0),)
    live.show(StagePanel)
    live.feed(e.KeysSeen(t=NOW, source="redis", keys=keys, total=1))
    assert rows_of(live.store.state, {})[1].detail == "{}"
    live.feed(held("popped", 1))
    assert rows_of(live.store.state, {})[1].detail == "no entry: worker-1 popped it · {}"
    live.feed(*killed())
    assert rows_of(live.store.state, {})[1].detail == "no entry: worker-1 died with it · {}"


def test_that_the_inspector_takes_the_receive_apart_and_its_buttons_step_and_kill(live):
    inspector = live.show(InspectorPanel, 340, 900)
    live.feed(e.Selected(t=NOW, source="gui", kind="message", item=key(1)))
    xray = inspector.view.xray
    assert "with one script" in xray.says.text()
    live.feed(held("popped", 7))
    assert xray.picture.accessibleName() == "BLPOP, GET, DEL: 1 done, held after BLPOP"
    assert "Only worker-1 knows its key" in xray.says.text()
    assert (xray.step.text(), xray.kill.text()) == ("▸| Step: GET", "Kill worker-1 here")
    xray.step.click()
    xray.kill.click()
    assert live.lab.calls[-2:] == [("step", "popped", 7, "", "worker-1"), ("signal_worker", "worker-1", "KILL")]
    live.feed(*killed())
    assert xray.isHidden()


def test_that_who_is_in_a_group_grows_no_older_while_everything_stands_still_or_goes_slowly(live):
    members = ((f"{REPLY}1", NOW + 500.0),)  # Redis has moved the time that it joined
    group = e.KeySeen(
        name="asgi::group:room", kind="group", type="zset", size=1, ttl=60.0, lifetime=60.0, members=members
    )
    redis = live.show(RedisPanel, 1100, 500)
    live.feed(
        e.GroupAdded(t=NOW - 30, source="worker-1", group="room", channel=f"{REPLY}1"),
        e.KeysSeen(t=NOW, source="redis", keys=(group,), total=1),
    )
    live.tick(500)
    assert redis.rows.cells(2)[3].text == "in it for 30.0 s"
    live.feed(
        e.Thawed(t=live.now, source="lab", seconds=500.0), e.SpeedSet(t=live.now, source="lab", speed=0.1, redis=0.1)
    )
    live.tick(50)
    assert redis.rows.cells(2)[3].text == "in it for 35.0 s"
