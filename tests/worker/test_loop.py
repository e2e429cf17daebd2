# SPDX-License-Identifier: GPL-3.0-or-later
import threading

import pytest

from app import events as e
from app.channels.defaults import router_with_defaults
from app.lines import EACH, line_of
from app.worker.application import chosen
from app.worker.loop import Worker
from tests.checklist import row
from tests.redis_fixture import wait_until
from tests.worker.consumers import routing


@pytest.fixture
def worker(layer):
    worker = Worker(layer, router_with_defaults(routing), name="worker-1", say=lambda event: worker.said.append(event))
    worker.said = []
    return worker


def kinds(worker):
    return [type(event) for event in worker.said]


@row("W-01")
def test_that_a_message_is_taken_consumed_and_its_effect_names_its_cause(worker, layer):
    key = layer.post("answer", {"n": 1}).key
    assert worker.step()
    assert kinds(worker) == [e.MessageReceived, e.ConsumerStarted, e.MessageSent, e.ConsumerFinished]
    assert {event.key for event in worker.said if not isinstance(event, e.MessageSent)} == {key}
    assert worker.said[1].consumer == "tests.worker.consumers.answer"
    assert worker.said[2].cause == key
    assert layer.receive(["answers"]) == ("answers", {"n": 1})
    assert not worker.step()


@row("W-04")
def test_that_a_consumer_that_raises_is_reported_from_its_own_line_and_the_next_message_is_handled(worker, layer):
    layer.send("broken", {})
    worker.step()
    failed = worker.said[-1]
    assert (failed.error, failed.consumer) == ("RuntimeError: broken on purpose", "tests.worker.consumers.broken")
    assert 'raise RuntimeError("broken on purpose")' in failed.traceback
    assert "app/worker" not in failed.traceback
    assert layer.receive(["answers"]) == ("answers", {"n": "sent before it broke"})
    layer.send("answer", {"n": 2})
    worker.step()
    assert layer.receive(["answers"]) == ("answers", {"n": 2})


class OwnRoute:
    """A route of the application's own, which trusts what comes."""

    def channel_names(self):
        return {"own"}

    def match(self, message):
        return (message["there"], {}) if message.channel.name == "own" else None


@row("W-04")
@pytest.mark.parametrize(
    ("channel", "content", "said"),
    [
        ("leaves", {}, "SystemExit: 3"),
        ("own", {}, "KeyError: 'there'"),
        ("answer", {"n": 1, "__retries__": "x"}, "TypeError: '>=' not"),
        ("answer", {"n": 1, "reply_channel": "not possible"}, "TypeError: Channel name 'not possible' may have"),
        ("answer", {"n": 1, "reply_channel": ["x"]}, "TypeError: A channel name must be a str, not list"),
    ],
)
def test_that_no_consumer_no_route_and_no_message_ends_a_worker(layer, channel, content, said):
    told = []
    worker = Worker(layer, router_with_defaults([OwnRoute(), *routing]), name="worker-1", say=told.append)
    layer.send(channel, content)
    assert worker.step()
    assert isinstance(told[-1], e.ConsumerFailed)
    assert told[-1].error.startswith(said)
    layer.send("answer", {"n": 2})
    worker.step()
    assert layer.receive(["answers"]) == ("answers", {"n": 2})


@row("W-03")
def test_that_a_message_without_a_route_is_lost_with_its_reason(worker, layer):
    key = layer.post("filtered", {"path": "/other/"}).key
    worker.step()
    assert kinds(worker) == [e.MessageReceived, e.MessageLost, e.LogLine]
    assert (worker.said[1].key, worker.said[1].reason) == (key, "no route")


def test_that_an_unreadable_message_is_lost_with_its_reason(worker, layer, redis_server):
    client = redis_server.client()
    client.set("asgi:" + "f" * 32, "garbage")
    client.rpush("asgi:answer", "asgi:" + "f" * 32)
    worker.step()
    assert [event.reason for event in worker.said if isinstance(event, e.MessageLost)] == ["unreadable"]


