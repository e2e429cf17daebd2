# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeze, thaw, step and slow motion of the real system, Redis's clock included."""

import itertools
import re
import time

import pytest
import redis

from app import events as e
from app.entities import Fate
from tests.live_fixture import live_lab

TOLERANCE = 100  # milliseconds that a time to live may differ


@pytest.fixture(scope="module")
def live():
    with live_lab(workers=2, expiry=3, group_expiry=60) as live:
        live.until_working(2)
        yield live


@pytest.fixture(autouse=True)
def anew(live):
    live.events.clear()
    live.lab.set_up(workers=2, clients=["ada", "bob"])
    live.until_event(e.LabStarted)
    live.until_working(2)
    live.until(lambda: {c.name for c in live.state.connections.values() if not c.closed} >= {"ada", "bob"}, "clients")
    live.quiet()
    live.events.clear()


def admin(live):
    return redis.Redis.from_url(live.lab._live.redis_url("admin"))


def freeze(live):
    live.lab.freeze()
    return live.until_event(e.Frozen)


def thaw(live):
    live.lab.thaw()
    return live.until_event(e.Thawed)


def left(live):
    """What each of our keys has left to live, in milliseconds."""
    with admin(live) as client:
        names = sorted(name for name in client.scan_iter() if name.startswith(b"asgi"))
        return {name: client.pttl(name) for name in names}


def held(live, gate):
    passed = {(event.source, event.number) for event in live.of(e.MessagePassed)}
    return [event for event in live.of(e.MessageHeld, gate=gate) if (event.source, event.number) not in passed]


