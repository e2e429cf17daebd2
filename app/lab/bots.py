# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for bots: a herd of sockets, in a process of its own."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future

from app.bots import HerdError, Order
from app.bots.herd import Page
from app.clients.chat import ClientError
from app.events import BotsCounted, LogLine
from app.lab.core import Core
from app.lab.herding import Herding, compare
from app.sources.processes import ChildProcess

FIGURES = 3.0  # seconds until a herd's last figures are told


class BotVerbs(Core):
    """Let a herd come and go; there is one at a time."""

    _herding: Herding | None = None
    _following: asyncio.Task[None] | None = None
    _whole: BotsCounted | None = None  # the figures of the newest that is over

    def start_bots(
        self,
        count: int = 10,
        page: Page = "draw",
        pace: int = 0,
        room: str = "lobby",
        seed: int = 1,
        seconds: float = 0,
    ) -> Future[None]:
        """Let 1 to 500 bots draw or chat until `stop_bots`, or for some seconds; those before leave."""

        async def work() -> None:
            if not self.address:
                raise ClientError("No bot can come: the pages do not answer yet.")
            try:
                order = Order(self.address.rstrip("/"), count, page, room, pace, seed, seconds)
            except HerdError as error:
                raise ClientError(str(error)) from error
            await self._end_bots()
            self._take(_nothing_yet(order))
            if count > (places := self._live.settings.capacity):
                self._take(LogLine(t=time.time(), source="lab", text=_too_many(count, places), level="warning"))
            herding = self._herding = Herding(self._live.redis_url("inspector"), self._take)
            self._following = asyncio.create_task(self._follow(herding))
            self._herd = ChildProcess("bots", herding.tell, self._herd_ended)
            await self._herd.start("app.bots", _options(order))

        return self._do("start_bots", work)

    def stop_bots(self) -> Future[None]:
        """Let the herd leave."""
        return self._do("stop_bots", self._end_bots)

    async def _follow(self, herding: Herding) -> None:
        whole = await herding.run()
        before, self._whole = self._whole, whole if whole.sent else self._whole
        if before and whole.sent and (compared := compare(before, whole)):
            self._take(compared)

    async def _end_bots(self) -> None:
        herd, self._herd = self._herd, None
        if herd is not None:
            await herd.end(patience=5.0)
            if self._following:  # its last figures come before those of the next
                await asyncio.wait((self._following,), timeout=FIGURES)

    def _herd_ended(self, herd: ChildProcess) -> None:
        last = BotsCounted(
            t=time.time(), source="lab", page="", room="", pace=0, count=0, open=0, seconds=0, is_over=True
        )
        if self._herding and herd.status:  # it could not say so itself
            self._herding.tell(last)


def _options(order: Order) -> list[str]:
    names = ("address", "count", "page", "room", "pace", "seed", "seconds")
    return [word for name in names for word in (f"--{name}", str(getattr(order, name)))]


def _too_many(count: int, places: int) -> str:
    return (
        f"{count} bots in one room, and {places} places in the reply channel of the interface server: of each message "
        f"to the room at least {count - places} copies are skipped. --capacity gives channels more places."
    )


def _nothing_yet(order: Order) -> BotsCounted:
    return BotsCounted(
        t=time.time(), source="lab", page=order.page, room=order.room, pace=order.pace, count=order.count, open=0,
        seconds=0,
    )  # fmt: skip
