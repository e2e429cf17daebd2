# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor under benchmarks/layer.py: the fewest commands that the taught keys need, from a bare socket.

No names are checked, nothing is refused, counted twice or told, and a send is not even atomic. What a layer with these
keys takes longer than this is its own; the rest is Redis, the socket and the scheduler.
"""

import random
import socket

import hiredis
import msgpack

RECEIVE = "local e = redis.call('LPOP', KEYS[1]) return e and {redis.call('GETDEL', e)}"
MSETEX_PART = 1000  # keys in one command


class Floor:
    """One connection to the Redis on a unix socket."""

    def __init__(self, url):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(url.removeprefix("unix://"))
        self._reader = hiredis.Reader()
        self._sha = self._call(("SCRIPT", "LOAD", RECEIVE))[0]
        self._has_msetex = "number of arg" in str(self._call(("MSETEX",))[0])
        self._is_expecting = True

    def _call(self, *commands):
        self._socket.sendall(b"".join(map(hiredis.pack_command, commands)))
        replies = []
        while len(replies) < len(commands):
            self._reader.feed(self._socket.recv(65536))
            while (reply := self._reader.gets()) is not False:
                replies.append(reply)
        return replies

    @staticmethod
    def _sending(channel, message):
        key, queue = f"asgi:{random.getrandbits(128):032x}", "asgi:" + channel
        counters = f"asgi-meta:{channel}:messages_count", "asgi-meta:#global#:messages_count"
        return (
            ("LLEN", queue),
            ("SET", key, msgpack.packb(message), "EX", 60),
            ("RPUSH", queue, key),
            ("EXPIRE", queue, 61),
            ("INCR", counters[0]),
            ("EXPIRE", counters[0], 3600),
            ("INCR", counters[1]),
            ("EXPIRE", counters[1], 86400),
        )

    def send(self, channel, message):
        self._call(*self._sending(channel, message))

    def send_many(self, channel, messages):
        for start in range(0, len(messages), 100):
            some = messages[start : start + 100]
            self._call(*(command for message in some for command in self._sending(channel, message)))

    def receive(self, channels):
        queues = ["asgi:" + channel for channel in channels]
        if len(queues) == 1 and self._is_expecting:
            (found,) = self._call(("EVALSHA", self._sha, 1, queues[0]))
            self._is_expecting = bool(found)
            if found:
                return msgpack.unpackb(found[0])
        (popped,) = self._call(("BLPOP", *queues, 5))
        if not popped:
            return None
        body, left = self._call(("GETDEL", popped[1]), ("LLEN", popped[0]))
        self._is_expecting = left > 0
        return msgpack.unpackb(body)

    def join(self, group, size):
        for n in range(size):
            self._call(("ZADD", "asgi::group:" + group, n, f"bench.proc!{n}"))

    def send_group(self, group, message):
        (members,) = self._call(("ZRANGE", "asgi::group:" + group, 0, -1))
        packed, stem = msgpack.packb(message), f"asgi:{random.getrandbits(96):024x}"
        keys = [f"{stem}{n:08x}" for n in range(len(members))]
        bodies = [packed + member for member in members]
        if self._has_msetex:
            commands = []
            for start in range(0, len(keys), MSETEX_PART):
                some = list(zip(keys, bodies, strict=True))[start : start + MSETEX_PART]
                commands.append(("MSETEX", len(some), *(word for pair in some for word in pair), "EX", 60))
        else:
            commands = [("SET", key, body, "EX", 60) for key, body in zip(keys, bodies, strict=True)]
        self._call(*commands, ("RPUSH", "asgi:bench.proc!", *keys), ("EXPIRE", "asgi:bench.proc!", 61))

    def flush(self):
        self._call(("FLUSHALL",))
