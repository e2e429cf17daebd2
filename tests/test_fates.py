# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault against real processes: each message ends in exactly one fate, and the totals add up."""

import contextlib
import time

import pytest
import redis
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from app import events as e
from app.entities import Fate
from app.layer import RedisChannelLayer
from app.ledger import ledger
from tests.live_fixture import live_lab

CAPACITY = 6


@pytest.fixture(scope="module")
def live():
    with live_lab(
        workers=1, expiry=2, capacity=CAPACITY, routing="tests.fate_consumers.channel_routing", group_expiry=60
    ) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def socket(live):
    live.events.clear()
    live.lab.reset()
    live.until_event(e.LabStarted)
    live.until_working(1)
    with opened(live) as socket:
        yield socket
    live.until(lambda: not open_ones(live), "nothing is open any more", 20)
    run = live.events[max((n for n, event in enumerate(live.events) if isinstance(event, e.LabStarted)), default=0) :]
    attempts = len({event.key for event in run if isinstance(event, e.MessageSent)})
    attempts += sum(isinstance(event, e.MessageRefused | e.MessageSkipped) for event in run)
    assert sum(ledger(live.state).values()) == attempts
    by_message = [message.fate for message in live.state.messages.values()]
    assert {fate: by_message.count(fate) for fate in Fate} == live.state.fates


def opened(live):
    return connect(live.lab.address.replace("http", "ws") + "/fate/", proxy=None, compression=None, max_size=None)


def open_ones(live):
    return [message for message in live.state.messages.values() if message.fate.is_open]


def fates(live, fate):
    return [message for message in live.state.messages.values() if message.fate is fate]


def _send_until_closed(socket):
    with contextlib.suppress(WebSocketException):
        while True:
            socket.send("more")
            time.sleep(0.02)


def ask(socket, text):
    socket.send(text)
    return socket.recv(timeout=8)


def admin(live):
    return redis.Redis.from_url(live.lab._live.redis_url("admin"))


def kill(live):
    live.lab.signal_worker("worker-1", "KILL")
    live.until(lambda: not live.state.workers["worker-1"].is_alive, "the worker is dead")


def test_that_what_is_handled_is_delivered(live, socket):
    assert ask(socket, "hello") == "hello"
    live.until(lambda: len(fates(live, Fate.DELIVERED)) >= 3, "three were delivered")


def test_that_killed_with_its_worker_is_lost(live, socket):
    socket.send("sleep 30")
    started = live.until_event(e.ConsumerStarted, channel="websocket.receive")
    kill(live)
    live.until(lambda: [message.key for message in fates(live, Fate.LOST)] == [started.key], "it is lost")


def test_that_a_worker_told_to_leave_finishes_its_message(live, socket):
    socket.send("sleep 0.5")
    started = live.until_event(e.ConsumerStarted, channel="websocket.receive")
    live.lab.signal_worker("worker-1", "TERM")
    assert socket.recv(timeout=8) == "sleep"
    live.until(lambda: not live.state.workers["worker-1"].is_alive, "the worker has left")
    live.until(lambda: live.state.messages[started.key].fate is Fate.DELIVERED, "it was finished")


def test_that_a_stopped_worker_holds_its_message_until_it_goes_on(live, socket):
    socket.send("sleep 2")
    started = live.until_event(e.ConsumerStarted, channel="websocket.receive")
    live.lab.signal_worker("worker-1", "STOP")
    live.until_event(e.WorkerStopped)
    live.until(lambda: [message.key for message in fates(live, Fate.HELD)] == [started.key], "it is held")
    live.lab.signal_worker("worker-1", "CONT")
    assert socket.recv(timeout=8) == "sleep"


def test_that_nobody_to_read_it_lets_it_expire(live, socket):
    kill(live)
    socket.send("anyone?")
    live.until(lambda: fates(live, Fate.EXPIRED), "it expired")


def test_that_a_full_channel_refuses(live, socket):
    kill(live)
    _send_until_closed(socket)
    live.until(lambda: live.state.refused, "one was refused")
    assert live.of(e.MessageRefused)[0].reason == "full"


def test_that_too_large_is_refused(live, socket):
    assert ask(socket, "huge") == "huge"
    live.until_event(e.MessageRefused, reason="too large")


