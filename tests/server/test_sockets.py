# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets: the formats and the decision table of checklist §7."""

import contextlib

import pytest

from app.channels.defaults import accept
from app.channels.message import Message
from app.events import BytesSeen, ConnectionClosed, LogLine, MessageLost, MessageReceived
from app.layer import ChannelFull, RedisChannelLayer
from tests.checklist import row
from tests.redis_fixture import wait_until
from tests.server.raw import Raw, frame


def on_connect(*replies):
    """Answers of a worker: these to every handshake."""
    return lambda channel, message: replies if channel == "websocket.connect" else ()


def echo(channel, message):
    if channel == "websocket.connect":
        return [{"accept": True}]
    return [{key: message[key] for key in ("text", "bytes") if key in message}] if "receive" in channel else []


ACCEPT = {"accept": True}


def close_of(raw):
    """The code of the close frame that comes next."""
    first, payload = raw.frame()
    assert first == 0x88, payload
    return int.from_bytes(payload[:2], "big")


@row(
    "websocket.connect: reply_channel",
    "websocket.connect: scheme",
    "websocket.connect: path",
    "websocket.connect: query_string",
    "websocket.connect: root_path",
    "websocket.connect: headers",
    "websocket.connect: client",
    "websocket.connect: server",
    "websocket.connect: order",
    "D-13",
)
def test_that_a_handshake_is_a_message_as_the_format_says(server, worker):
    crew = worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake("Origin: null", "X_Sly: no", "X-Name: \xe9", path="/caf%C3%A9/?a=%20b")
        assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        addresses = list(raw.socket.getsockname()), list(raw.socket.getpeername())
    (message,) = crew.of("websocket.connect")
    assert message.pop("reply_channel").startswith("daphne.response.")
    headers = dict(message.pop("headers"))
    assert (headers[b"origin"], headers[b"x-name"]) == (b"null", b"\xe9")
    assert b"x_sly" not in headers
    assert message == {
        "scheme": "ws",
        "path": "/café/",
        "query_string": b"a=%20b",
        "root_path": "",
        "client": addresses[0],
        "server": addresses[1],
        "order": 0,
    }


@row(
    "websocket.receive: reply_channel",
    "websocket.receive: path",
    "websocket.receive: bytes",
    "websocket.receive: text",
    "websocket.receive: order",
    "websocket.disconnect: reply_channel",
    "websocket.disconnect: code",
    "websocket.disconnect: path",
    "websocket.disconnect: order",
    "open: data",
    "reply: text",
    "reply: bytes",
    "code: 1000",
)
def test_that_messages_and_the_end_are_messages_as_the_format_says(server, worker):
    crew = worker(echo)
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        raw.send("text")
        assert raw.frame() == (0x81, b"text")
        raw.send(b"\xff\0", 0x82)
        assert raw.frame() == (0x82, b"\xff\0")
        raw.send(b"\x03\xe8", 0x88)
        assert close_of(raw) == 1000
        assert raw.until_end() == b""
    (connect,) = crew.of("websocket.connect")
    (gone,) = wait_until(lambda: crew.of("websocket.disconnect"), "the disconnect")
    common = {"reply_channel": connect["reply_channel"], "path": "/chat/"}
    assert crew.of("websocket.receive") == [
        {**common, "text": "text", "order": 1},
        {**common, "bytes": b"\xff\0", "order": 2},
    ]
    assert gone == {**common, "code": 1000, "order": 3}


# --- the decision table ---


@row("handshaking: accept", "reply: accept")
def test_that_accept_accepts(server, worker):
    worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake()
        assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")


