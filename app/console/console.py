# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one typed line on Redis and tells what was printed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.console import answers
from app.console.commands import Command, command_of, help_text, refusal, wrong_count
from app.console.effects import SOURCE, ask, run_deletion
from app.console.meaning import REST, Meaning, meaning_of
from app.console.words import QuoteError, split
from app.events import CommandRun, Event

PATIENCE = 5.0  # seconds that Redis may take to answer
MANY_KEYS = 10_000  # in a Redis that is not ours: `keys` would hold up its other users


class Refused(Exception):
    """The line is not run; the sentence says why."""


class Console:
    """Knows one Redis, `url`; `is_own` says that the program started it, so that keys may be deleted there."""

    def __init__(self, url: str, prefix: str, is_own: bool, emit: Callable[[Event], None]) -> None:
        self._url = url
        self._prefix = prefix
        self._is_own = is_own
        self._emit = emit

    async def run(self, line: str, is_confirmed: bool = False) -> None:
        """Run a line and tell what was printed, also when it is refused or Redis does not answer."""
        client = redis.asyncio.Redis.from_url(
            self._url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=PATIENCE
        )
        client.response_callbacks.clear()  # answers as they come: what redis-py makes of them redis-cli does not print
        try:
            async with client:
                await self._run(client, line.strip(), is_confirmed)
        except (QuoteError, Refused) as problem:
            self._tell(line, f"(refused) {problem}", is_error=True)
        except redis.ResponseError as problem:
            self._tell(line, answers.error(problem), is_error=True)
        except (redis.RedisError, OSError) as problem:
            self._tell(line, f"Redis does not answer: {problem}", is_error=True)

    async def _run(self, client: redis.asyncio.Redis, line: str, is_confirmed: bool) -> None:
        words = split(line)
        if not words:
            return
        names = [word.decode(errors="replace") for word in words]
        command, rest = command_of(names)
        if command is None:
            raise Refused(refusal(names))
        if wrong := wrong_count(command, rest):
            raise redis.ResponseError(wrong, status_code="ERR")
        await self._may(client, command, is_confirmed)
        places = _key_places(command, len(words), len(words) - len(rest))
        for place in places:
            words[place] = await self._whole(client, words[place], command.kind)
            if words[place] != names[place].encode():
                line = line.replace(names[place], words[place].decode(errors="replace"))
        await self._do(client, command, words, [words[place] for place in places], line)

    async def _may(self, client: redis.asyncio.Redis, command: Command, is_confirmed: bool) -> None:
        """Refuse what this Redis should not be asked."""
        if command.deletes and not self._is_own:
            raise Refused("the program did not start this Redis, so nothing is deleted here.")
        if command.deletes and not is_confirmed:
            raise Refused(f"{command.name} deletes: it must be confirmed.")
        if command.name == "keys" and not self._is_own:
            count = await ask(client, "DBSIZE")
            if count > MANY_KEYS:
                raise Refused(f"{count} keys are in this Redis, which would answer nobody else meanwhile; use scan.")

    async def _do(
        self, client: redis.asyncio.Redis, command: Command, words: list[bytes], keys: list[bytes], line: str
    ) -> None:
        if command.is_ours:
            text, is_empty = await self._own(client, command, words, keys)
            return self._tell(line, text, keys, is_empty=is_empty)
        events: list[Event] = []
        if command.deletes:
            answer, events = await run_deletion(client, words, keys, self._prefix)
        else:
            answer = await ask(client, *words)
        for event in events:
            self._emit(event)
        if isinstance(answer, Exception):
            return self._tell(line, answers.error(answer), keys, is_error=True)
        text = answers.shown(answer, command.is_status, command.is_plain)
        self._tell(line, text, keys, is_empty=answers.is_empty(answer))

    async def _own(
        self, client: redis.asyncio.Redis, command: Command, words: list[bytes], keys: list[bytes]
    ) -> tuple[str, bool]:
        """Do one of the console's own commands; return what is printed, and whether there was nothing."""
        if command.name == "help":
            return help_text(" ".join(word.decode(errors="replace") for word in words[1:])), False
        body = await ask(client, "GET", *keys)
        return ("(nil)", True) if body is None else (answers.unpacked(body), False)

    async def _whole(self, client: redis.asyncio.Redis, name: bytes, kind: str) -> bytes:
        """Return the one key, or the one body, whose name is shortened by an ellipsis; any other name as it is."""
        shortened = name.replace(b"...", REST.encode())
        if REST.encode() not in shortened:
            return name
        pattern = b"*".join(_literal(part) for part in shortened.split(REST.encode()))
        names = await _scan(client, pattern)
        found = [name for name in names if kind.encode() in (b"", await ask(client, "TYPE", name))]
        if len(found) > 1:  # bodies are what has long names
            found = [name for name in found if self._meaning(name).kind == "message"] or found
        if len(found) != 1:
            some = f"{len(found)} {kind} keys are" if found else f"no {kind} key is"
            raise Refused(f"{' '.join(some.split())} called {name.decode()}; {REST} stands for the rest of one name.")
        return found[0]

    def _meaning(self, key: bytes) -> Meaning:
        return meaning_of(key.decode(errors="replace"), self._prefix)

    def _tell(
        self, line: str, text: str, keys: list[bytes] | None = None, is_error: bool = False, is_empty: bool = False
    ) -> None:
        named: dict[str, Any] = {}
        for key in (keys or [])[:1]:
            meaning = self._meaning(key)
            names = {"message": "key", "channel": "channel", "group": "group"}
            named = {names[meaning.kind]: meaning.item} if meaning.kind in names else {}
        verb = next(iter(line.lower().split()), "")
        self._emit(
            CommandRun(
                t=time.time(),
                source=SOURCE,
                command=line,
                verb=verb,
                answer=text,
                is_error=is_error,
                is_empty=is_empty,
                **named,
            )
        )


def _key_places(command: Command, count: int, first: int) -> list[int]:
    """Return the places, among all words, of those that name keys."""
    if command.keys is None:
        return []
    return list(range(first, count)) if command.keys < 0 else [first + command.keys]


async def _scan(client: redis.asyncio.Redis, pattern: bytes) -> list[bytes]:
    names: set[bytes] = set()
    cursor = b"0"
    while True:
        cursor, found = await ask(client, "SCAN", cursor, "MATCH", pattern, "COUNT", 500)
        names.update(found)
        if cursor == b"0":
            return sorted(names)


def _literal(part: bytes) -> bytes:
    """Return a part of a name as a pattern that stands for itself."""
    return b"".join(b"\\" + bytes([byte]) if byte in b"*?[]\\" else bytes([byte]) for byte in part)
