# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers as processes: what the lab reads from their pipes, and how they end."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import events as e
from app import orders
from tests.checklist import row
from tests.processes import events_in
from tests.redis_fixture import wait_until

ROOT = Path(__file__).parent.parent.parent


class Process:
    """A worker as a child: its events as they come."""

    def __init__(self, url, *more, routing="tests.worker.consumers.routing"):
        command = [sys.executable, "-m", "app.worker", "--redis", url, "--name", "worker-1", "--child"]
        command += ["--settings", "", "--routing", routing, *more]
        self.popen = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.events, self.printed = [], []
        self._readers = [
            threading.Thread(target=self.events.extend, args=(events_in(self.popen.stdout),)),
            threading.Thread(target=self.printed.extend, args=(map(bytes.decode, self.popen.stderr),)),
        ]
        for reader in self._readers:
            reader.start()

    def first(self, kind, seconds=10.0):
        def found():
            return next((event for event in self.events if isinstance(event, kind)), None)

        return wait_until(found, f"{kind.__name__} from the worker; it said {self.events} {self.printed}", seconds)

    def end(self):
        if self.popen.poll() is None:
            self.popen.kill()
        self.popen.wait(10)
        for reader in self._readers:
            reader.join()
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            pipe.close()


@contextmanager
def started(url, *more, **kwargs):
    process = Process(url, *more, **kwargs)
    try:
        process.first(e.WorkerReady)
        yield process
    finally:
        process.end()


def arrived(layer, channel):
    return wait_until(lambda: layer.receive([channel])[1], f"a message on {channel}")


def test_that_a_worker_consumes_what_is_sent_and_its_prints_stay_out_of_its_events(layer, redis_url):
    with started(redis_url) as worker:
        key = layer.post("answer", {"n": 1}).key
        assert arrived(layer, "answers") == {"n": 1}
        assert worker.first(e.ConsumerFinished).key == key
        assert worker.first(e.MessageSent).cause == key
        wait_until(lambda: "a consumer prints\n" in worker.printed, "the print")
        assert "answer" in worker.first(e.WorkerReady).channels


def test_that_a_worker_goes_on_after_a_consumer_raised(layer, redis_url):
    with started(redis_url) as worker:
        layer.send("broken", {})
        assert "broken on purpose" in worker.first(e.ConsumerFailed).traceback
        layer.send("answer", {"n": 2})
        assert worker.first(e.ConsumerFinished)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_that_an_idle_worker_leaves_at_once_when_told_to(redis_url, redis_server, number):
    with started(redis_url) as worker:
        wait_until(lambda: redis_server.client().info("clients")["blocked_clients"], "the worker waits")
        began = time.monotonic()
        worker.popen.send_signal(number)
        assert worker.popen.wait(10) == 0
        assert time.monotonic() - began < 1.5


@row("W-10", "W-13")
def test_that_a_busy_worker_finishes_its_message_and_takes_no_other(layer, redis_url):
    with started(redis_url) as worker:
        layer.send("slow", {"seconds": 0.3})
        arrived(layer, "begun")
        layer.send("answer", {"n": "not this one"})
        worker.popen.send_signal(signal.SIGTERM)
        assert worker.popen.wait(10) == 0
        assert arrived(layer, "answers") == {"n": "slow"}
        assert layer.receive(["answers"]) == (None, None)
        assert layer.receive(["answer"])[1] == {"n": "not this one"}
        assert worker.first(e.ConsumerFinished)


def test_that_a_killed_worker_dies_at_once_and_its_message_is_lost(layer, redis_url):
    with started(redis_url) as worker:
        layer.send("slow", {"seconds": 60})
        arrived(layer, "begun")
        worker.popen.kill()
        assert worker.popen.wait(1) == -signal.SIGKILL
        assert layer.receive(["slow", "answers"]) == (None, None)


def test_that_a_worker_obeys_the_order_to_stop(redis_url):
    with started(redis_url) as worker:
        worker.popen.stdin.write(orders.encode(orders.Stop()))
        worker.popen.stdin.flush()
        assert worker.popen.wait(10) == 0


def test_that_a_worker_leaves_when_its_stdin_ends(redis_url):
    with started(redis_url) as worker:
        worker.popen.stdin.close()
        assert worker.popen.wait(10) == 0


