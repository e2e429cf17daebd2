# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever comes, the server goes on."""

import random
import socket

from app.events import ConnectionClosed, LogLine
from tests.redis_fixture import wait_until
from tests.server.raw import KEY, Raw, frame

LINES = [
    b"GET / HTTP/1.1", b"POST /x HTTP/1.0", b"Host: x", b"Content-Length: 5", b"", b"Transfer-Encoding: chunked",
    b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: " + KEY.encode(),
    b"5", b"hello",
]  # fmt: skip
PIECES = [*(line + b"\r\n" for line in LINES), b"\0\xff", frame("text"), frame(b"", 0x89), frame(b"x", 0x01)]


def answer(channel, message):
    if channel == "http.request":
        return [{"status": 200, "content": b"alive"}]
    return (
        [{"accept": True}] if channel == "websocket.connect" else [{key: message.get(key) for key in ("text", "bytes")}]
    )


def test_that_no_mixture_of_bytes_ends_the_server_or_surprises_it(serve, worker):
    server, dice = serve("--handshake-timeout", 0.5, "--keep-alive", 1), random.Random(3)
    worker(answer)
    rounds = 150
    for number in range(rounds):
        some = [dice.choice(PIECES) for _ in range(dice.randrange(1, 14))]
        if number % 3 == 0:
            some = [frame(dice.randbytes(dice.randrange(200)), dice.randrange(256)) for _ in range(4)]
            some[2] = dice.randbytes(9)
        with Raw(server) as raw:
            if number % 3 == 0:
                raw.shake()
                raw.until(b"\r\n\r\n")
            try:
                raw.socket.sendall(b"".join(some))
                if number % 2:
                    raw.socket.shutdown(socket.SHUT_WR)
                    raw.until_end()
            except (ConnectionError, OSError):
                continue
    with Raw(server) as raw:
        raw.ask()
        assert raw.response()[2] == b"alive"
    wait_until(lambda: len(server.of(ConnectionClosed)) == rounds + 1, "every connection ended")
    assert "".join(line.text for line in server.of(LogLine) if line.level == "error") == ""
    assert not [line.text for line in server.of(LogLine) if "Traceback" in line.text]
