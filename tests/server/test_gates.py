# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface server's gates and its time that counts, without a server."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from app import events as e
from app.orders import SetGates
from app.server.connection import WebSocketConnection
from app.server.gates import Forgotten, Gates
from app.server.running import RunningTime


class Told:
    def __init__(self, order=None):
        self.said, self.passed = [], []
        self.gates = Gates(self.said.append, order)

    def hold(self, name, connection="c1", gate="send"):
        self.gates.hold(gate, lambda: self.passed.append(name), channel="x", connection=connection)

    def numbers(self, kind=e.MessageHeld):
        return [event.number for event in self.said if isinstance(event, kind)]


def run(scenario):
    return lambda: asyncio.run(scenario())


@run
async def test_that_a_thaw_lets_everything_pass_in_order():
    told = Told(SetGates(True))
    for name in "abc":
        told.hold(name)
    told.hold("reply", gate="frames")
    assert told.passed == []
    told.gates.set(SetGates())
    assert told.passed == ["a", "b", "c", "reply"]
    assert told.gates.is_open
    assert told.numbers() == told.numbers(e.MessagePassed) == [1, 2, 3, 4]


@run
async def test_that_a_step_lets_one_pass_and_never_overtakes_within_a_connection():
    told = Told(SetGates(True))
    for name, connection in (("a1", "c1"), ("a2", "c1"), ("b1", "c2"), ("b2", "c2")):
        told.hold(name, connection)
    told.gates.step("send", 4)
    assert told.passed == ["b1"]
    told.gates.step("send", 0)
    told.gates.step("frames", 0)
    told.gates.step("send", 99)
    assert told.passed == ["b1", "a1", "a2"]
    assert len([event for event in told.said if isinstance(event, e.Stepped)]) == 3


@run
async def test_that_a_freeze_within_slow_motion_ends_where_it_began():
    told = Told(SetGates(False, 0.5))
    told.hold("a")
    await asyncio.sleep(0.35)
    told.gates.set(SetGates(True, 0.5))
    await asyncio.sleep(0.3)
    assert told.passed == []
    told.gates.set(SetGates(False, 0.5))
    assert told.passed == []
    began = time.monotonic()
    while not told.passed:
        await asyncio.sleep(0.01)
    assert time.monotonic() - began < 0.35, "what it had been held counts"


@run
async def test_that_slow_motion_lets_one_after_the_other_through():
    told = Told(SetGates(speed=0.25 / 0.05))  # faster than it goes: nothing is held
    assert told.gates.is_open
    told.gates.set(SetGates(speed=0.9))
    began = time.monotonic()
    for name in "abc":
        told.hold(name)
    while len(told.passed) < 2:
        await asyncio.sleep(0.01)
    assert time.monotonic() - began > 2 * 0.25 / 0.9
    told.gates.set(SetGates(True, 0.9))
    await asyncio.sleep(0.4)
    assert told.passed == ["a", "b"]
    told.gates.set(SetGates())
    assert told.passed == ["a", "b", "c"]


@run
async def test_that_a_new_run_throws_away_what_is_held():
    told = Told(SetGates(True))
    told.hold("a")
    waiting = asyncio.create_task(told.gates.passed("send", channel="http.request", connection="c3", n=0))
    await asyncio.sleep(0)
    told.gates.set(SetGates(forgets=True))
    with pytest.raises(Forgotten):
        await waiting
    assert told.passed == []
    assert all(event.is_dropped for event in told.said if isinstance(event, e.MessagePassed))
    told.gates.set(SetGates())
    assert told.passed == []


@run
async def test_that_time_does_not_count_while_everything_stands_still():
    running = RunningTime(asyncio.get_running_loop())
    called = []
    running.later(0.05, lambda: called.append("later"))
    running.set_rate(0.0)
    waiting = asyncio.create_task(running.within(0.05, asyncio.Event().wait))
    await asyncio.sleep(0.25)
    assert running.stands_still
    assert called == []
    assert not waiting.done()
    assert running.lost == pytest.approx(0.25, abs=0.1)
    running.set_rate(1.0)
    with pytest.raises(TimeoutError):
        await waiting
    await asyncio.sleep(0.15)
    assert called == ["later"]
    assert await running.within(1.0, lambda: asyncio.sleep(0, "there")) == "there"


def test_that_a_connection_is_no_older_after_a_standstill():
    times = {"_opened": 10.0, "_heard": 95.0, "_pinged": 50.0, "_slow_since": 0.0, "_ended": 0.0}
    connection = SimpleNamespace(**times)
    WebSocketConnection.put_off(connection, 30.0, now=100.0)
    assert vars(connection) == {"_opened": 40.0, "_heard": 100.0, "_pinged": 80.0, "_slow_since": 0.0, "_ended": 0.0}