def test_that_ghosts_are_told(worker, layer, redis_server):
    layer.expiry = 1
    key = layer.post("answer", {"n": 1}).key
    wait_until(lambda: not redis_server.client().exists("asgi:" + key), "the message expires")
    worker.step()
    assert [(type(event), event.channel, event.keys) for event in worker.said] == [(e.GhostsPassed, "answer", (key,))]


@row("W-05")
def test_that_consume_later_puts_a_message_back_ten_times_and_then_drops_it(worker, layer):
    layer.send("later", {})
    steps = 0
    while worker.step():
        steps += 1
    assert steps == 11
    assert kinds(worker).count(e.MessageSent) == 10 + 1
    assert any("Dropped after 10 retries" in event.text for event in worker.said if isinstance(event, e.LogLine))
    assert layer.receive(["answers"]) == ("answers", {"n": 10})  # it knew that this was the last time


@row("W-06")
def test_that_deny_connection_closes_a_handshake_and_is_an_error_elsewhere(worker, layer):
    layer.send("websocket.connect", {"reply_channel": "server.x!bob", "path": "/deny/"})
    worker.step()
    assert layer.receive(["server.x!"]) == ("server.x!bob", {"close": True})
    layer.send("denied", {})
    worker.step()
    assert worker.said[-1].error.startswith("ValueError")


def test_that_a_connection_nobody_decides_on_is_accepted(worker, layer):
    layer.send("websocket.connect", {"reply_channel": "server.x!bob", "path": "/other/"})
    worker.step()
    assert layer.receive(["server.x!"]) == ("server.x!bob", {"accept": True})


@row("W-07")
@pytest.mark.parametrize(("code", "close"), [(None, True), (1000, 1000), (4001, 4001)])
def test_that_a_socket_is_closed_by_an_exception_whatever_its_reply_channel_is_called(worker, layer, code, close):
    layer.send("websocket.receive", {"reply_channel": "daphne.response.x!bob", "path": "/close/", "code": code})
    worker.step()
    assert layer.receive(["daphne.response.x!"]) == ("daphne.response.x!bob", {"close": close})
    assert kinds(worker)[-1] is e.ConsumerFinished


@row("W-07")
def test_that_such_an_exception_is_an_error_elsewhere_and_with_a_code_that_is_not_an_applications_own(worker, layer):
    layer.send("closed", {"reply_channel": "daphne.response.x!bob", "code": None})
    layer.send("websocket.receive", {"reply_channel": "daphne.response.x!bob", "path": "/close/", "code": 1001})
    worker.step()
    worker.step()
    assert [event.error[:10] for event in worker.said if isinstance(event, e.ConsumerFailed)] == ["ValueError"] * 2
    assert layer.receive(["daphne.response.x!"]) == (None, None)


@row("W-07")
def test_that_an_exception_of_ones_own_says_what_is_done_with_the_message(worker, layer):
    layer.send("elsewhere", {})
    worker.step()
    assert layer.receive(["answers"]) == ("answers", {"n": "elsewhere"})


@row("W-01")
def test_that_a_worker_without_any_channel_waits_and_does_not_burn_the_processor(layer):
    looks = []
    worker = Worker(layer, router_with_defaults(routing), channels=[])
    worker.step = lambda block: looks.append(block)
    running = threading.Thread(target=worker.run)
    running.start()
    wait_until(lambda: len(looks) >= 2, "two looks")
    worker.stop()
    running.join(10)
    assert len(looks) < 10


@row("W-02")
def test_that_only_and_exclude_choose_channels_by_glob():
    names = ["http.request", "websocket.connect", "websocket.receive"]
    assert chosen(names, [], []) == names
    assert chosen(names, ["websocket.*", "http.*"], ["*.receive"]) == ["http.request", "websocket.connect"]


def test_that_a_person_reads_lines(worker, layer):
    layer.send("answer", {"n": 1})
    layer.send("broken", {})
    worker.step()
    worker.step()
    text = "\n".join(line_of(event) for event in worker.said if type(event) in EACH)
    assert "runs tests.worker.consumers.answer" in text
    assert "broken on purpose" in text
