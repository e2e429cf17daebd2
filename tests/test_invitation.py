# SPDX-License-Identifier: GPL-3.0-or-later
"""Invited workers: one line joins, the Stage shows whose machine it is, and leaving closes the door (L5, M8)."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import events as e
from app.invitation import TOLD, USER, Hello, batch_of, parts_of
from tests.live_fixture import live_lab
from tests.redis_fixture import own_redis, wait_until

__all__ = ["own_redis"]

ROOT = Path(__file__).parent.parent
ELSEWHERE = "127.0.0.3"  # another address of this machine, in the place of that of a network
HOST = socket.gethostname().partition(".")[0]


@pytest.fixture(scope="module")
def shared():
    with live_lab(workers=1) as live:
        live.until_working(1)
        yield live


@pytest.fixture
def live(shared):
    shared.lab.reset().result(20)
    shared.until_working(1)
    shared.events.clear()
    yield shared
    shared.lab.invite(False).result(10)
    shared.until(lambda: shared.state.sources.get("invitation") is None or not is_open(shared), "the end of it")


def is_open(live):
    return live.state.sources["invitation"].status == "ready"


def invited(live):
    live.lab.invite(address=ELSEWHERE).result(10)
    return live.until_event(e.SourceReady, name="invitation").detail


class Laptop:
    """A worker that somebody starts elsewhere with the line that the window shows."""

    def __init__(self, code, *more, **variables):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CHANNELSCOPE")}
        environment |= variables
        self.popen = subprocess.Popen(
            [sys.executable, "main.py", "worker", "--join", code, *more],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait(10)
        self.popen.stdout.close()


def on_stage(live, name):
    return live.until(
        lambda: (worker := live.state.workers.get(name)) and worker.status == "idle" and worker, f"{name} is there", 30
    )


def only_the_guest_works(live):
    live.lab.assign_channels("worker-1", exclude=["websocket.receive"]).result(20)
    live.until(lambda: "websocket.receive" not in live.state.workers["worker-1"].channels, "worker-1 leaves it alone")


def test_that_a_worker_joins_with_one_line_shows_its_host_and_does_its_share(live):
    with Laptop(invited(live)) as laptop:
        guest = on_stage(live, HOST)
        assert (guest.host, guest.pid, guest.channels) == (HOST, laptop.popen.pid, ("websocket.receive",))
        live.join("ada")
        only_the_guest_works(live)
        live.lab.send_text("ada", "who works?")
        taken = live.until_event(e.MessageReceived, source=HOST)
        live.until_event(e.ConsumerFinished, worker=HOST, key=taken.key)
        handed_on = live.until_event(e.MessageSent, source=HOST, cause=taken.key)
        assert handed_on.channel == "chat.line"
        told = live.until_event(e.MessageSent, cause=handed_on.key)
        assert b'"username": "ada"' in told.body  # the session and the database are here
        assert b"who works?" in told.body
        laptop.popen.send_signal(signal.SIGTERM)
        assert laptop.popen.wait(10) == 0
        live.until_event(e.WorkerExited, worker=HOST, status=0, signal="")
        assert len(live.of(e.WorkerStarted, worker=HOST)) == 1


def test_that_a_guest_that_is_killed_is_missed_with_the_message_it_held(live):
    with Laptop(invited(live), CHANNELSCOPE_CONSUMER_SECONDS="60") as laptop:
        on_stage(live, HOST)
        live.join("ada")
        only_the_guest_works(live)
        live.lab.send_text("ada", "into the dark")
        key = live.until_event(e.ConsumerStarted, worker=HOST).key
        assert live.state.workers[HOST].status == "running"
        laptop.popen.kill()
        live.until_event(e.WorkerExited, worker=HOST, status=-1)
        live.until_event(e.MessageLost, key=key, worker=HOST, reason="worker killed")


def test_that_a_guest_cannot_be_killed_from_here(live):
    with Laptop(invited(live)) as laptop:
        on_stage(live, HOST)
        live.lab.signal_worker(HOST, "KILL").result(10)
        live.until_event(e.VerbFailed, verb="signal_worker")
        live.lab.kill_all_workers().result(10)
        live.until_event(e.WorkerExited, worker="worker-1")
        assert laptop.popen.poll() is None
        assert live.state.workers[HOST].status == "idle"


def test_that_a_second_guest_of_the_same_machine_has_a_number_and_a_reset_forgets_nobody(live):
    code = invited(live)
    with Laptop(code, "--name", "lena"), Laptop(code, "--name", "lena"):  # at the same moment
        on_stage(live, "lena")
        on_stage(live, "lena-2")
        live.lab.reset().result(20)
        on_stage(live, "lena")
        on_stage(live, "lena-2")


def test_that_leaving_closes_the_door_and_the_guest_goes(live):
    code = invited(live)
    host, port, _ = parts_of(code)
    with Laptop(code) as laptop:
        on_stage(live, HOST)
        live.lab.invite(False).result(10)
        live.until_event(e.SourceFinished, name="invitation")
        assert live.state.workers[HOST].status == "exited"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, port), timeout=5)
        assert laptop.popen.wait(20) == 0
        assert "The invitation is over" in laptop.popen.stdout.read()
    with Laptop(code) as late:
        assert late.popen.wait(20) == 2
        assert f"nobody answers at {host}:{port}" in late.popen.stdout.read()


def test_that_a_wrong_token_and_a_wrong_line_are_refused_with_the_reason(live):
    host, port, _ = parts_of(invited(live))
    for code, reason in (
        (f"{host}:{port}/aaaa-bbbb-cccc", "the token is wrong or the invitation is over"),
        ("somewhere", "is no invitation: expected HOST:PORT/TOKEN"),
    ):
        with Laptop(code) as laptop:
            assert laptop.popen.wait(20) == 2
            assert reason in laptop.popen.stdout.read()


def test_that_the_port_is_open_for_guests_only_and_they_may_do_only_what_a_worker_does(live):
    host, port, token = parts_of(invited(live))
    for user in ("default", "layer", "inspector", "console", "admin"):
        for password in ("", "x", token):
            once = Retry(NoBackoff(), 0)
            client = redis.Redis(host=host, port=port, username=user, password=password, protocol=2, retry=once)
            with client, pytest.raises((redis.AuthenticationError, redis.ResponseError)):
                client.ping()
    with redis.Redis(host=host, port=port, username=USER, password=token, protocol=2) as guest:
        assert guest.ping()
        for command in (("FLUSHDB",), ("CONFIG", "GET", "*"), ("KEYS", "*"), ("GET", "other"), ("ACL", "LIST"),
                        ("SUBSCRIBE", TOLD), ("PUBLISH", "x", "y"), ("SHUTDOWN",)):  # fmt: skip
            with pytest.raises(redis.exceptions.NoPermissionError):
                guest.execute_command(*command)


def test_that_a_guest_can_say_nothing_of_others_and_only_what_workers_say(live):
    host, port, token = parts_of(invited(live))
    from app.codec import encode

    lies = [
        e.WorkerExited(t=0, source="lab", worker="worker-1", signal="KILL"),
        e.SourceFailed(t=0, source="mallory", name="server", reason="a lie"),
        e.LogLine(t=0, source="worker-1", text="a lie"),
        e.LogLine(t=0, source="mallory", text="the truth"),
    ]
    with redis.Redis(host=host, port=port, username=USER, password=token, protocol=2) as guest:
        for name in ("worker-1", "mallory", "../etc", ""):
            hello = Hello(worker=name, host="h", pid=1, now=0.0)
            guest.publish(TOLD, batch_of(hello, [encode(lie) for lie in lies]))
        guest.publish(TOLD, b"\xff\xfe no batch")
        live.until_event(e.LogLine, text="the truth")
    assert not live.of(e.LogLine, text="a lie")
    assert not live.of(e.SourceFailed)
    assert live.state.workers["worker-1"].status == "idle"
    live.until_event(e.WorkerExited, worker="mallory")  # who has no connection of that name is not there


def test_that_an_invitation_outlives_a_new_redis_and_its_guest_comes_back(live):
    code = invited(live)
    with Laptop(code):
        on_stage(live, HOST)
        live.lab.restart_redis().result(10)
        live.until_event(e.RedisBack, source=HOST, seconds=30)  # it may be back before it is missed
        on_stage(live, HOST)


def test_that_a_redis_of_somebody_elses_is_not_opened(own_redis):
    with live_lab(redis=own_redis.url, workers=0) as live:
        live.lab.invite(address=ELSEWHERE).result(10)
        assert "--redis" in live.until_event(e.VerbFailed, verb="invite").reason


def test_that_the_clock_of_another_machine_does_not_disturb_times():
    import time

    from app.codec import encode
    from app.sources.guests import Guests

    told = []
    guests = Guests(told.append, lambda name: False)
    then = time.time() - 3600
    hello = Hello(worker="late", host="h", pid=1, now=then)
    guests.take(batch_of(hello, [encode(e.LogLine(t=then - 1, source="late", text="x"))]))
    assert abs(told[-1].t - (time.time() - 1)) < 0.5


def test_that_nothing_of_an_invitation_is_left():
    with live_lab(workers=0) as live:
        invited(live)
        (redis_pid,) = [live.state.sources["redis"].pid]
        assert psutil.pid_exists(redis_pid)
    wait_until(lambda: not psutil.pid_exists(redis_pid), "Redis is gone")
