# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of the interface server's one process-specific channel, and the mailboxes it fills.

Every request and socket has a reply channel `daphne.response.<process>!<own part>`; this process reads them all by
listening to the part up to `!` (asgi1_checklist D-01, D-02).
"""

from __future__ import annotations

import asyncio
import random
import string
import time
from collections.abc import Callable
from typing import Any

from app.events import Event, GhostsPassed, LogLine, MessageLost, MessagesWiped, RedisBack, RedisLost
from app.layer import AsyncRedisChannelLayer, RedisGone
from app.layer.receipts import Taken

FIRST_RETRY, LAST_RETRY = 0.05, 2.0  # seconds between two tries to reach Redis again


def random_letters(count: int) -> str:
    """Return letters for a channel name."""
    return "".join(random.choices(string.ascii_letters, k=count))


class Replies:
    """Mailboxes by reply channel, filled from Redis by `run`."""

    def __init__(self, layer: AsyncRedisChannelLayer, say: Callable[[Event], None]) -> None:
        self.prefix = f"daphne.response.{random_letters(10)}!"
        self.wiped = asyncio.Event()  # set when Redis lost its data: sockets are deaf from then on (S-11)
        self._layer = layer
        self._say = say
        self._boxes: dict[str, asyncio.Queue[Taken]] = {}

    def open(self) -> tuple[str, asyncio.Queue[Taken]]:
        """Return a new reply channel and its mailbox."""
        channel = self.prefix + random_letters(10)
        box = self._boxes[channel] = asyncio.Queue()
        return channel, box

    def close(self, channel: str) -> None:
        """Give a mailbox up; what is left in it, or comes later, is lost."""
        box = self._boxes.pop(channel)
        while not box.empty():
            self.lose(box.get_nowait(), "socket closed")

    async def run(self) -> None:
        """Read for ever."""
        run_id = ""
        retry = FIRST_RETRY
        while True:
            try:
                run_id = await self._notice_restart(run_id)
                while True:
                    for taken in await self._layer.take_batch(self.prefix, block=True):
                        self._sort(taken)
                    retry = FIRST_RETRY
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
        """Let every socket know that its groups are gone."""
        self.wiped.set()
        self.wiped = asyncio.Event()

    def _sort(self, taken: Taken) -> None:
        if taken.ghosts:
            self._say(GhostsPassed(t=time.time(), source="server", channel=taken.queue, keys=taken.ghosts))
        if not taken.key:
            return
        if taken.message is None:
            self.lose(taken, "unreadable")
        elif taken.channel in self._boxes:
            self._boxes[taken.channel].put_nowait(taken)
        else:
            self.lose(taken, "socket closed")

    def lose(self, taken: Taken, reason: Any) -> None:
        """Say that nobody acts on a reply."""
        self._say(MessageLost(t=time.time(), source="server", key=taken.key, reason=reason))

    def log(self, text: str, level: str = "warning") -> None:
        """Say a line for people."""
        self._say(LogLine(t=time.time(), source="server", text=text, level=level))
