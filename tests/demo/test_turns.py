# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms that differ in how they keep a socket's messages in order; and the rows that consumers save, as events."""

import json

import pytest

from app import events as e
from app.worker.application import load
from tests.demo.server import served

pytestmark = pytest.mark.usefixtures("database")

BOB = "server.x!bob"


@pytest.fixture(scope="module")
def application(_django):
    return load("app.demo.settings", "app.demo.routing.channel_routing")


@pytest.fixture
def server(layer, application):
    return served(layer, application)


def say(server, room, *orders):
    for order in orders:
        server.say(BOB, json.dumps({"type": "chat", "data": f"line {order}"}), room, order, page="turns")


def answered(server):
    return [text["order"] for text in server.got(BOB) if text.get("type") == "chat"]


def saved(server, table):
    return [event for event in server.said if isinstance(event, e.RowSaved) and event.table == table]


@pytest.mark.parametrize(("room", "expected"), [("unordered", [2, 1]), ("slight", [2, 1]), ("strict", [1, 2])])
def test_that_a_frame_that_was_taken_too_early_waits_only_where_the_order_is_strict(server, room, expected):
    server.connect(BOB, room, page="turns", query=b"name=bob")
    say(server, room, 2, 1)
    assert answered(server) == expected


def test_that_a_frame_before_the_connect_fails_where_nothing_is_ordered_and_waits_where_it_is_slightly(server):
    say(server, "unordered", 1)
    assert answered(server) == []
    [failed] = [event for event in server.said if isinstance(event, e.ConsumerFailed)]
    assert failed.error == "KeyError: 'username'"
    say(server, "slight", 1)
    assert answered(server) == []
    first, *rest = server.connect(BOB, "slight", page="turns", query=b"name=bob")
    assert first == {"accept": True}
    assert [text["type"] for text in rest] == ["welcome", "chat"]


def test_that_a_consumer_starts_with_the_number_of_its_message_on_the_socket(server):
    server.connect(BOB, "unordered", page="turns")
    say(server, "unordered", 1)
    server.work()
    assert [event.order for event in server.said if isinstance(event, e.ConsumerStarted)] == [0, 1]


def test_that_a_row_is_told_with_the_message_it_was_saved_for_and_whether_it_is_new(server):
    from app.channels.sessions import session_key

    server.connect(BOB)
    [connect] = [event for event in server.said if isinstance(event, e.ConsumerStarted)]
    sessions = saved(server, "sessions.session")
    assert {(one.row, one.cause, one.source) for one in sessions} == {(session_key(BOB), connect.key, "worker-1")}
    assert [one.is_new for one in sessions] == [True] + [False] * (len(sessions) - 1)
    server.say(BOB, '{"type": "chat", "data": "hello"}')
    server.work()
    [line] = saved(server, "demo.chatmessage")
    assert line.is_new
    assert line.shows.startswith("lobby: guest-")
    assert not any(one.shows for one in sessions)


def test_that_a_row_that_was_rolled_back_and_one_of_nobodys_are_not_told(server):
    from django.db import transaction

    from app.channels.outbox import Outbox
    from app.demo.models import ChatMessage

    ChatMessage.objects.create(room="lobby", username="bob", text="outside of a consumer")
    with Outbox(server.layer, server.said.append, "worker-1", "k"):
        with transaction.atomic():
            ChatMessage.objects.create(room="lobby", username="bob", text="rolled back")
            transaction.set_rollback(True)
        with transaction.atomic():
            kept = ChatMessage.objects.create(room="lobby", username="bob", text="kept")
            assert saved(server, "demo.chatmessage") == []
    assert [one.row for one in saved(server, "demo.chatmessage")] == [str(kept.pk)]
