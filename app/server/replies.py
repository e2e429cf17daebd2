# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of the interface server's one process-specific channel; it gives each reply to whom it is for.

Every request and socket has a reply channel `daphne.response.<process>!<own part>`; this process reads them all by
listening to the part up to `!` (asgi1_checklist D-01, D-02).
"""

from __future__ import annotations

import asyncio
import random
import string
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from app.events import Event, GhostsPassed, LogLine, MessageLost, MessageReceived, MessagesWiped, RedisBack, RedisLost
from app.layer import AsyncRedisChannelLayer, RedisGone
from app.layer.receipts import Taken
from app.server.gates import Gates
from app.server.turn import Turn

FIRST_RETRY, LAST_RETRY = 0.05, 2.0  # seconds between two tries to reach Redis again


def random_letters(count: int) -> str:
    """Return letters for a channel name."""
    return "".join(random.choices(string.ascii_letters, k=count))


class Addressee(Protocol):
    """Whoever has a reply channel, on a connection."""

    connection: str

    def take(self, taken: Taken) -> None:
        """A reply came."""

    def wipe(self) -> None:
        """Redis lost its data, and all groups with it: no reply will come (S-11)."""


class Replies:
    """Addressees by reply channel; `run` reads for them."""

    def __init__(self, layer: AsyncRedisChannelLayer, say: Callable[[Event], None], gates: Gates, turn: Turn) -> None:
        self.prefix = f"daphne.response.{random_letters(10)}!"
        self._layer = layer
        self._say = say
        self._gates, self._turn = gates, turn
        self._addressees: dict[str, Addressee] = {}

    def open(self, addressee: Addressee) -> str:
        """Return a new reply channel."""
        channel = self.prefix + random_letters(10)
        self._addressees[channel] = addressee
        return channel

    def close(self, channel: str) -> None:
        """Give a reply channel up; what comes later is lost."""
        self._addressees.pop(channel, None)

    async def run(self) -> None:
        """Read for ever."""
        run_id = ""
        retry = FIRST_RETRY
        while True:
            try:
                run_id = await self._notice_restart(run_id)
                retry = FIRST_RETRY
                await self._layer.listen(self.prefix, self._pass_all)
            except RedisGone as error:
                if run_id and retry == FIRST_RETRY:
                    self._say(RedisLost(t=time.time(), source="server", reason=str(error)))
                await asyncio.sleep(retry)
                retry = min(retry * 2, LAST_RETRY if run_id else FIRST_RETRY)

    async def _notice_restart(self, known: str) -> str:
        run_id = await self._layer.run_id()
        if known:
            self._say(RedisBack(t=time.time(), source="server"))
        if known and run_id != known:
            self._say(MessagesWiped(t=time.time(), source="server", reason="restart"))
            self.end_all()
        return run_id

    def end_all(self) -> None:
        """Let everybody know that their groups are gone."""
        for addressee in list(self._addressees.values()):
            addressee.wipe()

    def _pass_all(self, batch: tuple[Taken, ...]) -> None:
        self._turn.has_end = True  # whatever goes to one socket leaves in one write
        try:
            for taken in batch:
                addressee = self._addressees.get(taken.channel)
                if addressee is not None and taken.message is not None and not taken.ghosts and self._gates.is_open:
                    addressee.take(taken)  # as nearly always
                else:
                    self._pass(taken, addressee)
        finally:
            self._turn.end()

    def _pass(self, taken: Taken, addressee: Addressee | None) -> None:
        """Sort a reply once the gate lets it pass."""
        if self._gates.is_open or not taken.key:
            self._sort(taken)
        else:
            connection = addressee.connection if addressee else ""
            self._gates.hold(
                "frames", partial(self._sort, taken), channel=taken.channel, key=taken.key, connection=connection
            )

    def _sort(self, taken: Taken) -> None:
        if taken.ghosts:
            self._say(GhostsPassed(t=time.time(), source="server", channel=taken.queue, keys=taken.ghosts))
        if not taken.key:
            return
        addressee = self._addressees.get(taken.channel)
        if taken.message is None:
            self.lose(taken, "unreadable")
        elif addressee is None:
            self.lose(taken, "socket closed")
        else:
            addressee.take(taken)

    def took(self, taken: Taken, connection: str, n: int = 0) -> None:
        """Say that a reply was taken, and which WebSocket message from the server it becomes (0: none)."""
        key, channel = taken.key, taken.channel
        self._say(MessageReceived(t=time.time(), source="server", key=key, channel=channel, connection=connection, n=n))

    def lose(self, taken: Taken, reason: Any) -> None:
        """Say that nobody acts on a reply."""
        self._say(MessageLost(t=time.time(), source="server", key=taken.key, reason=reason))

    def log(self, text: str, level: str = "warning") -> None:
        """Say a line for people."""
        self._say(LogLine(t=time.time(), source="server", text=text, level=level))
