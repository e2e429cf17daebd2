# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor under the echo of benchmarks/chat.py: the same trips with the same scripts, from bare sockets.

`python chat_floor.py server REDIS_SOCKET PORT` and `… worker REDIS_SOCKET`. Frames are taken as the load generator
makes them, bodies are their payloads; nothing is parsed, checked, told, or ever goes wrong. What ours takes longer than
this is Python's work; the rest is Redis, the sockets and the scheduler.
"""

import itertools
import random
import select
import socket
import sys
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

LUA = Path(__file__).parent.parent / "app" / "layer" / "lua"
REQUESTS, REPLIES = "websocket.receive", "floor!"
OTHERS = ("websocket.connect", "websocket.disconnect")  # a worker listens to these too
ACCEPT = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
ACCEPT += b"Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n"  # to the generator's one key


def packed(*words: object) -> bytes:
    """Return a command."""
    said = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(said) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in said)


def connected(path: str) -> socket.socket:
    """Return a connection to Redis, which knows the scripts."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    for name in ("send", "receive_batch"):
        line.sendall(packed("SCRIPT", "LOAD", (LUA / f"{name}.lua").read_bytes()))
        line.recv(4096)
    return line


def called(name: str, keys: list[str], *args: object) -> bytes:
    """Return the call of a script."""
    return packed("EVALSHA", sha1((LUA / f"{name}.lua").read_bytes()).hexdigest(), len(keys), *keys, *args)


def sends(channel: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield what stands before and behind a payload of 125 bytes in the command that sends it; keys differ."""
    counters = [
        f"asgi-meta:{name}:{what}_count" for what in ("messages", "channel_full") for name in (channel, "#global#")
    ]
    keys = ["asgi:" + channel, *counters, "asgi:" + "?" * 32]
    head, between, behind = called("send", keys, b"!" * 125, 60, 10_000).replace(b"!" * 125, b"?" * 32).split(b"?" * 32)
    stem = random.getrandbits(64)
    for number in itertools.count():
        yield b"%b%016x%016x%b" % (head, stem, number, between), behind


def serve(path: str, port: int) -> None:
    """Echo for one client after the other, through a worker."""
    line, waiting, send = connected(path), connected(path), sends(REQUESTS)
    queue = "asgi:" + REPLIES
    ask = packed("BLMOVE", queue, queue, "LEFT", "LEFT", 0) + called("receive_batch", [queue], "asgi:", 100)
    waiting.sendall(ask)
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            client, _ = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if client.recv(4096):
                client.sendall(ACCEPT)
                _serve_client(client, line, waiting, send, ask)
            client.close()


def _serve_client(
    client: socket.socket, line: socket.socket, waiting: socket.socket, send: Iterator[tuple[bytes, bytes]], ask: bytes
) -> None:
    poll = select.epoll()
    for one in (client, line, waiting):
        poll.register(one, select.EPOLLIN)
    before, behind = next(send)
    is_open, is_under_way = True, False
    while is_open or is_under_way:
        for fd, _ in poll.poll():
            if fd == client.fileno():
                frame = client.recv(4096)
                if not frame:
                    is_open = False
                    poll.unregister(client)
                    continue
                is_under_way = True
                line.send(before + frame[6:] + behind)
                before, behind = next(send)
            elif fd == line.fileno():
                line.recv(4096)
            else:
                reply, is_under_way = waiting.recv(4096), False
                if is_open:
                    client.send(b"\x81\x7d" + reply[-127:-2])
                waiting.send(ask)


def work(path: str) -> None:
    """Take each request and send it back."""
    line, send = connected(path), sends(REPLIES)
    wait = packed("BLPOP", *("asgi:" + name for name in (REQUESTS, *OTHERS)), 0)
    length = packed("LLEN", "asgi:" + REQUESTS)

    def answer(data: bytes) -> bytes:
        line.send(data)
        return line.recv(4096)

    for before, behind in send:
        key = answer(wait)[-39:-2]
        body = answer(b"*2\r\n$6\r\nGETDEL\r\n$37\r\n" + key + b"\r\n" + length)
        answer(before + body[6:131] + behind)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        work(sys.argv[2])
