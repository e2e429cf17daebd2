# SPDX-License-Identifier: GPL-3.0-or-later
"""Request bodies: whole in the message, or in parts through a channel of their own (checklist §6)."""

import hashlib
import threading

import pytest

from app.events import MessageRefused
from app.server.__main__ import BODY_PARTS
from tests.checklist import row
from tests.redis_fixture import wait_until
from tests.server.raw import Raw

PART = 512 * 1024


class Reading:
    """Answers that read the body to its end and say its length and SHA-1; `is_held` keeps it from reading."""

    def __init__(self):
        self.parts = []
        self.layer = None
        self.may_read = threading.Event()
        self.may_read.set()

    def __call__(self, channel, message):
        if channel != "http.request":
            return []
        self.may_read.wait(20)
        whole = message["body"]
        has_more = "body_channel" in message
        while has_more:
            _, part = self.layer.receive([message["body_channel"]], block=True)
            if part is None:
                continue
            self.parts.append(part)
            if part.get("closed"):
                return []
            whole += part["content"]
            has_more = part["more_content"]
        return [{"status": 200, "content": f"{len(whole)} {hashlib.sha1(whole).hexdigest()}".encode()}]


@pytest.fixture
def reader(worker):
    reading = Reading()
    reading.crew = worker(reading)
    reading.layer = reading.crew.layer
    yield reading
    reading.may_read.set()


def body_of(size):
    return bytes(range(256)) * (size // 256) + b"x" * (size % 256)


def expected(body):
    return f"{len(body)} {hashlib.sha1(body).hexdigest()}".encode()


@row(
    "http.request: body_channel",
    "http.request.body: content",
    "http.request.body: more_content",
)
@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 2 * PART, 5 * PART + 7])
def test_that_a_body_arrives_whole_and_above_one_part_through_its_channel(server, reader, size):
    body = body_of(size)
    with Raw(server) as raw:
        raw.ask(f"Content-Length: {size}", method="POST", rest=body)
        assert raw.response()[2] == expected(body)
    (message,) = reader.crew.of("http.request")
    assert ("body_channel" in message) == (size > PART)
    assert len(message["body"]) == min(size, PART)
    if size > PART:
        assert message["body_channel"].startswith("http.request.body?")
        assert [part["more_content"] for part in reader.parts] == [True] * ((size - 1) // PART - 1) + [False]
        assert all(part["content"] for part in reader.parts)


def test_that_a_body_in_chunks_arrives_whole(server, reader):
    body = body_of(PART + 100)
    pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
    with Raw(server) as raw:
        raw.ask("Transfer-Encoding: chunked", method="PUT")
        for piece in pieces:
            raw.socket.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        raw.socket.sendall(b"0\r\n\r\n")
        assert raw.response()[2] == expected(body)


def test_that_a_worker_that_reads_slowly_holds_the_client_up_and_not_redis(server, reader, redis_server):
    reader.may_read.clear()
    body = body_of(40 * PART)
    with Raw(server) as raw:
        sending = threading.Thread(
            target=raw.ask, args=(f"Content-Length: {len(body)}",), kwargs={"method": "POST", "rest": body}
        )
        sending.start()
        (message,) = wait_until(lambda: reader.crew.of("http.request"), "the request")
        with redis_server.client() as redis:
            queue = "asgi:" + message["body_channel"]
            wait_until(lambda: redis.llen(queue) == BODY_PARTS, "as many parts as may wait")
        assert sending.is_alive()
        reader.may_read.set()
        assert raw.response()[2] == expected(body)
        sending.join(10)
    assert not server.of(MessageRefused)


@row("http.request.body: closed")
def test_that_a_body_whose_client_leaves_is_closed(server, reader):
    with Raw(server) as raw:
        raw.ask(f"Content-Length: {4 * PART}", method="POST", rest=body_of(2 * PART))
        wait_until(lambda: reader.crew.of("http.request"), "the request")
    wait_until(lambda: reader.parts and reader.parts[-1] == {"closed": True}, "the last part says so")
    wait_until(lambda: reader.crew.of("http.disconnect"), "and the request is told to be over")


def test_that_a_client_that_leaves_before_the_first_part_is_whole_was_never_there(server, reader):
    with Raw(server) as raw:
        raw.ask("Content-Length: 100", method="POST", rest=b"not all")
    with Raw(server) as raw:
        raw.ask()
        raw.response()
    assert [message["method"] for message in reader.crew.of("http.request")] == ["GET"]
    assert not reader.crew.of("http.disconnect")


def test_that_an_answer_need_not_wait_for_the_body(server, worker):
    worker(lambda channel, message: [{"status": 403, "content": b"no"}] if channel == "http.request" else [])
    with Raw(server) as raw:
        raw.ask(f"Content-Length: {3 * PART}", method="POST", rest=body_of(PART + 1))
        assert raw.response()[::2] == (403, b"no")


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Content-Length: 1001", b"x" * 1001),
        ("Content-Length: 1001", b""),  # it is refused before it comes
        ("Transfer-Encoding: chunked", b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"),
    ],
)
def test_that_a_body_above_the_limit_is_refused_with_413(serve, worker, header, body):
    server = serve("--body-limit", 1000)
    crew = worker(lambda channel, message: [{"status": 200}])
    with Raw(server) as raw:
        raw.ask(header, method="POST", rest=body)
        assert raw.response()[::2] == (413, b"The request body is larger than 1000 bytes.")
    assert not crew.of("http.request")


def test_that_a_body_that_does_not_come_is_answered_with_408(serve):
    server = serve("--http-timeout", 0.3)
    with Raw(server) as raw:
        raw.ask("Content-Length: 100", method="POST", rest=b"not all")
        assert raw.response()[0] == 408
