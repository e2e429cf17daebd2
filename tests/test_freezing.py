# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeze, thaw, step and slow motion of the real system, Redis's clock included."""

import http.client
import itertools
import re
import threading
import time

import pytest
import redis
from websockets.sync.client import connect

from app import events as e
from app.entities import Fate
from app.lab import Lab
from app.settings import Settings
from tests.live_fixture import live_lab

HOLD = 0.25 / 0.8  # seconds that a gate holds a message at that speed
TOLERANCE = 100  # milliseconds that a time to live may differ


@pytest.fixture(scope="module")
def running():
    with live_lab(workers=2, expiry=3, group_expiry=60) as live:
        live.until_working(2)
        live.join("ada", "bob")
        yield live


@pytest.fixture
def live(running):
    """Two idle workers, Ada and Bob in the room, no message; so it is left, too."""
    running.quiet()
    running.events.clear()
    yield running
    running.lab.thaw()
    if running.state.speed < 1:
        running.lab.set_speed(1.0)
    running.lab.start_workers().result(10)
    running.until(lambda: not running.state.clock.since, "it goes on")
    running.until(lambda: running.state.speed == 1 and not running.state.gates, "as usual")
    running.until_working(2)


def admin(live):
    return redis.Redis.from_url(live.lab._live.redis_url("admin"))


def freeze(live):
    live.lab.freeze()
    return live.until_event(e.Frozen)


def thaw(live):
    live.lab.thaw()
    return live.until_event(e.Thawed)


LOOK = """
local names, left = redis.call('KEYS', 'asgi*'), {}
for place, name in ipairs(names) do
    left[place] = redis.call('PTTL', name)
end
return {names, left, redis.call('TIME')}
"""


def look(live):
    """What each of our keys has left to live, in milliseconds, and when that was; all at one moment."""
    with admin(live) as client:
        names, left, (seconds, micros) = client.eval(LOOK, 0)
        return dict(zip(names, left, strict=True)), int(seconds) + int(micros) / 1e6


def left(live):
    return look(live)[0]


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
    before, looked = look(live)
    frozen = freeze(live)
    assert set(left(live).values()) == {-1}, "a key's clock goes on"
    live.lab.send_text("bob", "held", count=5)
    live.until_event(e.MessageHeld, 5, gate="send")
    time.sleep(seconds)
    thawed = thaw(live)
    after, now = look(live)
    passed = 1000 * (now - thawed.t + frozen.t - looked)
    assert thawed.seconds == pytest.approx(thawed.t - frozen.t, abs=0.01)
    assert thawed.seconds >= seconds
    assert len([name for name in before if re.fullmatch(b"asgi:[0-9a-f]{32}", name)]) == 5
    renewed = ("websocket.receive", "#global#")  # by Bob's lines, which are sent at once after the thaw
    lived = {name: before[name] - after[name] for name in before if not any(word in str(name) for word in renewed)}
    assert [(name, ms, passed) for name, ms in lived.items() if abs(ms - passed) > TOLERANCE] == []
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
    live.lab.set_speed(0.8).result(5)
    began = time.time()
    live.lab.send_text("ada", "slowly", count=3)
    live.until(lambda: len(live.of(e.ConsumerFinished)) == 3, "all three were handled")
    live.until(lambda: len(live.of(e.MessagePassed, gate="frames")) == 6, "all six frames")
    assert time.time() - began > 5 * HOLD
    assert {event.gate for event in live.of(e.MessageHeld)} == {"send", "consumer", "replies", "frames"}
    sent = [event.t for event in live.of(e.MessagePassed, gate="send")]
    assert all(later - earlier > HOLD - 0.05 for earlier, later in itertools.pairwise(sent))
    live.lab.set_speed(1.0).result(5)
    live.pour()
    live.events.clear()
    live.say("ada", "fast again")
    assert not live.of(e.MessageHeld)


def _page_of(address):
    """The status of a page and what it says."""
    connection = http.client.HTTPConnection(address.rpartition("/")[2] or address.split("/")[2], timeout=20)
    connection.request("GET", "/")
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def test_that_reset_while_frozen_begins_anew_in_less_than_two_seconds(live):
    freeze(live)
    live.lab.send_text("ada", "never to be seen")
    live.until_event(e.MessageHeld, gate="send")
    answers = []
    asking = threading.Thread(target=lambda: answers.append(_page_of(live.lab.address)))
    asking.start()
    live.until_event(e.MessageHeld, channel="http.request")
    began = time.monotonic()
    live.lab.reset().result(10)
    live.until_event(e.LabStarted)
    live.until_working(1)
    assert time.monotonic() - began < 2.0
    asking.join(10)
    assert answers == [(503, "The live system was set up anew. Try again.")]
    assert live.until_event(e.MessagePassed, gate="send").is_dropped
    assert live.of(e.Thawed)
    live.until_working(2)
    assert not live.of(e.MessageSent, channel="websocket.receive")
    live.join("ada", "bob")
    live.say("bob", "hello again")


