# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat on a real channel layer: a worker in this process, the test in the place of the interface server."""

import json

import pytest

from app import events as e
from app.worker.application import load
from tests.demo.server import served

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def application(_django):
    return load("app.demo.settings", "app.demo.routing.channel_routing")


@pytest.fixture
def server(layer, application):
    return served(layer, application)


def cookies_of(headers):
    return "; ".join(value.split(b";")[0].decode() for name, value in headers if name == b"set-cookie")


def token_of(page):
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]


def log_in(server, name, room="lobby"):
    _, headers, page = server.request("/")
    body = f"csrfmiddlewaretoken={token_of(page)}&name={name}&room={room}".encode()
    status, more, _ = server.request("/", "POST", cookies_of(headers), body)
    assert (status, dict(more)[b"location"]) == (302, f"/chat/{room}/".encode())
    return cookies_of(more)


BOB, ANN = "server.x!bob", "server.x!ann"


def test_that_the_pages_are_there_and_work_on_a_phone(server):
    status, headers, page = server.request("/")
    assert status == 200
    assert "width=device-width" in page
    assert b"DENY" in dict(headers)[b"x-frame-options"]
    assert "http" not in page.replace("https://", "http://").split("</head>")[0]  # nothing from elsewhere
    status, _, page = server.request("/chat/lobby/")
    assert status == 200
    assert "<h1>lobby</h1>" in page


def test_that_a_name_is_remembered_only_with_a_token_against_cross_site_requests(server):
    assert server.request("/", "POST", body=b"name=bob&room=lobby")[0] == 403
    cookie = log_in(server, "bob")
    assert 'value="bob"' in server.request("/", cookie=cookie)[2]


@pytest.mark.parametrize(
    ("name", "room", "problem"),
    [("", "lobby", "a name"), ("%20%00", "lobby", "a name"), ("bob", "a+b", "room"), ("bob", "", "room")],
)
def test_that_a_name_or_room_that_cannot_be_is_explained(server, name, room, problem):
    _, headers, page = server.request("/")
    body = f"csrfmiddlewaretoken={token_of(page)}&name={name}&room={room}".encode()
    status, _, page = server.request("/", "POST", cookies_of(headers), body)
    assert status == 400
    assert problem in page.split('role="alert"')[1].split("</p>")[0]


def test_that_a_host_that_is_not_ours_is_refused(server):
    assert server.request("/", host=b"evil.example")[0] == 400


def test_that_rooms_with_other_characters_do_not_exist(server):
    assert server.request("/chat/a b/")[0] == 404
    assert server.request("/chat/grüße/")[0] == 404


def test_that_a_socket_is_let_in_named_by_its_browsers_session_and_announced(server):
    accept, welcome, joined = server.connect(BOB, cookie=log_in(server, "bob+%3Cb%3E+%F0%9F%90%99"))
    assert accept == {"accept": True}
    assert list(welcome.items())[:2] == [("type", "welcome"), ("username", "bob <b> 🐙")]
    assert (welcome["room"], welcome["history"]) == ("lobby", [])
    assert joined == {"type": "joined", "username": "bob <b> 🐙"}


def test_that_a_socket_without_a_session_is_a_guest(server):
    _, welcome, _ = server.connect(BOB)
    assert welcome["username"].startswith("guest-")
    assert len(welcome["username"]) == 10


def test_that_what_is_said_reaches_everybody_in_the_room_exactly_as_written(server):
    server.connect(BOB, cookie=log_in(server, "bob"))
    server.connect(ANN)
    server.connect("server.x!elsewhere", room="other")
    server.got(BOB)
    server.say(BOB, '{"type": "chat", "data": "<script>alert(1)</script> ü 🐙"}')
    expected = [{"type": "chat", "username": "bob", "message": "<script>alert(1)</script> ü 🐙"}]
    assert server.got(BOB) == expected
    assert server.got(ANN) == expected
    assert server.got("server.x!elsewhere") == []
    assert not [event for event in server.said if isinstance(event, e.ConsumerFailed)]


def test_that_a_newcomer_is_shown_the_last_fifty_lines_in_order(server):
    from app.demo.models import ChatMessage

    ChatMessage.objects.bulk_create(ChatMessage(room="lobby", username="ann", text=str(n)) for n in range(60))
    server.connect(BOB, cookie=log_in(server, "bob"))
    server.say(BOB, '{"type": "chat", "data": "last"}')
    server.work()
    _, welcome, _ = server.connect(ANN)
    assert [line["message"] for line in welcome["history"]] == [*(str(n) for n in range(11, 60)), "last"]
    assert welcome["history"][-1].keys() == {"id", "username", "message", "when"}
    assert welcome["history"][-1]["username"] == "bob"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("5", "Please send"),
        ('{"type": "dance"}', "Please send"),
        ('{"type": "chat"}', "nothing to say"),
        ('{"type": "chat", "data": 5}', "nothing to say"),
        ('{"type": "chat", "data": "  "}', "nothing to say"),
        ('{"type": "chat", "data": "\\ud800"}', "half a character"),
        (json.dumps({"type": "chat", "data": "x" * 2001}), "2001 characters"),
    ],
    ids=range(9),
)  # fmt: skip
def test_that_what_the_chat_cannot_use_is_explained_to_its_sender_only(server, text, why):
    from app.demo.models import ChatMessage

    server.connect(BOB)
    server.connect(ANN)
    server.got(BOB)
    server.say(BOB, text)
    (error,) = server.got(BOB)
    assert error["type"] == "error"
    assert why in error["message"]
    assert server.got(ANN) == []
    assert ChatMessage.objects.count() == 0
    server.say(BOB, json.dumps({"type": "chat", "data": "x" * 2000}))
    assert server.got(BOB)[0]["type"] == "chat"


def test_that_a_binary_message_is_explained(server, layer):
    server.connect(BOB)
    layer.send("websocket.receive", {"reply_channel": BOB, "path": "/chat/lobby/", "bytes": b"\x00", "order": 1})
    (error,) = server.got(BOB)
    assert "text" in error["message"]


def test_that_whoever_leaves_is_announced_and_hears_nothing_more(server, layer):
    server.connect(BOB, cookie=log_in(server, "bob"))
    server.connect(ANN)
    layer.send("websocket.disconnect", {"reply_channel": BOB, "path": "/chat/lobby/", "code": 1001, "order": 1})
    assert server.got(ANN) == [{"type": "left", "username": "bob"}]
    assert layer.group_channels("chat-lobby") == [ANN]


def test_that_every_effect_names_its_cause(server, layer):
    server.connect(BOB)
    key = layer.post(
        "websocket.receive", {"reply_channel": BOB, "path": "/chat/lobby/", "text": '{"type": "chat", "data": "hi"}'}
    ).key
    server.got(BOB)
    (sent,) = [event for event in server.said if isinstance(event, e.MessageSent) and event.cause == key]
    assert (sent.group, sent.channel) == ("chat-lobby", BOB)
