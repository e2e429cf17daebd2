# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP: the formats of checklist §6, and responses that come whole, in parts, wrong or not at all."""

import json

import pytest

from app.events import BytesSeen, ConnectionClosed, LogLine, MessageLost, MessageSent
from tests.checklist import row
from tests.redis_fixture import wait_until
from tests.server.raw import Raw


def saying(*replies):
    """Answers of a worker: these to every request."""
    return lambda channel, message: replies if channel == "http.request" else ()


HELLO = {"status": 200, "headers": [[b"Content-Type", b"text/plain"]], "content": b"hello"}


@row(
    "http.request: reply_channel",
    "http.request: http_version",
    "http.request: method",
    "http.request: scheme",
    "http.request: path",
    "http.request: query_string",
    "http.request: root_path",
    "http.request: headers",
    "http.request: body",
    "http.request: client",
    "http.request: server",
    "D-08",
    "D-11",
)
def test_that_a_request_is_a_message_as_the_format_says(server, worker):
    crew = worker(saying(HELLO))
    with Raw(server) as raw:
        head = ["X-Two: one", "x-two: two", "Content-Length: 4", "X_Sly: no"]
        raw.ask(*head, method="POST", path="/caf%C3%A9%2Fx?q=%20a&q=b", rest=b"body")
        assert raw.response()[2] == b"hello"
        addresses = list(raw.socket.getsockname()), list(raw.socket.getpeername())
    (message,) = crew.of("http.request")
    assert message.pop("reply_channel").startswith("daphne.response.")
    assert message == {
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/café/x",
        "query_string": b"q=%20a&q=b",
        "root_path": "",
        "headers": [[b"host", b"x"], [b"x-two", b"one"], [b"x-two", b"two"], [b"content-length", b"4"]],
        "body": b"body",
        "client": addresses[0],
        "server": addresses[1],
    }


@row("D-01", "D-02")
def test_that_every_request_has_a_reply_channel_of_its_own_under_the_one_of_the_process(server, worker):
    crew = worker(saying(HELLO))
    with Raw(server) as raw:
        for _ in range(2):
            raw.ask()
            raw.response()
    process, own = zip(*(message["reply_channel"].split("!") for message in crew.of("http.request")), strict=True)
    assert len(set(process)) == 1
    assert len(set(own)) == 2
    assert [len(part) for part in own] == [10, 10]
    assert len(process[0]) == len("daphne.response.") + 10


@row("response: status", "response: headers", "response: content")
def test_that_a_response_keeps_its_status_and_the_order_of_its_headers_in_lower_case(server, worker):
    headers = [[b"Set-Cookie", b"a=1"], [b"X-Other", b"x"], [b"set-cookie", b"b=2"]]
    worker(saying({"status": 418, "headers": headers, "content": b"tea"}))
    with Raw(server) as raw:
        raw.ask()
        head = raw.until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 418 ")
        assert b"set-cookie: a=1\r\nx-other: x\r\nset-cookie: b=2\r\ncontent-length: 3\r\n" in head
        assert raw.exactly(3) == b"tea"


@row("response: more_content", "chunk: content", "chunk: more_content")
def test_that_chunks_follow_until_one_says_it_is_the_last(server, worker):
    worker(saying({**HELLO, "more_content": True}, {"content": b", ", "more_content": True}, {"content": b"world"}))
    with Raw(server) as raw:
        raw.ask()
        status, headers, body = raw.response()
        assert (status, headers["transfer-encoding"], body) == (200, ["chunked"], b"hello, world")
        raw.ask(method="HEAD")  # the connection lives on
        assert raw.response(has_body=False)[0] == 200


def test_that_a_client_that_knows_no_chunks_gets_the_response_whole(server, worker):
    worker(saying({**HELLO, "more_content": True}, {"content": b", world"}))
    with Raw(server) as raw:
        raw.ask(version="1.0")
        status, headers, body = raw.response()
        assert (status, headers["content-length"], body) == (200, ["12"], b"hello, world")
        assert raw.until_end() == b""


@pytest.mark.parametrize("status", [204, 304])
def test_that_a_status_without_content_has_none(server, worker, status):
    worker(saying({"status": status, "content": b"oops"}))
    with Raw(server) as raw:
        raw.ask()
        head = raw.until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 %d" % status)
        raw.ask()
        assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 %d" % status)