def step_to(live, gate):
    """Say something and step until it is held at a gate; returns that."""
    live.lab.send_text("ada", "step by step")
    for reached in ("send", "receive", "consumer", "replies"):
        if reached != "receive":
            found = live.until(lambda reached=reached: held(live, reached), f"held at {reached}")[0]
            if reached == gate:
                return found
        else:
            live.until_event(e.MessageSent, channel="websocket.receive")
        live.lab.step(gate=reached).result(5)
    raise AssertionError(gate)


def test_that_a_worker_that_is_killed_loses_what_it_held_and_a_new_one_takes_nothing(live):
    freeze(live)
    one = step_to(live, "consumer")
    live.lab.signal_worker(one.source, "KILL")
    assert live.until_event(e.MessageLost).reason == "worker killed"
    assert not live.state.gates
    live.lab.start_workers()
    live.until_event(e.WorkerReady, worker=one.source)
    live.lab.send_text("bob", "for the new one")
    live.until_event(e.MessageHeld, 2, gate="send")
    live.lab.step(gate="send").result(5)
    live.until_event(e.MessageSent, 2, channel="websocket.receive")
    time.sleep(0.3)
    live.pour()
    assert len(live.of(e.MessageReceived, channel="websocket.receive")) == 1
    live.lab.step(gate="receive", holder=one.source).result(5)
    assert live.until_event(e.MessageReceived, 2, channel="websocket.receive").source == one.source
    thaw(live)
    live.until_event(e.ConsumerFinished)


def test_that_a_worker_told_to_leave_goes_at_once_unless_it_holds_a_message_to_be_finished(live):
    freeze(live)
    one = step_to(live, "replies")
    (other,) = {"worker-1", "worker-2"} - {one.source}
    for worker in (one.source, other):
        live.lab.signal_worker(worker, "TERM")
    assert live.until_event(e.WorkerExited).worker == other
    time.sleep(0.3)
    live.pour()
    assert live.state.workers[one.source].is_alive
    thaw(live)
    assert live.until_event(e.ConsumerFinished).worker == one.source
    assert live.until_event(e.WorkerExited, worker=one.source).signal == ""


def test_that_who_comes_and_goes_meanwhile_has_come_and_gone_afterwards(live):
    freeze(live)
    url = live.lab.address.replace("http", "ws").rstrip("/") + "/chat/lobby/"
    opened = []

    def come():
        with connect(url, proxy=None, open_timeout=20) as socket:
            opened.append(socket.response.status_code)

    coming = threading.Thread(target=come)
    coming.start()
    live.until_event(e.MessageHeld, channel="websocket.connect")
    live.lab.remove_client("bob")
    live.until_event(e.MessageHeld, channel="websocket.disconnect")
    live.lab.fetch_page("/")
    live.until_event(e.MessageHeld, channel="http.request")
    assert not opened
    thaw(live)
    coming.join(10)
    assert opened == [101]
    assert live.until_event(e.PageFetched).status == 200
    live.until_event(e.GroupDiscarded)
    live.until_event(e.MessageSent, 2, channel="websocket.disconnect")
    live.join("bob")


def test_that_a_freeze_stops_slow_motion_which_goes_on_afterwards(live):
    live.lab.set_speed(0.8).result(5)
    live.lab.send_text("ada", "slowly")
    live.until_event(e.MessageHeld, gate="send")
    freeze(live)
    stopped = time.time()
    time.sleep(0.5)
    live.pour()
    assert not [event for event in live.of(e.MessagePassed) if event.t > stopped]
    live.lab.set_speed(0.5).result(5)
    assert live.state.clock.since
    thaw(live)
    live.until_event(e.ConsumerFinished)
    passed, waits = live.until_event(e.MessagePassed, gate="consumer"), live.of(e.MessageHeld, gate="consumer")
    assert passed.t - waits[0].t > 0.45


def test_that_a_restart_of_redis_while_frozen_leaves_nothing_to_give_back(live):
    freeze(live)
    live.lab.restart_redis()
    live.until_event(e.RedisBack, source="server")
    thaw(live)
    live.lab.reset().result(10)
    live.until_working(2)
    live.join("ada", "bob")
    live.say("ada", "still there?")


def test_that_a_step_needs_a_freeze_and_a_freeze_a_redis_of_our_own(live):
    live.lab.step()
    assert live.until_event(e.VerbFailed, verb="step").reason == "nothing is held: freeze first"
    live.lab.set_speed(7.0)
    assert "from 0.01 to 1" in live.until_event(e.VerbFailed, verb="set_speed").reason
    lab = Lab(Settings(redis="redis://127.0.0.1:1"))
    assert "not started by the program" in lab.no_freeze
    lab.index.spool.close()
