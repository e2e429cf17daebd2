# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing, Origins, names, and the chat through a channel of its own, on a real channel layer."""

import json

import pytest

from app import events as e
from app.worker.application import load
from tests.demo.server import served

pytestmark = pytest.mark.usefixtures("database")
BOB, ANN = "server.x!bob", "server.x!ann"
PIECE = {"type": "draw", "points": [1, 2, 3, 4], "colour": "#56b4e9", "begin": False}


@pytest.fixture(scope="module")
def application(_django):
    return load("app.demo.settings", "app.demo.routing.channel_routing")


@pytest.fixture
def server(layer, application):
    return served(layer, application)


def draws(server, who, **piece):
    server.say(who, json.dumps({**PIECE, **piece}), page="draw")


def test_that_a_piece_reaches_everybody_with_who_drew_it(server):
    _, welcome, joined = server.connect(BOB, page="draw", query=b"name=J%C3%BCrgen+%F0%9F%90%99")
    assert welcome == {"type": "welcome", "username": "Jürgen 🐙", "id": welcome["id"]}
    assert joined == {"type": "joined", "username": "Jürgen 🐙", "id": welcome["id"]}
    server.connect(ANN, page="draw")
    server.got(BOB)
    draws(server, BOB, sent=7.5, over=20, width=4, evil="<script>")
    expected = [{**PIECE, "sent": 7.5, "over": 20, "width": 4, "id": welcome["id"]}]
    assert server.got(BOB) == expected
    assert server.got(ANN) == expected


def test_that_the_first_piece_of_a_line_brings_the_name_for_those_who_came_later(server):
    server.connect(BOB, page="draw", query=b"name=bob")
    server.connect(ANN, page="draw")
    draws(server, BOB, begin=True)
    assert server.got(ANN)[-1]["username"] == "bob"
    draws(server, BOB)
    assert "username" not in server.got(ANN)[-1]


def test_that_two_sockets_are_told_apart_and_neither_betrays_its_reply_channel(server):
    ids = {server.connect(who, page="draw")[1]["id"] for who in (BOB, ANN)}
    assert len(ids) == 2
    assert not any(part in one for one in ids for part in ("bob", "ann", "server"))


@pytest.mark.parametrize(
    "piece",
    [
        {"points": []},
        {"points": [1]},
        {"points": [1, 2, 3]},
        {"points": [1, 1001]},
        {"points": [-1, 1]},
        {"points": [1.5, 1]},
        {"points": [True, 1]},
        {"points": "12"},
        {"points": [1, 2] * 257},
        {"colour": "red"},
        {"colour": "#56b4e9;x"},
        {"width": 41},
        {"sent": float("nan")},
        {"over": None},
        {"type": "dance"},
    ],
    ids=str,
)
def test_that_a_piece_that_cannot_be_is_explained_to_its_sender_only(server, piece):
    server.connect(BOB, page="draw")
    server.connect(ANN, page="draw")
    server.got(BOB)
    draws(server, BOB, **piece)
    (error,) = server.got(BOB)
    assert error["type"] == "error"
    assert server.got(ANN) == []
    assert not [event for event in server.said if isinstance(event, e.ConsumerFailed)]


def test_that_a_sheet_is_cleared_for_everybody_and_who_leaves_is_told(server, layer):
    server.connect(BOB, page="draw", query=b"name=bob")
    server.connect(ANN, page="draw")
    server.say(BOB, '{"type": "clear"}', page="draw")
    assert server.got(ANN)[-1]["type"] == "clear"
    layer.send("websocket.disconnect", {"reply_channel": BOB, "path": "/draw/lobby/", "code": 1001, "order": 1})
    assert (server.got(ANN)[-1]["type"], layer.group_channels("draw-lobby")) == ("left", [ANN])


@pytest.mark.parametrize("page", ["chat", "draw"])
@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        ("", True),
        ("http://localhost:8000", True),
        ("HTTPS://LocalHost:8000", True),
        ("http://localhost:9000", False),
        ("http://evil.example", False),
        ("null", False),
        ("http://localhost:8000.evil.example", False),
    ],
)
def test_that_a_socket_is_only_for_our_own_pages(server, layer, page, origin, is_let_in):
    first, *_ = server.connect(BOB, page=page, origin=origin)
    assert first == ({"accept": True} if is_let_in else {"close": True})
    assert bool(layer.group_channels(f"{page}-lobby")) == is_let_in


def test_that_a_name_that_leads_to_us_under_anothers_domain_is_refused(server):
    """DNS rebinding: Origin and Host agree, and neither is ours."""
    reply = {"reply_channel": BOB, "path": "/draw/lobby/", "order": 0}
    headers = [[b"host", b"evil.example"], [b"origin", b"http://evil.example"]]
    server.layer.send("websocket.connect", {**reply, "headers": headers})
    assert server.got(BOB) == [{"close": True}]


def test_that_a_line_goes_through_the_channel_chat_messages_where_the_routing_says_so(layer):
    from app.demo.models import ChatMessage

    server = served(layer, load("app.demo.settings", "app.demo.routing.through_chat_messages"))
    server.connect(BOB, query=b"name=bob")
    server.say(BOB, '{"type": "chat", "data": "hi"}')
    assert server.got(BOB) == [{"type": "chat", "username": "bob", "message": "hi"}]
    consumers = [event.consumer for event in server.said if isinstance(event, e.ConsumerStarted)]
    assert [name.rpartition(".")[2] for name in consumers] == [
        "ws_connect",
        "ws_receive_and_pass_on",
        "save_and_broadcast",
    ]
    assert ChatMessage.objects.get().text == "hi"
    # The same channel takes lines from outside: a bot, a cron job, a shell.
    layer.send("chat-messages", {"room": "lobby", "username": "robot", "message": "from outside"})
    assert server.got(BOB) == [{"type": "chat", "username": "robot", "message": "from outside"}]


@pytest.mark.parametrize(
    ("content", "is_right"),
    [
        ({"type": "move", "x": 1, "y": 999.5, "n": 7}, True),
        ({"type": "line", "data": "hi <b>", "n": 1}, True),
        ({"type": "move", "x": 1001, "y": 0, "n": 7}, False),
        ({"type": "move", "x": 1, "y": 0}, False),
        ({"type": "line", "data": " ", "n": 1}, False),
        ({"type": "line", "data": "\ud800", "n": 1}, False),
        ({"type": "line", "data": "x" * 201, "n": 1}, False),
        ({"type": "chat", "data": "x"}, False),
    ],
    ids=str,
)
def test_that_players_are_told_moves_and_lines_and_nothing_else(server, content, is_right):
    _, welcome, _ = server.connect(BOB, page="game", query=b"name=bob")
    server.connect(ANN, page="game")
    server.got(ANN), server.got(BOB)
    server.say(BOB, json.dumps({**content, "evil": 1}), page="game")
    if is_right:
        assert server.got(ANN) == [{**content, "username": "bob", "id": welcome["id"]}]
    else:
        assert server.got(BOB)[0]["type"] == "error"
        assert server.got(ANN) == []
