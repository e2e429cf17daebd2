# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line can change, and what is believed of a proxy (checklist §8)."""

import ssl
import subprocess
import sys

import pytest

from app import events, orders
from app.events import BytesSeen, ConnectionClosed, SourceFailed, SourceReady
from app.server.options import Options
from app.server.scope import request_of
from tests.certificate import made_in
from tests.checklist import row
from tests.processes import TestChild
from tests.redis_fixture import wait_until
from tests.server.raw import Raw, frame

PROXIED = (
    "X-Forwarded-For: 203.0.113.9, 10.0.0.1",
    "X-Forwarded-Port: 40123",
    "X-Forwarded-Proto: https",
    "Daphne-Root-Path: /caf%C3%A9",
)


def answer(channel, message):
    return [{"status": 200}] if channel == "http.request" else [{"accept": True}]


@row("D-09", "D-10", "option: proxy-headers")
def test_that_a_proxy_is_believed_where_it_is_wished(serve, worker):
    server, crew = serve("--proxy-headers", "--root-path", "/base"), worker(answer)
    with Raw(server) as raw:
        raw.ask(*PROXIED)
        raw.response()
        raw.shake(*PROXIED)
        raw.until(b"\r\n\r\n")
    (request,), (connect,) = crew.of("http.request"), crew.of("websocket.connect")
    assert (request["client"], request["scheme"], request["root_path"]) == (["203.0.113.9", 40123], "https", "/café")
    assert (connect["client"], connect["scheme"], connect["root_path"]) == (["203.0.113.9", 40123], "wss", "/base")
    for message in (request, connect):
        assert b"daphne-root-path" not in dict(message["headers"])


@row("option: root-path")
def test_that_nobody_is_believed_without_it(serve, worker):
    server, crew = serve("--root-path", "/base"), worker(answer)
    with Raw(server) as raw:
        raw.ask(*PROXIED, path="/base/page")
        raw.response()
        client = list(raw.socket.getsockname())
    (request,) = crew.of("http.request")
    assert (request["client"], request["scheme"]) == (client, "http")
    assert (request["root_path"], request["path"]) == ("/base", "/base/page")
    assert b"daphne-root-path" not in dict(request["headers"])


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ([[b"x-forwarded-for", b"203.0.113.9"]], ["203.0.113.9", 0]),
        ([[b"x-forwarded-for", b"2001:db8::1, 10.0.0.1"]], ["2001:db8::1", 0]),
        ([[b"x-forwarded-for", b"a"], [b"x-forwarded-for", b"b"]], ["a", 0]),
        ([[b"x-forwarded-port", b"40123"]], ["127.0.0.1", 5]),  # a port alone says nothing
        ([[b"x-forwarded-for", b"a"], [b"x-forwarded-port", b"many"]], ["a", 0]),
        ([[b"x-forwarded-for", b" , 10.0.0.1"]], ["127.0.0.1", 5]),
    ],
)
def test_that_the_leftmost_address_counts_and_a_port_only_with_it(headers, client):
    scope = {"scheme": "http", "path": "/", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 5)}
    assert request_of(scope, Options(is_proxied=True))["client"] == client


def test_that_a_head_above_the_limit_is_refused_with_431(serve):
    server = serve("--header-limit", 1000)
    for piece in ("x" * 1000, "x" * 400_000):  # complete, and one that never ends
        with Raw(server) as raw:
            raw.say("GET / HTTP/1.1", "Host: x", f"X-Long: {piece}", end="\r\n\r\n" if len(piece) < 2000 else "")
            assert raw.until(b"\r\n").startswith(b"HTTP/1.1 431 ")


def test_that_the_echo_needs_no_worker_and_is_there_only_on_demand(serve):
    with Raw(serve("--echo")) as raw:
        raw.shake(path="/_scope/echo", rest=frame("early"))
        raw.until(b"\r\n\r\n")
        assert raw.frame() == (0x81, b"early")
        raw.send(b"x" * 100_000, 0x82)
        assert raw.frame() == (0x82, b"x" * 100_000)
    with Raw(serve("--websocket-connect-timeout", 0.2)) as raw:
        raw.shake(path="/_scope/echo")
        assert raw.response()[0] == 403


def test_that_sockets_are_closed_when_the_layer_lost_its_data(serve, worker):
    server = serve()
    worker(answer)
    with Raw(server) as raw, Raw(server) as waiting:
        raw.shake()
        raw.until(b"\r\n\r\n")
        server.order(orders.CloseSockets())
        assert raw.frame()[1][:2] == (1012).to_bytes(2, "big")
        waiting.shake()  # and whoever comes now begins afresh
        assert waiting.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")


def test_that_a_restart_of_redis_closes_sockets_and_new_ones_work(own_redis):
    from tests.server.conftest import Scripted

    with TestChild("app.server", "--redis", own_redis.url, "--port", 0) as server:
        server.address = server.until(SourceReady).detail
        crew = Scripted(own_redis.url, answer)
        with Raw(server) as raw:
            raw.shake()
            raw.until(b"\r\n\r\n")
            crew.stop()
            own_redis.stop()
            server.until(events.RedisLost)
            own_redis.start()
            server.until(events.MessagesWiped)
            assert raw.frame()[1][:2] == (1012).to_bytes(2, "big")
        crew = Scripted(own_redis.url, answer)
        with Raw(server) as raw:
            raw.shake()
            assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        wait_until(lambda: crew.of("websocket.disconnect"), "the new socket's end")
        crew.stop()


def test_that_sockets_are_told_when_the_server_ends(serve, worker):
    server, crew = serve(), worker(answer)
    with Raw(server) as raw:
        raw.shake()
        raw.until(b"\r\n\r\n")
        server.process.terminate()
        assert raw.frame()[1][:2] == (1012).to_bytes(2, "big")
        raw.send(b"\x03\xf4", 0x88)
        raw.until_end()
    assert server.process.wait(10) == 0
    wait_until(lambda: crew.of("websocket.disconnect"), "its last message is sent")


def test_that_a_server_by_hand_speaks_to_people(redis_url):
    command = [sys.executable, "-m", "app.server", "--redis", redis_url, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(10) == 0
    assert "server ready http://127.0.0.1:" in line


def test_that_it_speaks_tls_and_the_tap_hears_what_is_inside(serve, worker, tmp_path):
    certfile, keyfile = made_in(tmp_path)
    server, crew = serve("--certfile", certfile, "--keyfile", keyfile), worker(answer)
    assert server.address.startswith("https://")
    context = ssl.create_default_context(cafile=certfile)
    with Raw(server) as raw:
        raw.socket = context.wrap_socket(raw.socket, server_hostname="localhost")
        raw.ask()
        assert raw.response()[0] == 200
        raw.shake()
        raw.until(b"\r\n\r\n")
        raw.send(b"\x03\xe8", 0x88)
        assert raw.frame() == (0x88, b"\x03\xe8")
        raw.until_end()
    assert [message["scheme"] for _, message in crew.messages[:2]] == ["https", "wss"]
    server.until(ConnectionClosed)
    assert server.of(BytesSeen)[0].data.startswith(b"GET / HTTP/1.1\r\n")


def test_that_a_certificate_that_is_none_is_said(redis_url, tmp_path):
    with TestChild("app.server", "--redis", redis_url, "--port", 0, "--certfile", tmp_path / "no.pem") as child:
        assert "no.pem" in child.until(SourceFailed).reason
        assert child.process.wait(10) == 2
