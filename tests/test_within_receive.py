# SPDX-License-Identifier: GPL-3.0-or-later
"""A receive of three commands can be looked into: step by step after BLPOP, GET and DEL, on real processes."""

import time

import pytest
import redis

from app import events as e
from app.entities import Fate
from tests.live_fixture import live_lab

COMMANDS = ("popped", "fetched", "deleted")


@pytest.fixture(scope="module")
def running():
    with live_lab(workers=1, receive="classic", expiry=2) as live:
        live.until_working()
        live.join("ada")
        yield live


@pytest.fixture
def live(running):
    """An idle worker, Ada in the room, no message, everything frozen; afterwards it goes on."""
    running.quiet()
    running.events.clear()
    running.lab.freeze().result(5)
    yield running
    running.lab.thaw().result(5)
    running.lab.start_workers().result(10)
    running.until_working()
    running.until(lambda: not running.state.gates, "nothing is held")


def step_to(live, gate):
    """Let Ada say something and step until it is held at a gate; returns that."""
    live.lab.send_text("ada", "what is in between?")
    live.until_event(e.MessageHeld, gate="send", channel="websocket.receive")
    live.lab.step(gate="send").result(5)
    live.until_event(e.MessageSent, channel="websocket.receive")
    live.lab.step(gate="receive", channel="websocket.receive").result(5)
    for one in COMMANDS:
        found = live.until_event(e.MessageHeld, gate=one)
        if one == gate:
            return found
        live.lab.step().result(5)
    raise AssertionError(gate)


def in_redis(live, key):
    """Return how many entries the queue has, and whether the message's body is there and how long still (ms)."""
    with redis.Redis.from_url(live.lab._live.redis_url("admin")) as client:
        return client.llen("asgi:websocket.receive"), client.pttl("asgi:" + key)


def test_that_three_steps_lead_through_a_receive_and_its_state_is_seen_in_redis(live):
    held = step_to(live, "popped")
    key = held.key
    assert held.source == "worker-1"
    assert in_redis(live, key) == (0, -1), "its entry is gone, its body stays, its clock stands still"
    message, channel = live.state.messages[key], live.state.channels["websocket.receive"]
    assert (message.fate, message.taken_by, [*channel.waiting], [*channel.bodies]) == (
        Fate.HELD, "worker-1", [], [key],
    )  # fmt: skip
    live.lab.step().result(5)
    live.until_event(e.MessageHeld, gate="fetched")
    assert in_redis(live, key) == (0, -1)
    live.lab.step().result(5)
    live.until_event(e.MessageHeld, gate="deleted")
    assert in_redis(live, key) == (0, -2), "now its body is gone too"
    assert not channel.bodies
    assert not live.of(e.MessageReceived)
    live.lab.step().result(5)
    live.until_event(e.MessageHeld, gate="consumer")
    assert [event.gate for event in live.of(e.Stepped)] == ["send", "receive", *COMMANDS]
    assert {event.key for event in live.of(e.Stepped, source="worker-1")} == {key}
    live.lab.thaw().result(5)
    live.until_event(e.ConsumerFinished, key=key)
    live.quiet()
    assert live.state.messages[key].fate is Fate.DELIVERED


@pytest.mark.parametrize("gate", COMMANDS)
def test_that_who_is_killed_in_between_takes_the_message_along(live, gate):
    key = step_to(live, gate).key
    live.lab.signal_worker("worker-1", "KILL")
    lost = live.until_event(e.MessageLost)
    assert (lost.key, lost.reason, lost.worker) == (key, "worker killed", "worker-1")
    assert live.state.messages[key].fate is Fate.LOST
    entries, left = in_redis(live, key)
    assert (entries, left) == (0, -2 if gate == "deleted" else -1), "what is left of it"
    if gate == "popped":
        live.lab.thaw().result(5)
        live.until(lambda: in_redis(live, key)[1] == -2, "its body expires, and nobody cares")
        time.sleep(0.6)  # in which the watch on Redis would tell
        live.pour()
        assert not live.of(e.MessageExpired)
        assert len(live.of(e.MessageLost)) == 1


def test_that_who_is_stopped_after_the_pop_finds_no_body_when_it_goes_on_too_late(live):
    key = step_to(live, "popped").key
    live.lab.signal_worker("worker-1", "STOP")
    live.until_event(e.WorkerStopped)
    live.lab.step(gate="popped")
    assert "nothing is held" in live.until_event(e.VerbFailed, verb="step").reason
    live.lab.thaw().result(5)
    lost = live.until_event(e.MessageLost)
    assert (lost.key, lost.reason, lost.worker) == (key, "never fetched", "worker-1")
    live.lab.signal_worker("worker-1", "CONT")
    assert live.until_event(e.GhostsPassed).keys == (key,)
    assert live.state.messages[key].fate is Fate.LOST
    live.until(lambda: not live.state.gates, "it holds nothing")


def test_that_who_is_stopped_with_the_body_in_its_hands_still_delivers_it(live):
    key = step_to(live, "fetched").key
    live.lab.signal_worker("worker-1", "STOP")
    live.until_event(e.WorkerStopped)
    live.lab.thaw().result(5)
    live.until(lambda: in_redis(live, key)[1] == -2, "its body has expired")
    live.lab.signal_worker("worker-1", "CONT")
    live.until_event(e.ConsumerFinished, key=key)
    live.quiet()
    assert not live.of(e.MessageExpired) + live.of(e.MessageLost)
    assert live.state.messages[key].fate is Fate.DELIVERED


def test_that_with_the_script_there_is_nothing_in_between(live):
    live.lab.thaw().result(5)
    live.lab.set_receive("atomic").result(20)
    live.until(lambda: live.state.workers["worker-1"].receive == "atomic", "it takes with the script")
    live.until_working()
    live.events.clear()
    live.lab.freeze().result(5)
    live.lab.send_text("ada", "what is in between?")
    live.until_event(e.MessageHeld, gate="send", channel="websocket.receive")
    live.lab.step(gate="send").result(5)
    key = live.until_event(e.MessageSent, channel="websocket.receive").key
    assert in_redis(live, key)[0] == 1
    live.until(lambda: in_redis(live, key)[1] == -1, "its clock stands still")
    live.lab.step(gate="receive", channel="websocket.receive").result(5)
    assert live.until_event(e.MessageHeld, key=key).gate == "consumer"
    assert in_redis(live, key) == (0, -2), "entry and body went together"
    live.lab.set_receive("in pieces")
    assert "not 'in pieces'" in live.until_event(e.VerbFailed, verb="set_receive").reason