@row("response: push")
def test_that_a_push_is_ignored_because_the_peer_cannot_take_it(server, worker):
    worker(saying({"request": {"method": "GET", "path": "/style.css"}}, HELLO))
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[2] == b"hello"
    assert not server.of(LogLine)


@row("response rules: no-status", "HTTP: 500")
def test_that_a_first_message_without_status_is_an_error_and_answered_with_500(server, worker):
    worker(saying({"content": b"what?"}))
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[0] == 500
    assert "has no status" in server.until(LogLine, level="error").text


@row("response rules: second-status")
def test_that_a_second_status_is_an_error_and_ignored(server, worker):
    worker(saying({**HELLO, "more_content": True}, {"status": 500, "content": b"no"}, {"content": b"!"}))
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[2] == b"hello!"
    assert "second one" in server.until(LogLine, level="error").text


@row("response rules: unknown-channel")
def test_that_a_message_to_a_channel_that_is_not_there_is_lost_and_told(server, worker):
    crew = worker(saying(HELLO, {"content": b"after the end"}))
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[2] == b"hello"
    process = crew.of("http.request")[0]["reply_channel"].partition("!")[0]
    crew.layer.send(f"{process}!nobody", {"content": b"x"})
    wait_until(lambda: len(server.of(MessageLost)) == 2, "both are lost")
    assert {lost.reason for lost in server.of(MessageLost)} == {"socket closed"}


@row("http.disconnect: reply_channel", "http.disconnect: path", "D-15")
@pytest.mark.parametrize("tells_finished", [False, True])
def test_that_the_end_of_a_request_is_told_where_its_client_left_and_on_demand_always(serve, worker, tells_finished):
    server = serve(*["--tell-finished"] * tells_finished)
    crew = worker(lambda channel, message: [HELLO] if message["path"] == "/done" else [])
    with Raw(server) as raw:
        raw.ask(path="/done")
        raw.response()
        raw.ask(path="/left")
        wait_until(lambda: len(crew.of("http.request")) == 2, "both requests")
    expected = ["/done", "/left"] if tells_finished else ["/left"]
    gone = wait_until(lambda: (them := crew.of("http.disconnect"))[len(expected) - 1 :] and them, "the disconnect")
    assert [message["path"] for message in gone] == expected
    assert gone[-1]["reply_channel"] == crew.of("http.request")[1]["reply_channel"]


@row("D-04", "option: http-timeout", "HTTP: 503")
def test_that_a_request_nobody_answers_ends_with_503(serve):
    server = serve("--http-timeout", 0.3)
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[0] == 503


def test_that_a_response_that_stops_in_the_middle_ends_the_connection(serve, worker):
    server = serve("--http-timeout", 0.3)
    worker(saying({**HELLO, "more_content": True}))
    with Raw(server) as raw:
        raw.ask()
        assert raw.until_end().endswith(b"5\r\nhello\r\n")  # and no last chunk: the client knows that some is missing


@row("HTTP: 400")
@pytest.mark.parametrize(
    "request_line",
    ["GET /caf\xe9 HTTP/1.1", "GET / HTTP/9.9", "NONSENSE", "GET /a b HTTP/1.1", "GET /\x00 HTTP/1.1"],
)
def test_that_what_is_no_request_is_answered_with_400(server, request_line):
    with Raw(server) as raw:
        raw.say(request_line, "Host: x")
        assert raw.response()[0] == 400
        assert raw.until_end() == b""
    assert not server.of(MessageSent)


BODY = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    ("headers", "body"),
    [(["Transfer-Encoding: identity"], b""), ([BODY], b"5\r\nhalf"), ([BODY], b"f" * 20 + b"\r\n"), ([BODY], b"?\r\n")],
)
def test_that_a_body_that_is_none_is_answered_with_400(server, headers, body):
    with Raw(server) as raw:
        raw.ask(*headers, method="POST", rest=body)
        if body.endswith(b"half"):
            raw.socket.sendall(b"x" * 10)  # more than the chunk holds
        assert raw.response()[0] == 400
        assert raw.until_end() == b""


