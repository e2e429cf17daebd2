# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of one socket that workers take in another order than they were sent in."""

import pytest

from app import events as e
from app.channels import Message, route
from app.channels.defaults import router_with_defaults
from app.channels.exceptions import ConsumeLater
from app.channels.sessions import enforce_ordering, session_for_reply_channel, wait_channel_name
from app.worker.hooks import Hooks
from app.worker.loop import Worker
from tests.checklist import row

pytestmark = pytest.mark.usefixtures("database")
REPLY = "daphne.response.a!b"
WAITING = "__wait__.daphne.response.a?b"


@pytest.fixture
def work(layer):
    """A function that sends orders, lets a worker consume until nothing is left, and returns what ran."""

    def work(*orders, consumer=None, **options):
        ran = work.ran = []
        consumer = consumer or (lambda message: ran.append(message["order"]))
        routing = [route("websocket.receive", enforce_ordering(consumer, **options))]
        work.said = []
        worker = Worker(layer, router_with_defaults(routing), work.said.append, hooks=Hooks())
        for order in orders:
            layer.send("websocket.receive", {"reply_channel": REPLY, "order": order})
        while worker.step():
            pass
        return ran

    return work


@row("order: enforce_ordering", "order: session-key", "order: wait-channel")
def test_that_consumers_run_in_the_order_of_the_socket_and_what_comes_early_waits(work, layer):
    assert work(2, 1) == []
    assert wait_channel_name(REPLY) == WAITING
    assert session_for_reply_channel(REPLY).get("__channels_next_order", 0) == 0
    waiting = layer.receive([WAITING])[1]
    assert (waiting["order"], waiting["original_channel"]) == (2, "websocket.receive")
    layer.send(WAITING, waiting)
    assert work(0) == [0, 1, 2]
    assert session_for_reply_channel(REPLY)["__channels_next_order"] == 3
    assert layer.receive([WAITING]) == (None, None)


def test_that_each_socket_has_an_order_of_its_own(work, layer):
    work(0)
    layer.send("websocket.receive", {"reply_channel": "daphne.response.a!other", "order": 0})
    assert work() == [0]


def test_that_a_message_that_waited_is_told_as_taken_by_the_one_that_let_it_go(work):
    work(1)
    (sent,) = [event for event in work.said if isinstance(event, e.MessageSent)]
    work(0)
    (taken,) = [event for event in work.said if isinstance(event, e.MessageReceived) and event.cause]
    assert (taken.key, taken.channel) == (sent.key, WAITING)
    assert any(isinstance(event, e.MessageSent) and event.cause == taken.cause for event in work.said)


def test_that_a_consumer_that_raises_does_not_stop_those_after_it(work):
    def fail(message):
        work.ran.append(message["order"])
        raise RuntimeError("on purpose")

    assert work(1, 0, consumer=fail) == [0, 1]


def test_that_a_message_that_is_consumed_later_keeps_its_turn(work):
    def later_once(message):
        if "__retries__" not in message:
            raise ConsumeLater
        work.ran.append(message["order"])

    assert work(0, 1, consumer=later_once) == [0, 1]


def test_that_a_turn_that_comes_while_a_message_goes_to_wait_is_noticed(work, layer, monkeypatch):
    """Another worker finishes order 0 after this one has looked and before its message lies in the wait channel."""
    from app.channels import ordering

    def finish_order_0(name):
        session = session_for_reply_channel(REPLY)
        session["__channels_next_order"] = 1
        session.save()
        return wait_channel_name(name)

    with monkeypatch.context() as patch:
        patch.setattr(ordering, "wait_channel_name", finish_order_0)
        ran = work(1)
    assert ran == [1]


@row("order: slight")
def test_that_slight_ordering_is_the_connect_first_and_then_any_order(work):
    assert work(3, slight=True) == []
    assert work(0, slight=True) == [0, 3]
    assert work(2, 1, slight=True) == [2, 1]


def test_that_a_message_without_an_order_or_a_reply_channel_is_refused():
    consumer = enforce_ordering(lambda message: None)
    with pytest.raises(ValueError, match="order"):
        consumer(Message({"reply_channel": REPLY}, "websocket.receive"))
    with pytest.raises(ValueError, match="reply_channel"):
        consumer(Message({"order": 0}, "websocket.receive"))