def test_that_a_worker_survives_the_loss_of_redis_and_says_so(own_redis):
    from app.layer import RedisChannelLayer

    with started(own_redis.url) as worker:
        own_redis.stop()
        worker.first(e.RedisLost)
        own_redis.start()
        worker.first(e.RedisBack)
        layer = RedisChannelLayer(hosts=[own_redis.url])
        layer.send("answer", {"n": 3})
        assert arrived(layer, "answers") == {"n": 3}
        layer.close()


def test_that_a_worker_without_redis_still_leaves_when_told_to(own_redis):
    with started(own_redis.url) as worker:
        own_redis.stop()
        worker.first(e.RedisLost)
        worker.popen.terminate()
        assert worker.popen.wait(5) == 0


def test_that_a_worker_listens_only_to_what_it_is_told(redis_url):
    with started(redis_url, "--only-channels", "websocket.*", "--exclude-channels", "*.receive") as worker:
        assert worker.first(e.WorkerReady).channels == ("websocket.connect", "websocket.disconnect")


def by_hand(*arguments, **kwargs):
    command = [sys.executable, "-m", "app.worker", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False, **kwargs)


def test_that_a_worker_started_by_hand_speaks_to_people(layer, redis_url):
    command = [sys.executable, "-m", "app.worker", "--redis", redis_url, "--settings", "", "--name", "by-hand"]
    command += ["--routing", "tests.worker.consumers.routing"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as popen:
        assert "by-hand listens to answer" in popen.stdout.readline()
        layer.send("answer", {"n": 1})
        arrived(layer, "answers")
        popen.send_signal(signal.SIGINT)
        assert popen.wait(10) == 0
        rest = popen.stdout.read()
    assert "runs tests.worker.consumers.answer" in rest
    assert "a consumer prints" in rest


def test_that_a_routing_that_is_not_there_is_one_clear_line(redis_url):
    done = by_hand("--redis", redis_url, "--settings", "", "--routing", "tests.worker.consumers.nothing")
    assert (done.returncode, done.stderr) == (2, "channelscope: Module 'tests.worker.consumers' has no 'nothing'.\n")


def test_that_a_project_with_a_package_of_our_name_is_one_clear_line(redis_url, tmp_path):
    (tmp_path / "app").mkdir()
    done = by_hand("--redis", redis_url, "--settings", "", "--project", str(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has an app of its own" in done.stderr


def test_that_redis_must_be_named():
    environment = {name: value for name, value in os.environ.items() if name != "CHANNELSCOPE_REDIS"}
    done = by_hand(env=environment)
    assert done.returncode == 2
    assert "--redis" in done.stderr


def test_that_a_frozen_worker_takes_nothing_but_by_steps_and_leaves_with_the_lab(redis_url, layer):
    layer.send("answer", {"n": 1})
    with started(redis_url, "--frozen", "--threads", "2") as worker:
        worker.first(e.WorkerReady)
        give(worker, orders.Step("consumer"))  # nothing is there, so it is no step
        step(worker, "receive", "answer")
        assert worker.first(e.MessageHeld).gate == "consumer"
        give(worker, orders.Step("consumer"))
        wait_until(lambda: [event.gate for event in worker.events if isinstance(event, e.MessageHeld)][1:], "replies")
        assert layer.receive(["answers"]) == (None, None)
        assert [event.gate for event in worker.events if isinstance(event, e.Stepped)] == ["receive", "consumer"]
        worker.popen.stdin.close()
        assert worker.popen.wait(10) == 0
    assert layer.receive(["answers"]) == (None, None)


def test_that_a_thaw_lets_a_worker_go_on_where_it_was_and_a_freeze_calls_it_back_from_redis(redis_url, layer):
    with started(redis_url) as worker:
        worker.first(e.WorkerReady)
        give(worker, orders.SetGates(True))
        worker.first(e.GatesSet)
        layer.send("answer", {"n": 2})
        time.sleep(0.3)
        assert not [event for event in worker.events if isinstance(event, e.MessageReceived)]
        give(worker, orders.SetGates())
        finished = worker.first(e.ConsumerFinished)
        assert finished.seconds < 0.3
        assert layer.receive(["answers"]) == ("answers", {"n": 2})


def step(worker, gate, channel):
    """Step; once more where nobody did, for a worker is ready a moment before it is at its gate."""
    for _ in range(10):
        give(worker, orders.Step(gate, 0, channel))
        time.sleep(1)
        if any(isinstance(event, e.Stepped) for event in worker.events):
            return
    raise AssertionError("nobody stepped")


def give(worker, order):
    worker.popen.stdin.write(orders.encode(order))
    worker.popen.stdin.flush()
