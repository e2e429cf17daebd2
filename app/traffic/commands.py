# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands to Redis and its replies for what processes told: the plain commands that do what the layer's scripts do."""

from __future__ import annotations

from dataclasses import dataclass

from app import events as e
from app.layer.keys import Keys
from app.layer.resp import command, word

OK = b"+OK\r\n"
NIL = b"$-1\r\n"
ONE = b":1\r\n"
LATER = 10_000  # milliseconds that a queue outlives its newest message


@dataclass(frozen=True)
class Asked:
    """Commands that leave together, and what Redis answers."""

    commands: tuple[bytes, ...] = ()
    replies: tuple[bytes, ...] = ()

    def __add__(self, other: Asked) -> Asked:
        return Asked(self.commands + other.commands, self.replies + other.replies)


def number(value: int) -> bytes:
    """Return an integer as Redis answers it."""
    return b":%d\r\n" % value


def array(*items: bytes) -> bytes:
    """Return an array of what is packed already."""
    return b"*%d\r\n" % len(items) + b"".join(items)


def put(keys: Keys, event: e.MessageSent, length: int) -> Asked:
    """Put a message into its channel, which has so many then."""
    queue, body, life = keys.queue(event.channel), keys.body(event.key), round(event.expiry * 1000)
    return Asked(
        (
            command("SET", body, event.body, "PX", life),
            command("RPUSH", queue, body),
            command("PEXPIRE", queue, life + LATER),
        ),
        (OK, number(length), ONE),
    )


def members(keys: Keys, group: str, channels: list[str]) -> Asked:
    """Ask who is in a group."""
    asked = command("ZRANGE", keys.group(group), 0, -1)
    return Asked((asked,), (array(*map(word, channels)),))


def wait(queues: list[str]) -> bytes:
    """Return the command that waits for a message in any of some queues."""
    return command("BLPOP", *queues, 5)


def popped(queue: str, body: str) -> bytes:
    """Return what BLPOP answers."""
    return array(word(queue), word(body))


def fetch(body: str, content: bytes | None) -> Asked:
    """Take a message's body; None: it has expired."""
    return Asked((command("GETDEL", body),), (NIL if content is None else word(content),))


def join(keys: Keys, event: e.GroupAdded) -> Asked:
    """Let a channel join a group."""
    group = keys.group(event.group)
    return Asked((command("ZADD", group, repr(event.t), event.channel), command("EXPIRE", group, 86400)), (ONE, ONE))


def leave(keys: Keys, event: e.GroupDiscarded) -> Asked:
    """Take a channel out of a group."""
    return Asked((command("ZREM", keys.group(event.group), event.channel),), (ONE,))


def refused(keys: Keys, event: e.MessageRefused, capacity: int) -> Asked:
    """Ask whether there is room: there is not."""
    answers = {
        "full": number(capacity),
        "wrong type": b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
        "out of memory": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    }
    if event.reason not in answers:  # too large: it was never sent to Redis
        return Asked()
    return Asked((command("LLEN", keys.queue(event.channel)),), (answers[event.reason],))


def typed(event: e.CommandRun) -> Asked:
    """What was typed in the console; the answer is what was printed."""
    answer = event.answer.encode()
    if event.is_error:
        line = answer.removeprefix(b"(error) ").replace(b"\n", b" ").replace(b"\r", b" ")
        return Asked((command(*event.command.split()),), (b"-" + line + b"\r\n",))
    return Asked((command(*event.command.split()),), (word(answer),))