def test_that_copies_for_a_full_member_are_skipped(live, socket):
    assert ask(socket, "group") == "group"
    layer = RedisChannelLayer(hosts=[live.lab._live.redis_url("layer")], capacity=CAPACITY)
    layer.group_add("all", "websocket.send?nobody")
    layer.close()
    socket.send(f"copies {CAPACITY + 3}")
    live.until(lambda: live.state.skipped >= 3, "three copies were skipped")


def test_that_an_answer_to_a_closed_socket_ends_there(live, socket):
    with opened(live) as other:
        other.send("sleep 1")
        live.until_event(e.ConsumerStarted, channel="websocket.receive")
    live.until(lambda: fates(live, Fate.SOCKET_CLOSED), "the answer found no socket")


def test_that_a_message_without_a_consumer_has_no_route(live, socket):
    assert ask(socket, "odd") == "odd"
    live.until(lambda: fates(live, Fate.NO_ROUTE), "no route")


def test_that_a_body_that_is_none_is_unreadable(live, socket):
    live.lab.signal_worker("worker-1", "STOP")
    live.until_event(e.WorkerStopped)
    for _ in range(2):  # the first is handed to the stopped worker, whose BLPOP was waiting
        socket.send("hello")
    sent = live.until_event(e.MessageSent, 2, channel="websocket.receive")
    with admin(live) as client:
        client.set(f"asgi:{sent.key}", b"\xc1 no msgpack", keepttl=True)
    live.lab.signal_worker("worker-1", "CONT")
    live.until(lambda: live.state.messages[sent.key].fate is Fate.UNREADABLE, "it could not be read")


@pytest.mark.parametrize("reason", ["flush", "flushdb"])
def test_that_emptying_redis_wipes_what_waits(live, socket, reason):
    kill(live)
    socket.send("wiped")
    sent = live.until_event(e.MessageSent, channel="websocket.receive")
    if reason == "flushdb":
        live.lab.run_command("flushdb", confirmed=True)
    else:
        live.lab.reset()
        live.until_event(e.MessagesWiped, 2, reason="flush")  # the first was the reset before this test
        return
    live.until(lambda: live.state.messages[sent.key].fate is Fate.WIPED, "it was wiped")


def test_that_a_new_redis_has_nothing_of_the_old(live, socket):
    kill(live)
    socket.send("forgotten")
    sent = live.until_event(e.MessageSent, channel="websocket.receive")
    live.lab.restart_redis()
    live.until(lambda: live.state.messages[sent.key].fate is Fate.WIPED, "it was wiped")
    live.until_event(e.RedisBack)


def test_that_what_is_dropped_on_purpose_is_told(live, socket):
    live.lab.set_faults(drop={"websocket.receive": 1.0}, seed=7)
    live.until_event(e.FaultsSet)
    socket.send("into the void")
    live.until(lambda: fates(live, Fate.DROPPED), "it was dropped")
    live.lab.set_faults()
    live.until(lambda: live.state.faults is None, "no more faults")
    assert ask(socket, "hello") == "hello"


def test_that_the_same_seed_drops_the_same_messages(live, socket):
    stories = []
    for _ in range(2):
        live.lab.set_faults(drop={"websocket.receive": 0.5}, seed=3)
        live.until(lambda: live.state.faults, "the faults are set")
        before = len(live.of(e.MessageSent, channel="websocket.receive"))
        for number in range(12):
            socket.send(f"line {number}")
            live.until_event(e.MessageSent, before + number + 1, channel="websocket.receive")
        live.until(lambda: not open_ones(live), "all have come to their end")
        sent = live.of(e.MessageSent, channel="websocket.receive")[before:]
        stories.append([live.state.messages[event.key].fate for event in sent])
        live.lab.set_faults()
        live.until(lambda: live.state.faults is None, "no more faults")
    assert stories[0] == stories[1]
    assert {Fate.DROPPED, Fate.DELIVERED} == set(stories[0])


def test_that_a_message_a_worker_took_and_died_before_it_could_say_so_is_lost_with_it(live, socket):
    key = "e" * 32  # Redis has no body of it: one script takes place and body
    told = e.MessageSent(t=time.time(), source="server", key=key, channel="websocket.receive", body=b"", expiry=60)
    live.lab._loop.call_soon_threadsafe(live.lab._live._observe, told)
    live.until_event(e.MessageSent, key=key)
    kill(live)
    lost = live.until_event(e.MessageLost, key=key)
    assert (lost.reason, lost.worker) == ("never fetched", "worker-1")
    assert live.state.messages[key].fate is Fate.LOST