@pytest.mark.parametrize("seconds", [2.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_that_nothing_grows_older_and_nothing_is_lost_while_everything_stands_still(live, seconds):
    for worker in ("worker-1", "worker-2"):
        live.lab.signal_worker(worker, "KILL")
    live.until(lambda: not any(worker.is_alive for worker in live.state.workers.values()), "no worker")
    live.lab.send_text("ada", "waiting", count=5)
    live.until_event(e.MessageSent, 5, channel="websocket.receive")
    before, looked = left(live), time.time()
    frozen = freeze(live)
    assert set(left(live).values()) == {-1}, "a key's clock goes on"
    live.lab.send_text("bob", "held", count=5)
    live.until_event(e.MessageHeld, 5, gate="send")
    time.sleep(seconds)
    thawed = thaw(live)
    after, passed = left(live), 1000 * (time.time() - thawed.t + frozen.t - looked)
    assert thawed.seconds == pytest.approx(thawed.t - frozen.t, abs=0.01)
    assert thawed.seconds >= seconds
    assert len([name for name in before if re.fullmatch(b"asgi:[0-9a-f]{32}", name)]) == 5
    assert {
        name: before[name] - after[name] for name in before if abs(before[name] - after[name] - passed) > TOLERANCE
    } == {}
    live.lab.start_workers()
    live.quiet()
    live.until(lambda: len(live.of(e.ConsumerFinished)) == 10, "all ten were handled")
    assert not live.of(e.MessageExpired)
    assert not live.of(e.MessageLost)


def test_that_what_is_said_while_everything_stands_still_comes_in_order_afterwards(live):
    freeze(live)
    for client in ("ada", "bob"):
        live.lab.send_text(client, f"{client} says", count=10)
    live.until_event(e.MessageHeld, 20, gate="send")
    time.sleep(0.3)
    assert not live.of(e.MessageSent)
    assert not live.of(e.ConsumerStarted)
    thaw(live)
    live.until(lambda: len(live.of(e.ConsumerFinished)) == 20, "all twenty were handled")
    live.quiet()
    for connection in {event.connection for event in live.of(e.MessageSent, channel="websocket.receive")}:
        numbers = [event.n for event in live.of(e.MessageSent, connection=connection)]
        assert numbers == sorted(numbers)
    assert live.state.fates[Fate.LOST] == live.state.fates[Fate.EXPIRED] == 0


def test_that_step_by_step_one_message_goes_through_all_gates(live):
    freeze(live)
    live.lab.send_text("ada", "one step at a time")
    live.until_event(e.MessageHeld, gate="send")
    way = []
    for gate in ("send", "receive", "consumer", "replies", "frames", "frames"):
        count = len(live.of(e.Stepped))
        live.lab.step()
        step = live.until_event(e.Stepped, count + 1)
        way.append(step.gate)
        time.sleep(0.15)
        live.pour()
        if gate != "frames":
            assert len(way) == count + 1
    assert way == ["send", "receive", "consumer", "replies", "frames", "frames"]
    live.until(lambda: live.state.frames and not held(live, "frames"), "nothing is held")
    kinds = [
        type(event)
        for event in live.events
        if isinstance(event, e.MessageSent | e.MessageReceived | e.ConsumerStarted | e.ConsumerFinished)
    ]
    assert kinds.index(e.MessageSent) < kinds.index(e.MessageReceived) < kinds.index(e.ConsumerStarted)
    live.lab.step()
    assert "nothing is held" in live.until_event(e.VerbFailed, verb="step").reason
    thaw(live)


def test_that_keys_made_by_a_step_stand_still_too_and_those_of_others_go_on(live):
    with admin(live) as client:
        freeze(live)
        client.set("asgi:theirs", "x", px=60_000)
        live.lab.send_text("ada", "hello")
        live.until_event(e.MessageHeld, gate="send")
        live.lab.step()
        key = "asgi:" + live.until_event(e.MessageSent).key
        live.until(lambda: client.pttl(key) == -1, "its clock stands still")
        assert 0 < client.pttl("asgi:theirs") <= 60_000
        time.sleep(0.5)
        thaw(live)
        assert 2_700 <= client.pttl(key) <= 3_000 or not client.exists(key)
        assert client.pttl("asgi:theirs") < 59_600
        client.delete("asgi:theirs")


def test_that_members_of_groups_are_no_older_than_before(live):
    with admin(live) as client:
        group = next(iter(live.state.groups))
        before, looked = dict(client.zrange(f"asgi::group:{group}", 0, -1, withscores=True)), time.time()
        frozen = freeze(live)
        time.sleep(1.0)
        thawed = thaw(live)
        after = dict(client.zrange(f"asgi::group:{group}", 0, -1, withscores=True))
        moved = [after[member] - before[member] for member in before]
        assert moved == pytest.approx([thawed.seconds] * 2, abs=0.1), (frozen, looked)


def test_that_slow_motion_holds_each_message_at_each_gate_and_keeps_the_order(live):
    live.lab.set_speed(0.5)
    live.until_event(e.SpeedSet)
    began = time.time()
    live.lab.send_text("ada", "slowly", count=3)
    live.until(lambda: len(live.of(e.ConsumerFinished)) == 3, "all three were handled")
    live.until(lambda: len(live.of(e.MessagePassed, gate="frames")) == 6, "all six frames")
    assert time.time() - began > 5 * 0.5
    assert {event.gate for event in live.of(e.MessageHeld)} == {"send", "consumer", "replies", "frames"}
    sent = [event.t for event in live.of(e.MessagePassed, gate="send")]
    assert all(later - earlier > 0.45 for earlier, later in itertools.pairwise(sent))
    live.lab.set_speed(1.0)
    live.until_event(e.SpeedSet, 2)
    live.events.clear()
    live.say("ada", "fast again")
    assert not live.of(e.MessageHeld)


def test_that_reset_while_frozen_begins_anew_in_less_than_two_seconds(live):
    freeze(live)
    live.lab.send_text("ada", "never to be seen")
    live.until_event(e.MessageHeld, gate="send")
    began = time.monotonic()
    live.lab.reset().result(10)
    live.until_event(e.LabStarted)
    live.until_working(1)
    assert time.monotonic() - began < 2.0
    assert live.until_event(e.MessagePassed, gate="send").is_dropped
    assert live.of(e.Thawed)
    live.until_working(2)
    assert not live.of(e.MessageSent, channel="websocket.receive")
    live.join("cy")
    live.say("cy", "hello again")
