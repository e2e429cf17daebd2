# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that counts: what a message has left to live stands still while the system does."""

import pytest

from app import events as e
from app.keys_then import keys_then
from app.metrics import Metrics
from app.pace import Pace
from app.state import State
from app.store import Store

KEY = "a" * 32


def sent(t, key=KEY):
    return e.MessageSent(t=t, source="server", key=key, channel="websocket.receive", body=b"\x80", expiry=60.0)


def test_that_only_the_time_between_standstills_counts():
    clock = Pace().frozen(10.0)
    assert clock.between(5.0, 25.0) == 5.0
    assert clock.between(12.0, 25.0) == 0.0
    clock = clock.thawed(30.0)
    assert clock.between(5.0, 35.0) == 10.0
    assert clock.between(20.0, 35.0) == 5.0
    clock = clock.frozen(40.0).thawed(50.0)
    assert clock.between(5.0, 55.0) == 20.0
    assert clock.between(20.0, 45.0) == 10.0
    assert clock.between(1.0, 2.0) == 1.0


def test_that_in_slow_motion_a_part_of_the_time_counts_and_a_standstill_in_it_ends_in_it():
    clock = Pace().slowed(10.0, 0.1)
    assert clock.between(5.0, 20.0) == pytest.approx(6.0)
    clock = clock.frozen(20.0)
    assert clock.between(10.0, 90.0) == pytest.approx(1.0)
    clock = clock.slowed(50.0, 0.5)
    assert clock.between(10.0, 90.0) == pytest.approx(1.0)
    clock = clock.thawed(60.0)
    assert clock.between(10.0, 70.0) == pytest.approx(6.0)
    clock = clock.slowed(70.0, 1.0)
    assert clock.between(10.0, 75.0) == pytest.approx(11.0)
    assert clock.between(15.0, 20.0) == pytest.approx(0.5)


def test_that_a_message_grows_older_as_slowly_as_everything_goes():
    state = State()
    state.apply(sent(100.0))
    state.apply(e.SpeedSet(t=110.0, source="lab", speed=0.1, redis=0.1))
    state.apply(sent(120.0, "b" * 32))
    assert state.left(state.messages[KEY], 130.0) == pytest.approx(48.0)
    waiting = state.channels["websocket.receive"].waiting
    assert [due - state.clock.at(130.0) for due in waiting.values()] == pytest.approx([48.0, 59.0])
    state.apply(e.SpeedSet(t=140.0, source="lab", speed=1.0))
    assert state.left(state.messages[KEY], 150.0) == pytest.approx(37.0)


def test_that_what_is_left_of_a_message_stands_still_and_then_goes_on():
    state = State()
    state.apply(sent(100.0))
    state.apply(e.Frozen(t=110.0, source="lab"))
    message = state.messages[KEY]
    assert state.left(message, 109.0) == 51.0
    assert state.left(message, 150.0) == 50.0
    state.apply(sent(130.0, "b" * 32))
    assert state.left(state.messages["b" * 32], 150.0) == 60.0
    state.apply(e.Thawed(t=160.0, source="lab", seconds=50.0))
    assert state.left(message, 170.0) == 40.0
    assert state.left(state.messages["b" * 32], 170.0) == 50.0
    waiting = state.channels["websocket.receive"].waiting
    assert [due - state.clock.at(170.0) for due in waiting.values()] == [40.0, 50.0]


def test_that_the_past_shows_the_keys_of_redis_as_old_as_they_were():
    store = Store()
    store.extend([sent(100.0), e.Frozen(t=110.0, source="lab")])
    store.extend([e.LogLine(t=150.0, source="lab", text="meanwhile"), e.Thawed(t=160.0, source="lab", seconds=50.0)])
    store.extend([e.LogLine(t=165.0, source="lab", text="afterwards")])
    store.seek(store.sequence_at(150.0))
    assert {key.kind: key.ttl for key in keys_then(store.state, 150.0).keys} == {"body": 50.0, "queue": 51.0}
    store.seek(store.sequence_at(165.0))
    assert {key.kind: key.ttl for key in keys_then(store.state, 165.0).keys} == {"body": 45.0, "queue": 46.0}


def test_that_what_is_held_is_known_until_it_passes_or_its_process_ends():
    state = State()
    for source, number in (("server", 1), ("worker-1", 1), ("worker-1.2", 2)):
        state.apply(e.MessageHeld(t=1.0, source=source, gate="consumer", number=number, channel="x"))
    state.copy().apply(e.MessagePassed(t=2.0, source="server", gate="consumer", number=1))
    assert [held.source for held in state.gates.values()] == ["server", "worker-1", "worker-1.2"]
    state.apply(e.MessagePassed(t=2.0, source="server", gate="consumer", number=1))
    state.apply(e.WorkerExited(t=3.0, source="lab", worker="worker-1", signal="KILL"))
    assert not state.gates


def test_that_a_hop_in_the_metrics_does_not_count_a_standstill():
    metrics = Metrics()
    received = e.MessageReceived(t=163.0, source="worker-1", key=KEY, channel="websocket.receive")
    still = e.Frozen(t=110.0, source="lab"), e.Thawed(t=160.0, source="lab", seconds=50.0)
    metrics.add([sent(108.0), *still, received])
    assert metrics.spent("queue", 0.5, 100.0, 200.0, 1).values == (5.0,)