@row("handshaking: accept-and-data")
def test_that_accept_with_data_accepts_and_sends(server, worker):
    worker(on_connect({"accept": True, "bytes": b"hi"}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x82, b"hi")


@row("handshaking: deny", "HTTP: 403")
def test_that_a_denied_handshake_is_refused_whatever_data_comes_with_it(server, worker):
    crew = worker(on_connect({"accept": False, "text": "never"}))
    with Raw(server) as raw:
        raw.shake()
        assert raw.response()[0] == 403
        assert raw.until_end() == b""
    gone = wait_until(lambda: crew.of("websocket.disconnect"), "its consumer hears of its end")
    assert (gone[0]["code"], gone[0]["order"]) == (1006, 1)


@row("handshaking: data")
def test_that_data_alone_accepts_but_empty_data_does_not_decide(server, worker):
    worker(on_connect({"text": ""}, {"text": "hi"}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"hi")


@row("handshaking: close", "reply: close")
@pytest.mark.parametrize("close", [True, 4001])
def test_that_close_without_data_refuses(server, worker, close):
    worker(on_connect({"close": close}))
    with Raw(server) as raw:
        raw.shake()
        assert raw.response()[0] == 403


@row("handshaking: close-and-data", "code: 3000-4999")
def test_that_close_with_data_accepts_sends_and_closes_with_the_code(server, worker):
    worker(on_connect({"text": "bye", "close": 4001}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"bye")
        assert close_of(raw) == 4001


@row("handshaking: timeout", "option: websocket_connect_timeout")
def test_that_a_handshake_nobody_decides_on_is_refused(serve):
    server = serve("--websocket_connect_timeout", 0.3)
    with Raw(server) as raw:
        raw.shake()
        assert raw.response()[0] == 403


def test_that_an_empty_message_is_one_once_the_socket_is_open(server, worker):
    worker(on_connect(ACCEPT, {"text": ""}, {"bytes": b""}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"")
        assert raw.frame() == (0x82, b"")


@row("open: close")
@pytest.mark.parametrize(("close", "code"), [(True, 1000), (4123, 4123)])
def test_that_close_comes_after_the_data_it_came_with(server, worker, close, code):
    worker(on_connect(ACCEPT, {"text": "bye", "close": close}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"bye")
        assert close_of(raw) == code


@row("open: accept")
def test_that_accept_means_nothing_to_an_open_socket(server, worker):
    worker(on_connect(ACCEPT, ACCEPT, {"accept": False}, {"accept": False, "text": "still here"}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"still here")


@row("reply: both", "reply: unknown")
@pytest.mark.parametrize(
    "reply",
    [
        {"text": "a", "bytes": b"b"},
        {"accept": True, "text": "a", "bytes": b"b"},
        {"accept": True, "subprotocol": "x"},
        {"accept": True, "close": 1005},
        {"accept": True, "close": 99999},
    ],
)
def test_that_a_message_that_is_none_is_told_and_ignored_as_a_whole(server, worker, reply):
    worker(on_connect(reply, {"text": "after it"}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"after it")
    assert "was ignored" in server.until(LogLine, level="error").text


@row("handshaking: 4403", "code: 4403")
@pytest.mark.parametrize(("reply", "code"), [({"accept": False}, 4403), ({"close": 4001}, 4403)])
def test_that_a_server_that_shakes_hands_first_closes_with_4403(serve, worker, reply, code):
    server = serve("--accept-first")
    crew = worker(on_connect(reply))
    with Raw(server) as raw:
        raw.shake(rest=frame("too early"))
        assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        assert close_of(raw) == code
    assert not crew.of("websocket.receive")


def test_that_a_server_that_shakes_hands_first_keeps_what_the_client_says(serve, worker):
    server = serve("--accept-first")
    worker(echo)
    with Raw(server) as raw:
        raw.shake(rest=frame("early"))
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"early")


def test_that_frames_in_the_segment_of_the_handshake_are_not_lost(server, worker):
    crew = worker(echo)
    with Raw(server) as raw:
        raw.shake(rest=frame("one") + frame("two")[:4])
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"one")
        raw.socket.sendall(frame("two")[4:])
        assert raw.frame() == (0x81, b"two")
    assert [message["order"] for message in crew.of("websocket.receive")] == [1, 2]


# --- other duties ---


@row("duties: pong", "duties: control-frames")
def test_that_pings_are_answered_and_no_message(server, worker):
    crew = worker(echo)
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        raw.send(b"are you there", 0x89)
        assert raw.frame() == (0x8A, b"are you there")
        raw.send(b"unasked", 0x8A)
        raw.send("text")
        assert raw.frame() == (0x81, b"text")
    assert [message["text"] for message in crew.of("websocket.receive")] == ["text"]


@row("duties: ping", "D-06", "option: ping-interval", "option: ping-timeout")
def test_that_a_silent_client_is_pinged_and_dropped_when_it_stays_silent(serve, worker):
    server = serve("--ping-interval", 0.2, "--ping-timeout", 0.5)
    crew = worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x89, b"")
        raw.send(b"", 0x8A)
        assert raw.frame() == (0x89, b"")  # the pong was heard
        raw.until_end()
    assert "ping" in server.until(LogLine).text
    gone = wait_until(lambda: crew.of("websocket.disconnect"), "the disconnect")
    assert gone[0]["code"] == 1006


@row("duties: default-consumer")
def test_that_a_handshake_without_a_consumer_of_its_own_is_accepted(redis_url):
    layer = RedisChannelLayer(hosts=[redis_url])
    accept(Message({"reply_channel": "daphne.response.abc!def"}, "websocket.connect", layer))
    assert layer.receive(["daphne.response.abc!"])[1] == {"accept": True}
    layer.close()


@row("code: 1002", "code: 1007", "code: 1009")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [(b"\x83\x80\0\0\0\0", 1002), (frame(b"\xc3\x28"), 1007), (frame("x" * 1001), 1009)],
)
def test_that_a_client_that_breaks_a_rule_is_told_which_kind(serve, worker, wrong, code):
    server = serve("--message-limit", 1000)
    worker(echo)
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        raw.socket.sendall(wrong + b"and more that nobody reads" * 10_000)
        assert close_of(raw) == code
        assert raw.until_end() == b""


@row("code: 1013")
def test_that_messages_to_a_full_channel_close_with_1013(server, worker):
    crew = worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        crew.stop()
        for _ in range(4):
            raw.send("x")
        assert close_of(raw) == 1013


def test_that_a_message_the_layer_finds_too_large_closes_with_1009(serve, worker):
    server = serve("--message-limit", 2_000_000)
    worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        raw.send("x" * 1_100_000)
        assert close_of(raw) == 1009


@row("HTTP: 408", "option: websocket_handshake_timeout")
def test_that_a_handshake_that_does_not_come_to_its_end_is_given_up(serve):
    server = serve("--handshake-timeout", 0.3)
    with Raw(server) as raw, Raw(server) as silent:
        raw.say("GET /chat/ HTTP/1.1", "Host: x", end="\r\n")
        assert raw.response()[0] == 408
        assert silent.until_end() == b""


@row("D-07", "option: ws-protocol")
@pytest.mark.parametrize(
    ("offered", "chosen"), [("v2, v1", "v2"), ("v1, v2", "v1"), ("other, v1", "v1"), ("other", None), (None, None)]
)
def test_that_the_first_offered_subprotocol_that_we_know_is_chosen(serve, worker, offered, chosen):
    server = serve("--ws-protocol", "v1", "v2")
    crew = worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake(*([f"Sec-WebSocket-Protocol: {offered}"] if offered else []))
        status, headers, _ = raw.response(has_body=False)
        assert (status, headers.get("sec-websocket-protocol")) == (101, [chosen] if chosen else None)
    assert (b"sec-websocket-protocol" in dict(crew.of("websocket.connect")[0]["headers"])) == bool(offered)


@row("D-05", "option: websocket_timeout")
def test_that_a_socket_lives_no_longer_than_it_may(serve, worker):
    server = serve("--websocket_timeout", 0.3)
    worker(on_connect(ACCEPT))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert close_of(raw) == 1000


@row("D-03")
def test_that_a_client_that_does_not_answer_a_close_is_hung_up_on(serve, worker):
    server = serve("--close-timeout", 0.3)
    worker(on_connect(ACCEPT, {"close": True}))
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        assert close_of(raw) == 1000
        raw.until_end()
    server.until(ConnectionClosed)


def test_that_a_client_that_reads_nothing_is_dropped_when_too_much_waits(serve, worker):
    server = serve("--backlog-limit", 300_000)
    crew = worker(on_connect(ACCEPT))
    with Raw(server, receive_buffer=4096) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        channel = crew.of("websocket.connect")[0]["reply_channel"]

        def is_closed():
            with contextlib.suppress(ChannelFull):
                crew.layer.send(channel, {"text": "x" * 100_000})
            return server.of(ConnectionClosed)

        wait_until(is_closed, "it is dropped")
    assert "reads too slowly" in server.until(LogLine, level="warning").text
    wait_until(lambda: crew.of("websocket.disconnect"), "the disconnect")
    crew.layer.send(channel, {"text": "into the void"})
    assert server.until(MessageLost).reason == "socket closed"


@pytest.mark.parametrize("is_offered", [True, False])
def test_that_permessage_deflate_is_spoken_where_it_is_wished(serve, worker, is_offered):
    from websockets.sync.client import connect

    server = serve(*["--deflate"] * is_offered)
    worker(echo)
    with connect(server.address.replace("http", "ws") + "/", proxy=None) as ws:
        extensions = ws.response.headers.get("Sec-WebSocket-Extensions", "")
        assert ("permessage-deflate" in extensions) == is_offered
        ws.send("abc" * 1000)
        assert ws.recv(5) == "abc" * 1000
    server.until(ConnectionClosed)
    sent = [run.length for run in server.of(BytesSeen) if run.direction == "server"]
    assert (max(sent) < 1000) == is_offered


def test_that_a_group_message_is_many_frames_and_each_is_told(server, worker):
    crew = worker(on_connect(ACCEPT))
    with Raw(server) as first, Raw(server) as second:
        for raw in (first, second):
            raw.shake()
            raw.until(b"\r\n\r\n")
        channels = [message["reply_channel"] for message in crew.of("websocket.connect")]
        for channel in channels:
            crew.layer.group_add("room", channel)
        crew.layer.send_group("room", {"text": "grüße"})
        crew.layer.send_group("room", {"bytes": b"gr"})
        for raw in (first, second):
            assert raw.frame() == (0x81, "grüße".encode())
            assert raw.frame() == (0x82, b"gr")
    told = wait_until(lambda: (them := server.of(MessageReceived))[5:] and them, "six replies")
    assert sorted((took.connection, took.n) for took in told) == [(c, n) for c in ("c1", "c2") for n in (0, 1, 2)]
