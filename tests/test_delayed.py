# SPDX-License-Identifier: GPL-3.0-or-later
"""Delayed messages of somebody's own project: slow motion slows their delays down, a freeze holds them."""

import sqlite3
import time
from datetime import UTC, datetime

import pytest

from app import events as e
from app.layer import RedisChannelLayer
from app.live.delays import STAY, Move
from tests.live_fixture import live_lab
from tests.own_project import prepared
from tests.test_freezing import freeze, thaw

LOOK = 1.0  # seconds between two looks of a delay server at what is due
BUSY = 0.5  # seconds that a busy machine may take


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return prepared(tmp_path_factory.mktemp("delayed"))


def options(folder):
    return {"project": str(folder), "django_settings": "project.settings", "routing": "project.routing.channel_routing"}


@pytest.fixture(scope="module")
def running(folder):
    with live_lab(**options(folder)) as live:
        live.until_working(2)
        yield live


@pytest.fixture
def live(running):
    """Two workers, each a delay server, that have nothing to do and go as usual; so it is left, too."""
    running.quiet()
    running.events.clear()
    yield running
    running.lab.thaw().result(5)
    running.lab.set_speed(1.0).result(5)
    running.lab.start_workers().result(10)
    running.until_working(2)


def delay(live, milliseconds):
    """Send a message through the delay server; returns when it was kept."""
    layer = RedisChannelLayer(hosts=[live.lab._live.redis_url("layer")])
    content = {"room": "lobby", "message": "late"}
    layer.send("asgi.delay", {"channel": "chat-messages", "delay": milliseconds, "content": content})
    layer.close()
    return live.until_event(e.ConsumerFinished).t


def counted(live, kept, seconds=15.0):
    """Wait until the delayed message is sent; returns how many seconds of the live system's time that took."""
    sent = live.until_event(e.MessageSent, channel="chat-messages", seconds=seconds)
    return live.state.clock.between(kept, sent.t)


def due_in(folder):
    """In how many real seconds each message is due, as the database has it."""
    with sqlite3.connect(folder / "db.sqlite3") as database:
        dates = database.execute("SELECT due_date FROM channels_delay_delayedmessage").fetchall()
    database.close()
    return [(datetime.fromisoformat(date).replace(tzinfo=UTC)).timestamp() - time.time() for (date,) in dates]


def test_that_a_message_delayed_in_slow_motion_comes_as_much_later(live):
    live.lab.set_speed(0.25).result(5)
    assert 0.75 - BUSY / 4 < counted(live, delay(live, 750)) < 0.75 + (LOOK + BUSY) / 4


def test_that_what_waits_already_is_slowed_down_and_speeds_up_again(live, folder):
    kept = delay(live, 3000)
    live.lab.set_speed(0.2).result(5)
    (slow,) = due_in(folder)
    assert slow > 10
    time.sleep(2.0)
    live.lab.set_speed(1.0).result(5)
    (fast,) = due_in(folder)
    assert 2.0 < fast < 2.7
    assert 2.9 < counted(live, kept) < 3.0 + LOOK + BUSY


def test_that_a_freeze_holds_what_is_delayed_and_counts_no_time(live):
    kept = delay(live, 1500)
    freeze(live)
    time.sleep(2.5)
    live.pour()
    assert not live.of(e.MessageSent, channel="chat-messages")
    thaw(live)
    assert 1.4 < counted(live, kept) < 1.5 + LOOK + BUSY


def test_that_a_change_of_speed_within_a_freeze_counts_from_the_thaw(live):
    kept = delay(live, 1000)
    freeze(live)
    live.lab.set_speed(0.5).result(5)
    time.sleep(1.5)
    thaw(live)
    assert 0.9 < counted(live, kept) < 1.0 + (LOOK + BUSY) / 2


def test_that_a_worker_of_later_does_what_none_was_there_for(live, folder):
    kept = delay(live, 1500)
    freeze(live)
    for worker in ("worker-1", "worker-2"):
        live.lab.signal_worker(worker, "KILL")
    live.until_event(e.WorkerExited, 2)
    time.sleep(2.0)
    thaw(live)
    assert due_in(folder)[0] < 0
    live.lab.start_workers().result(10)
    assert counted(live, kept) > 1.4


def test_that_one_delay_server_that_is_killed_or_stopped_leaves_it_to_the_other(live, folder):
    kept = delay(live, 4000)
    live.lab.signal_worker("worker-1", "STOP").result(5)
    live.until_event(e.WorkerStopped)
    live.lab.set_speed(0.5).result(5)
    (left,) = due_in(folder)
    assert 5.0 < left < 8.0
    live.lab.signal_worker("worker-1", "KILL").result(5)
    live.lab.set_speed(1.0).result(5)
    assert 3.9 < counted(live, kept) < 4.0 + LOOK + BUSY


def test_that_after_the_end_of_a_run_slow_or_frozen_the_rows_are_due_in_real_time(folder):
    with live_lab(**options(folder), workers=1) as live:
        live.until_working(1)
        live.lab.set_speed(0.1).result(5)
        delay(live, 60_000)
        assert due_in(folder)[0] > 500
    (left,) = due_in(folder)
    assert 55 < left < 60
    due = time.time() + left
    with live_lab(**options(folder), workers=1) as live:
        live.until_working(1)
        freeze(live)
        time.sleep(1.5)
    live.pour()
    assert time.time() + due_in(folder)[0] == pytest.approx(due + live.of(e.Thawed)[0].seconds, abs=0.1)


def test_that_moves_follow_one_another():
    slow, later = Move.stretched(100.0, 4.0), Move.later(5.0)
    both = slow.then(later)
    assert both.factor * 110.0 + both.offset == 145.0
    assert slow.then(Move.stretched(140.0, 0.25)) == Move(1.0, 30.0)  # of forty ten had counted
    assert STAY.then(slow) == slow.then(STAY) == slow
