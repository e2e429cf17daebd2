# SPDX-License-Identifier: GPL-3.0-or-later
"""The opening handshake: its arithmetic and its rules."""

import pytest

from app.wire.connection import Connection
from app.wire.handshake import Handshake, accept_steps, accept_value
from tests.wire.peer import KEY, request, response


def shaken(asked, answered):
    connection = Connection()
    values = connection.receive("client", asked) + connection.receive("server", answered)
    (handshake,) = (value for value in values if isinstance(value, Handshake))
    return handshake


def test_that_the_accept_value_of_the_rfc_comes_out_in_three_steps():
    assert accept_steps(KEY) == (
        "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
        "b37a4f2cc0624f1690f64606cf385945b2bec4ea",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    )


def test_that_the_accept_value_of_the_talk_is_right():
    assert accept_value("x3JJHMbDL1EzLkh9GBhXDw==") == "HSmrc0sMlYUkAGmm5OPpG2HaGWk="


def test_that_a_good_handshake_is_seen_whole():
    offer = "Sec-WebSocket-Protocol: chat, superchat\r\n"
    handshake = shaken(request(offer), response("Sec-WebSocket-Protocol: chat\r\n"))
    assert (handshake.target, handshake.status, handshake.key) == ("/chat", 101, KEY)
    assert handshake.accept_ok
    assert handshake.subprotocol == "chat"
    assert handshake.violations == ()


def test_that_a_wrong_accept_value_is_named_and_frames_go_on():
    connection = Connection()
    connection.receive("client", request())
    handshake, hello, message = connection.receive("server", response(accept="AAAA") + b"\x81\x05Hello")
    assert [violation.rule for violation in handshake.violations] == ["WS-01"]
    assert not handshake.accept_ok
    assert hello.payload_data == message.data == b"Hello"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (request(version="8"), response()),
        (request(connection="keep-alive"), response()),
        (request(), response("Sec-WebSocket-Protocol: chat\r\n")),
        (request(), response("Sec-WebSocket-Extensions: permessage-deflate\r\n")),
        (
            request("Sec-WebSocket-Extensions: permessage-deflate\r\n"),
            response("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16\r\n"),
        ),
        (request(key="c2hvcnQ="), response(accept=accept_value("c2hvcnQ="))),
        (request(key="not base64!"), response(accept=accept_value("not base64!"))),
    ],
)
def test_that_what_was_not_offered_or_malformed_is_named(asked, answered):
    assert [violation.rule for violation in shaken(asked, answered).violations] == ["WS-14"]


@pytest.mark.parametrize(
    ("instead_of", "put", "why"),
    [
        (b"Upgrade: websocket\r\n", b"", "token websocket"),
        (b"Upgrade: websocket\r\n", b"Upgrade: h2c\r\n", "token websocket"),
        (b"Host: server.example.com\r\n", b"", "no Host"),
        (b"HTTP/1.1", b"HTTP/1.0", "HTTP/1.1 at least"),
        (b"GET", b"POST", "only GET"),
    ],
)
def test_that_a_request_that_only_tries_is_a_handshake_too_and_what_it_lacks_is_named(instead_of, put, why):
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    handshake = shaken(request().replace(instead_of, put), page)
    assert [violation.rule for violation in handshake.violations] == ["WS-14"]
    assert why in handshake.violations[0].why
    assert handshake.status == 200


def test_that_another_protocol_that_a_request_with_a_key_was_upgraded_to_is_not_taken_for_frames():
    connection = Connection()
    connection.receive("client", request().replace(b"Upgrade: websocket", b"Upgrade: h2c"))
    connection.receive("server", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n\x81\x02hi")
    assert not connection.is_websocket


def test_that_a_refused_request_is_a_handshake_with_its_status():
    connection = Connection()
    connection.receive("client", request())
    refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    (handshake,) = connection.receive("server", refused)
    assert (handshake.status, handshake.violations) == (403, ())
    assert not connection.is_websocket
    # The same connection may ask again.
    connection.receive("client", request())
    assert connection.receive("server", response())[0].status == 101


def test_that_ordinary_requests_before_the_upgrade_pass_silently():
    connection = Connection()
    for asked, answered in (
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x81\x03abc"[:-1] + b"c"),
        (b"POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", b"HTTP/1.1 204 No Content\r\n\r\n"),
        (
            b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: a\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            b"A\r\n0123456789\r\n0\r\n\r\n",
        ),
        (b"HEAD / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        (b"GET /c HTTP/1.1\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"),
    ):
        assert connection.receive("client", asked) == []
        assert connection.receive("server", answered) == []
    connection.receive("client", request())
    assert [type(value) for value in connection.receive("server", response())] == [Handshake]


def test_that_frames_a_client_sends_before_the_answer_wait_for_it():
    connection = Connection()
    hello = bytes.fromhex("818537fa213d7f9f4d5158")
    assert connection.receive("client", request() + hello) == []
    handshake, first, message = connection.receive("server", response())
    assert handshake.status == 101
    assert (first.direction, message.data) == ("client", b"Hello")


def test_that_an_answer_seen_before_its_request_makes_the_same_handshake():
    connection = Connection()
    assert connection.receive("server", response()) == []
    (handshake,) = connection.receive("client", request())
    assert handshake.accept_ok


def test_that_an_answer_whose_request_was_never_seen_is_shown_at_the_end():
    connection = Connection()
    connection.receive("server", response())
    (handshake,) = connection.eof("server")
    assert handshake.request is None
    assert handshake.violations == ()


@pytest.mark.parametrize(
    ("headers", "is_cross_origin", "has_cookie"),
    [
        ("", False, False),  # no browser
        ("Origin: http://server.example.com\r\nCookie: a=1\r\n", False, True),
        ("Origin: HTTPS://Server.example.com\r\n", False, False),
        ("Origin: http://server.example.com:8080\r\n", True, False),
        ("Origin: null\r\n", True, False),
    ],
)
def test_that_a_page_of_another_host_or_port_is_known_by_its_origin(headers, is_cross_origin, has_cookie):
    handshake = shaken(request(headers), response())
    assert (handshake.is_cross_origin, handshake.has_cookie) == (is_cross_origin, has_cookie)
