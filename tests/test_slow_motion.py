# SPDX-License-Identifier: GPL-3.0-or-later
"""Slow motion of the real system: the clock of real Redis goes as slowly as everything else."""

import time

import pytest

from app import events as e
from app.entities import Fate
from app.live.slow_clock import Life, aged, given
from tests.live_fixture import live_lab
from tests.test_freezing import admin, freeze, look, thaw

EXPIRY = 20
AHEAD = 200  # milliseconds that PTTL may say too much (app/live/slow_clock.py)
TOLERANCE = 120  # milliseconds: half a look, and a busy machine


# --- what one look makes of a key ---


def test_that_a_key_ages_by_the_speed_and_one_that_was_renewed_is_half_as_old_as_the_look():
    life = Life(left=1000.0, given=1180.0, at=5000.0)
    assert aged(life, 1080.0, 5100.0, 5000.0, 0.1) == 990.0
    assert aged(life, 60_000.0, 5100.0, 5000.0, 0.1) == 60_045.0
    assert aged(None, 60_000.0, 5100.0, 5000.0, 0.1) == 60_045.0
    assert aged(None, 60_000.0, 5100.0, 5000.0, 1.0) == 60_000.0


def test_that_a_key_never_expires_too_early_and_what_is_due_before_the_next_look_is_due_on_time():
    assert given(10_000.0, 200.0, 0.1) == 10_180.0
    assert given(5.0, 200.0, 0.1) == 50.0
    assert given(10_000.0, 200.0, 1.0) == 10_000.0
    assert given(-3.0, 200.0, 0.1) == 1.0


# --- the real system ---


@pytest.fixture(scope="module")
def running():
    with live_lab(workers=1, expiry=EXPIRY, group_expiry=60) as live:
        live.until_working()
        live.join("ada")
        yield live


@pytest.fixture
def live(running):
    """Three messages that nobody takes, in a system that goes as usual; so it is left, too."""
    running.quiet()
    running.events.clear()
    running.lab.signal_worker("worker-1", "KILL")
    running.until_event(e.WorkerExited)
    running.lab.send_text("ada", "waiting", count=3)
    running.until_event(e.MessageSent, 3, channel="websocket.receive")
    yield running
    running.lab.set_speed(1.0).result(5)
    running.lab.thaw().result(5)
    running.lab.start_workers().result(10)
    running.until_working()


def aged_by(before, after):
    """Return by how many milliseconds each key has aged; counters of what is sent meanwhile are no matter."""
    return {name: before[name] - after[name] for name in before if after.get(name, -2) >= 0}


def joined_at(live):
    """Return when Ada's channel joined the room, as Redis has it."""
    with admin(live) as client:
        ((_, joined),) = client.zrange(f"asgi::group:{next(iter(live.state.groups))}", 0, -1, withscores=True)
    return joined


def test_that_at_a_tenth_of_the_speed_a_life_loses_a_tenth_and_then_goes_on_exactly(live):
    before, began = look(live)
    joined = joined_at(live)
    live.lab.set_speed(0.1).result(5)
    time.sleep(3.0)
    slow, now = look(live)
    passed = 1000 * (now - began)
    lived = aged_by(before, slow)
    assert len(lived) == len(before) >= 5
    wrong = {
        name: ms for name, ms in lived.items() if not passed / 10 - AHEAD - TOLERANCE < ms < passed / 10 + TOLERANCE
    }
    assert not wrong, passed / 10
    live.lab.set_speed(1.0).result(5)
    time.sleep(0.5)
    after, later = look(live)
    live.pour()
    slowed, full = (event.t for event in live.of(e.SpeedSet))
    assert joined_at(live) - joined == pytest.approx(0.9 * (full - slowed), abs=0.1), "its membership is no older"
    passed = 1000 * ((slowed - began) + 0.1 * (full - slowed) + (later - full))
    assert {name: ms for name, ms in aged_by(before, after).items() if abs(ms - passed) > TOLERANCE} == {}, passed
    live.lab.start_workers().result(10)
    live.until(lambda: len(live.of(e.ConsumerFinished)) == 3, "all three were handled")
    assert live.state.fates[Fate.EXPIRED] == 0


def test_that_a_freeze_within_slow_motion_and_a_change_of_speed_change_nothing_else(live):
    before, began = look(live)
    live.lab.set_speed(0.1).result(5)
    time.sleep(0.7)
    frozen = freeze(live)
    assert set(look(live)[0].values()) == {-1}
    time.sleep(1.0)
    thawed = thaw(live)
    time.sleep(0.7)
    live.lab.set_speed(0.5).result(5)
    time.sleep(0.7)
    live.lab.set_speed(1.0).result(5)
    after, now = look(live)
    live.pour()
    slow, half, full = (event.t for event in live.of(e.SpeedSet))
    counted = slow - began + 0.1 * (frozen.t - slow + half - thawed.t) + 0.5 * (full - half) + now - full
    wrong = {name: ms for name, ms in aged_by(before, after).items() if abs(ms - 1000 * counted) > TOLERANCE}
    assert not wrong, counted
    assert live.state.clock.between(began, now) == pytest.approx(counted, abs=0.05)


def test_that_what_is_made_in_slow_motion_lives_as_slowly_and_the_window_knows_how_long(live):
    live.lab.set_speed(0.1).result(5)
    live.lab.watch_keys(True)
    live.lab.send_text("ada", "made in slow motion")
    sent = live.until_event(e.MessageSent, 4, channel="websocket.receive")
    name = "asgi:" + sent.key
    time.sleep(1.5)
    keys = live.until_event(e.KeysSeen, 1 + len(live.of(e.KeysSeen)))
    left = next(key.ttl for key in keys.keys if key.name == name)
    assert left == pytest.approx(EXPIRY - 0.1 * (keys.t - sent.t), abs=0.12)
    assert left == pytest.approx(live.state.left(live.state.messages[sent.key], keys.t), abs=0.12)
    live.lab.watch_keys(False)


def test_that_what_is_due_expires_ten_times_as_late(live):
    with admin(live) as client:
        key = live.of(e.MessageSent, channel="websocket.receive")[0].key
        client.pexpire(f"asgi:{key}", 250)
        live.lab.set_speed(0.1).result(5)
        began = time.time()
        expired = live.until_event(e.MessageExpired, key=key)
        assert expired.t - began == pytest.approx(2.4, abs=0.4)
