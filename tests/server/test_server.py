# SPDX-License-Identifier: GPL-3.0-or-later
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from app import events, orders
from app.events import (
    BytesSeen,
    ConnectionOpened,
    LogLine,
    MessageLost,
    MessageReceived,
    MessageRefused,
    MessageSent,
    ReplyChannelOpened,
    SourceFailed,
)
from tests.processes import TestChild
from tests.redis_fixture import wait_until


def echo(channel, message):
    if channel == "websocket.connect":
        return [{"accept": True}]
    if channel == "websocket.receive":
        return [{"text": message["text"].upper()}]
    return []


def open_socket(server, path="/chat/lobby/"):
    return connect(server.address.replace("http", "ws") + path, compression=None, proxy=None)


def test_that_a_socket_lives_from_connect_over_receive_to_disconnect(server, worker):
    crew = worker(echo)
    with open_socket(server) as ws:
        ws.send("grüße")
        assert ws.recv(timeout=5) == "GRÜSSE"
    gone = wait_until(lambda: crew.of("websocket.disconnect"), "the disconnect message")[0]
    (opened,), (received,) = crew.of("websocket.connect"), crew.of("websocket.receive")
    assert (opened["path"], opened["order"], opened["scheme"]) == ("/chat/lobby/", 0, "ws")
    assert (received["text"], received["order"], received["path"]) == ("grüße", 1, "/chat/lobby/")
    assert (gone["code"], gone["order"]) == (1000, 2)
    assert len({message["reply_channel"] for message in (opened, received, gone)}) == 1