def test_that_a_broken_request_behind_another_is_not_answered_in_its_place(server, worker):
    worker(lambda channel, message: [])  # which never answers
    with Raw(server) as raw:
        raw.ask(rest=b"NONSENSE\r\n\r\n")
        assert raw.until_end() == b""
    with Raw(server) as raw:
        raw.ask()
        raw.ask(BODY, method="POST", rest=b"?\r\n")
        assert raw.until_end() == b""


def test_that_a_handshake_with_a_body_is_refused(server):
    for header, body in (("Content-Length: 3", b"abc"), (BODY, b"0\r\n\r\n")):
        with Raw(server) as raw:
            raw.shake(header, rest=body)
            status, _, text = raw.response()
            assert (status, text) == (400, "An opening handshake has no body (RFC 6455 §4.1).\n".encode())


@pytest.mark.parametrize("hosts", [[], ["Host: a", "Host: b"]])
def test_that_a_request_names_one_host(server, hosts):
    with Raw(server) as raw:
        raw.say("GET / HTTP/1.1", *hosts)
        assert raw.response()[0] == 400


def test_that_pipelined_requests_are_answered_in_order(server, worker):
    worker(lambda channel, message: [{"status": 200, "content": message["path"].encode()}])
    with Raw(server) as raw:
        for number in range(10):
            raw.ask(path=f"/{number}")
        assert [raw.response()[2] for _ in range(10)] == [b"/%d" % number for number in range(10)]


def test_that_an_upgrade_behind_a_request_waits_for_its_response(server, worker):
    worker(lambda channel, message: [HELLO] if channel == "http.request" else [{"accept": True, "text": "hi"}])
    with Raw(server) as raw:
        raw.ask()
        raw.shake(rest=b"")
        assert raw.response()[2] == b"hello"
        assert raw.until(b"\r\n\r\n").startswith(b"HTTP/1.1 101 ")
        assert raw.frame() == (0x81, b"hi")


def test_that_an_upgrade_to_something_else_is_an_ordinary_request(server, worker):
    worker(saying(HELLO))
    with Raw(server) as raw:
        raw.ask("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
        assert raw.response()[2] == b"hello"
        raw.ask()
        assert raw.response()[2] == b"hello"


def test_that_a_client_that_waits_for_100_continue_gets_it(server, worker):
    crew = worker(saying(HELLO))
    with Raw(server) as raw:
        raw.ask("Expect: 100-continue", "Content-Length: 4", method="POST")
        assert raw.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.socket.sendall(b"body")
        assert raw.response()[2] == b"hello"
    assert crew.of("http.request")[0]["body"] == b"body"


@row("D-14", "option: access-log")
def test_that_the_access_log_has_a_line_for_each_request_and_each_step_of_a_socket(serve, worker, tmp_path):
    server = serve("--access-log", tmp_path / "log")
    worker(lambda channel, message: [HELLO] if channel == "http.request" else [{"accept": message["path"] == "/yes"}])
    with Raw(server) as raw:
        raw.ask(path="/a%0Ab")
        raw.response()
        raw.shake(path="/yes")
        raw.until(b"\r\n\r\n")
    with Raw(server) as raw:
        raw.shake(path="/no")
        raw.until_end()
    server.until(ConnectionClosed, count=2)
    text = (tmp_path / "log").read_text()
    lines = [
        json.loads(f'["{line.split(chr(34))[1]}", "{line.rpartition(chr(34))[2].strip()}"]')
        for line in text.splitlines()
    ]
    assert lines[0] == ["GET /a?b", "200 5"]
    steps = [action for action, _ in lines[1:]]
    assert steps == [
        "WSCONNECTING /yes", "WSCONNECT /yes", "WSDISCONNECT /yes",
        "WSCONNECTING /no", "WSREJECT /no", "WSDISCONNECT /no",
    ]  # fmt: skip
    assert text.startswith("127.0.0.1 - - [")


def test_that_the_tap_hears_requests_and_responses_as_they_are(server, worker):
    worker(saying(HELLO))
    with Raw(server) as raw:
        raw.ask()
        raw.response()
    server.until(ConnectionClosed)
    heard = {way: b"".join(e.data for e in server.of(BytesSeen) if e.direction == way) for way in ("client", "server")}
    assert heard["client"] == b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    assert heard["server"].endswith(b"\r\n\r\nhello")
