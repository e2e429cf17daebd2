# SPDX-License-Identifier: GPL-3.0-or-later
"""What sockets send on the channel layer: gathered while a trip to Redis is under way, then sent in one trip."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any

import msgspec

from app.events import Event, MessageLost, MessageRefused, MessageSent
from app.layer import AsyncRedisChannelLayer, RedisGone
from app.layer.receipts import Sent
from app.layer.refused import ChannelFull, Refused
from app.server.gates import Gates

Failure = Refused | RedisGone
PAUSE = 0.02  # seconds between two attempts to send to a channel that is full


class Letter(msgspec.Struct, frozen=True):
    """A message on its way; `n` counts the client's data messages on `connection` (0: it is none).

    `done` is told what went wrong, or None.
    """

    channel: str
    message: dict[str, Any]
    connection: str
    n: int = 0
    done: Callable[[Failure | None], None] = lambda _: None


class Post:
    """Sends, and says what became of each message."""

    def __init__(self, layer: AsyncRedisChannelLayer, say: Callable[[Event], None], gates: Gates) -> None:
        self._layer = layer
        self._say = say
        self._gates = gates
        self._letters: list[Letter] = []
        self._is_under_way = self._is_posting = False
        self._emptied: asyncio.Event | None = None  # where somebody waits for it

    def put(self, letter: Letter, may_pass: bool = False) -> None:
        """Send now, or with the next trip if one is under way, once the gate lets it pass; letters keep their order."""
        if not may_pass and not self._gates.is_open:
            return self._gates.hold("send", partial(self.put, letter, may_pass=True), **_about(letter))
        self._letters.append(letter)
        if not self._is_under_way:
            self._go()

    async def send(self, letter: Letter, patience: float = 0.0) -> None:
        """Send now, or wait so many seconds for room in the channel.

        Raises:
            Refused, RedisGone: it did not get there.
        """
        if not self._gates.is_open:
            await self._gates.passed("send", **_about(letter))
        end = time.monotonic() + patience
        while True:
            began = time.time()  # a worker may take the message before Redis's answer reaches us
            try:
                sent = await self._layer.post(letter.channel, letter.message)
            except Refused as refused:
                if not isinstance(refused, ChannelFull) or time.monotonic() >= end:
                    self._tell(letter, refused, began)
                    raise
                await asyncio.sleep(PAUSE)
            else:
                return self._tell(letter, sent, began, time.time() - began)

    async def until_empty(self) -> None:
        """Wait until all is sent."""
        if self._is_under_way:
            self._emptied = self._emptied or asyncio.Event()
            await self._emptied.wait()

    def _go(self) -> None:
        """Send what there is; what travels one by one is told one by one, before what becomes of it."""
        self._is_posting = True
        try:
            while self._letters and not self._is_under_way:
                letters, self._letters = self._letters, []
                if len(letters) > 1 and self._layer.sends_one_by_one:
                    letters, self._letters = letters[:1], letters[1:]
                self._is_under_way = True
                sends = list(map(_what, letters))
                self._layer.post_soon(sends, partial(self._answered, letters, time.time()))
        finally:
            self._is_posting = False

    def _answered(self, letters: list[Letter], began: float, answers: list[Sent | Refused] | Exception) -> None:
        self._is_under_way = False
        try:
            if isinstance(answers, Exception):
                return self._failed(letters, answers)
            took = time.time() - began
            for letter, answer in zip(letters, answers, strict=True):
                self._tell(letter, answer, began, took)
                letter.done(None if isinstance(answer, Sent) else answer)
        finally:
            if self._letters and not self._is_posting:  # or it has been answered at once, and `_go` goes on
                self._go()
            if self._emptied and not self._letters and not self._is_under_way:
                self._emptied.set()
                self._emptied = None

    @staticmethod
    def _failed(letters: list[Letter], error: Exception) -> None:
        if not isinstance(error, RedisGone):
            raise error
        for letter in letters:
            letter.done(error)

    def _tell(self, letter: Letter, answer: Sent | Failure, began: float, took: float = 0.0) -> None:
        if isinstance(answer, Sent):
            self._say(
                MessageSent(
                    t=began,
                    source="server",
                    key=answer.key,
                    channel=answer.channel,
                    body=answer.body,
                    expiry=answer.expiry,
                    connection=letter.connection,
                    n=letter.n,
                    took=took,
                )
            )
            if answer.is_dropped:
                self._say(MessageLost(t=time.time(), source="server", key=answer.key, reason="dropped on purpose"))
        elif isinstance(answer, Refused):
            self._say(MessageRefused(t=time.time(), source="server", reason=answer.reason, **_about(letter)))


_what = attrgetter("channel", "message")


def _about(letter: Letter) -> dict[str, Any]:
    return {"channel": letter.channel, "connection": letter.connection, "n": letter.n}