def test_that_the_tap_has_every_byte_of_the_wire(server, worker):
    worker(echo)
    host, port = server.address.removeprefix("http://").split(":")
    request = (
        b"GET /chat/lobby/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    frames = bytes.fromhex("818537fa213d7f9f4d5158") + bytes.fromhex("888237fa213d3412")  # "Hello", close 1000
    received = b""
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(request)
        while b"\r\n\r\n" not in received:
            received += raw.recv(4096)
        raw.sendall(frames)
        while data := raw.recv(4096):
            received += data
    server.until(events.ConnectionClosed)
    runs = server.of(BytesSeen)
    assert b"".join(run.data for run in runs if run.direction == "client") == request + frames
    assert b"".join(run.data for run in runs if run.direction == "server") == received
    assert b"HSmrc0sMlYUkAGmm5OPpG2HaGWk=" in received
    for direction in ("client", "server"):
        offset = 0
        for run in (run for run in runs if run.direction == direction):
            assert (run.offset, run.length) == (offset, len(run.data))
            offset += run.length


def test_that_no_message_is_taken_before_it_is_told_sent(server, worker):
    taken = []

    def note(channel, message):
        taken.append(time.time())
        return echo(channel, message)

    worker(note)
    with open_socket(server) as ws:
        for _ in range(30):
            ws.send("x")
            ws.recv(timeout=5)
    server.until(events.ConnectionClosed)
    sent = [message.t for message in server.of(MessageSent)]
    assert all(before <= after for before, after in zip(sent, taken, strict=False))


def test_that_messages_of_the_layer_join_the_websocket_messages_they_were_or_became(server, worker):
    worker(echo)
    with open_socket(server) as ws:
        for text in ("one", "two"):
            ws.send(text)
            ws.recv(timeout=5)
    server.until(events.ConnectionClosed)
    connection = server.of(ConnectionOpened)[0].connection
    assert server.of(ReplyChannelOpened)[0].connection == connection
    sent = [(m.channel, m.connection, m.n) for m in server.of(MessageSent)]
    assert sent[:3] == [
        ("websocket.connect", connection, 0),
        ("websocket.receive", connection, 1),
        ("websocket.receive", connection, 2),
    ]
    assert [(m.connection, m.n) for m in server.of(MessageReceived)] == [(connection, n) for n in (0, 1, 2)]


@pytest.mark.parametrize("answer", [{"accept": False}, {"close": True}, {"close": 4001}])
def test_that_a_refused_handshake_is_answered_with_403(server, worker, answer):
    worker(lambda channel, message: [answer] if channel == "websocket.connect" else [])
    with pytest.raises(InvalidStatus) as refused, open_socket(server):
        pass
    assert refused.value.response.status_code == 403


def test_that_data_without_accept_accepts(server, worker):
    worker(lambda channel, message: [{"text": "welcome"}] if channel == "websocket.connect" else [])
    with open_socket(server) as ws:
        assert ws.recv(timeout=5) == "welcome"


def test_that_close_with_data_sends_the_data_first(server, worker):
    worker(lambda channel, message: [{"text": "bye", "close": 4001}] if channel == "websocket.connect" else [])
    with open_socket(server) as ws:
        assert ws.recv(timeout=5) == "bye"
        with pytest.raises(ConnectionClosed):
            ws.recv(timeout=5)
        assert ws.close_code == 4001


def test_that_a_full_channel_refuses_the_handshake_with_503(server, redis_url):
    sockets = []
    for _ in range(3):  # nobody answers: three handshakes wait, the capacity is 3
        host, port = server.address.removeprefix("http://").split(":")
        raw = socket.create_connection((host, int(port)))
        raw.sendall(
            b"GET /a/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        sockets.append(raw)
    server.until(MessageSent, count=3)
    with pytest.raises(InvalidStatus) as refused, open_socket(server):
        pass
    assert refused.value.response.status_code == 503
    assert server.until(MessageRefused).reason == "full"
    for raw in sockets:
        raw.close()


def test_that_a_full_channel_closes_an_open_socket_with_1013(server, worker, redis_url):
    crew = worker(lambda channel, message: [{"accept": True}] if channel == "websocket.connect" else [])
    with open_socket(server) as ws:
        crew.stop()
        for number in range(4):
            ws.send(str(number))
        with pytest.raises(ConnectionClosed):
            ws.recv(timeout=5)
        assert ws.close_code == 1013


def test_that_a_page_comes_back_with_status_headers_and_chunks(server, worker):
    def page(channel, message):
        body = f"{message['method']} {message['path']} {message['query_string'].decode()} {message['body'].decode()}"
        head = {"status": 201, "headers": [[b"X-Kind", b"page"]], "content": body.encode(), "more_content": True}
        return [head, {"content": b" end"}]

    worker(page)
    request = urllib.request.Request(server.address + "/p%C3%A4th?a=1", data=b"form")
    with urllib.request.urlopen(request, timeout=5) as response:
        assert response.status == 201
        assert response.headers["x-kind"] == "page"
        assert response.read().decode() == "POST /päth a=1 form end"


def test_that_a_full_request_queue_is_said_with_503(server, redis_url):
    waiting = []
    host, port = server.address.removeprefix("http://").split(":")
    for _ in range(3):
        raw = socket.create_connection((host, int(port)))
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        waiting.append(raw)
    server.until(MessageSent, count=3)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.address + "/", timeout=5)
    with refused.value as error:
        assert error.code == 503
        assert error.read() == b"Request queue full."
    for raw in waiting:
        raw.close()


def test_that_the_server_leaves_when_its_lifeline_ends(server):
    assert server.leave() == 0


def test_that_a_taken_port_is_said(redis_url):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with TestChild("app.server", "--redis", redis_url, "--port", port) as child:
            assert "already in use" in child.until(SourceFailed).reason
            assert child.process.wait(10) == 2


def test_that_a_reply_after_the_close_is_lost_and_not_said_to_be_delivered(server, worker):
    worker(lambda channel, message: [{"accept": True}, {"close": 4001}, {"text": "too late"}])
    with open_socket(server) as ws, pytest.raises(ConnectionClosed):
        ws.recv(timeout=5)
    wait_until(lambda: server.of(MessageLost), "the late reply is lost")
    assert {lost.reason for lost in server.of(MessageLost)} == {"socket closed"}
    assert not server.of(LogLine)


@pytest.mark.parametrize("reply", [{"text": 5}, {"bytes": "text"}, {"close": "now"}, {"accept": "yes"}, {"txt": "a"}])
def test_that_a_reply_that_makes_no_sense_is_told_and_the_socket_lives(server, worker, reply):
    def answers(channel, message):
        return [reply, *echo(channel, message)] if channel == "websocket.receive" else echo(channel, message)

    worker(answers)
    with open_socket(server) as ws:
        ws.send("alive")
        assert ws.recv(timeout=5) == "ALIVE"
    assert "was ignored" in server.until(LogLine, level="error").text


def test_that_a_client_is_who_it_is_and_not_who_it_says(server, worker):
    crew = worker(lambda channel, message: [{"status": 200, "content": b""}])
    request = urllib.request.Request(server.address, headers={"X-Forwarded-For": "1.2.3.4"})
    urllib.request.urlopen(request, timeout=5).close()
    assert crew.of("http.request")[0]["client"][0] == "127.0.0.1"


def test_that_nobody_waits_for_a_response_that_was_wiped(server, redis_url):
    refused = []

    def ask():
        try:
            urllib.request.urlopen(server.address, timeout=20)
        except urllib.error.HTTPError as error:
            with error:
                refused.append(error.code)

    asking = threading.Thread(target=ask)
    asking.start()
    server.until(MessageSent, channel="http.request")
    server.order(orders.CloseSockets())
    asking.join(10)
    assert refused == [503]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\x83\x80\0\0\0\0", 1002),  # a reserved opcode
        (b"\x81\x82\0\0\0\0\xc3\x28", 1007),  # text that is not UTF-8
        (b"\x81\x7f\0\0\0\0\0\x01\0\0" + bytes(65536), 1002),  # not masked, and there is more to come
    ],
)
def test_that_a_client_that_breaks_a_rule_is_told_by_a_close_code(server, worker, frame, code):
    crew = worker(echo)
    with open_socket(server) as ws:
        ws.socket.sendall(frame)
        with pytest.raises(ConnectionClosed) as closed:
            ws.recv(5)
        assert closed.value.rcvd.code == code
    gone = wait_until(lambda: crew.of("websocket.disconnect"), "the disconnect message")[0]
    assert gone["code"] == code
