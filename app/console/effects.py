# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that deletes, and what it did to messages and groups, told as events."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import redis.asyncio

from app.console.meaning import meaning_of
from app.events import Event, GroupDiscarded, MessageLost, MessagesWiped

SOURCE = "console"


class Held(NamedTuple):
    """What a key held: the entries of a list, the members of a sorted set, or itself, when it is a string."""

    key: str
    parts: frozenset[bytes]


async def ask(client: redis.asyncio.Redis, *words: bytes | str | int) -> Any:
    """Return the answer to one command, as Redis gave it."""
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]


async def run_deletion(
    client: redis.asyncio.Redis, words: list[bytes], keys: list[bytes], prefix: str
) -> tuple[Any, list[Event]]:
    """Run a command that deletes; return its answer (an exception for an error) and what it did.

    What the keys held is looked at in one transaction with the command, so that nobody comes in between.
    """
    if words[0].lower() == b"flushdb":
        answer = await ask(client, *words)
        return answer, [MessagesWiped(t=time.time(), source=SOURCE, reason="flushdb")]
    kinds = [await ask(client, "TYPE", key) for key in keys]
    async with client.pipeline(transaction=True) as pipe:
        pipe.response_callbacks = {}
        _look(pipe, keys, kinds)
        pipe.execute_command(*words)
        _look(pipe, keys, kinds)
        answers = await pipe.execute(raise_on_error=False)
    before, answer, after = answers[: len(keys)], answers[len(keys)], answers[len(keys) + 1 :]
    events: list[Event] = []
    for key, was, now in zip(keys, before, after, strict=True):
        events += _gone(key, _parts(was) - _parts(now), prefix)
    return answer, events


def _look(pipe: Any, keys: list[bytes], kinds: list[bytes]) -> None:
    for key, kind in zip(keys, kinds, strict=True):
        if kind == b"list":
            pipe.execute_command("LRANGE", key, 0, -1)
        elif kind == b"zset":
            pipe.execute_command("ZRANGE", key, 0, -1)
        else:
            pipe.execute_command("EXISTS", key)


def _parts(answer: Any) -> frozenset[bytes]:
    if isinstance(answer, list):
        return frozenset(answer)
    return frozenset([b""]) if answer == 1 else frozenset()


def _gone(key: bytes, parts: frozenset[bytes], prefix: str) -> list[Event]:
    """Return what it means that these parts of a key are gone."""
    now, meaning = time.time(), meaning_of(key.decode(errors="replace"), prefix)
    names = [part.decode(errors="replace") for part in sorted(parts)]
    if meaning.kind == "group":
        return [GroupDiscarded(t=now, source=SOURCE, group=meaning.item, channel=name) for name in names]
    if meaning.kind == "message":
        names = [key.decode()] if parts else []
    elif meaning.kind != "channel":
        return []
    messages = [meaning_of(name, prefix) for name in names]
    return [
        MessageLost(t=now, source=SOURCE, key=message.item, reason="dropped on purpose")
        for message in messages
        if message.kind == "message"
    ]
