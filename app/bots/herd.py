# SPDX-License-Identifier: GPL-3.0-or-later
"""A herd of bots: opens their sockets, lets them speak when their scripts say so, counts, and leaves."""

from __future__ import annotations

import asyncio
import heapq
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from app.bots.bot import Bot
from app.bots.figures import Figures
from app.bots.script import MOVES, PACES, Said, drawing, talk
from app.events import BotsCounted
from app.tls import context_for

MOST = 500
AT_ONCE = 3  # handshakes under way: everybody is told of each who joins, and reply channels hold few messages
PATIENCE = 3.0  # seconds for one handshake: the answer to it may have found no room in the reply channel
TRIES = 4  # to be let in
BACK = (1.0, 3.0)  # seconds until who was closed tries to come back, from and to; the second time twice as many
BACKING = (1006, 1012, 1013)  # close codes after which a page comes back too: lost, server restarts, try again later
FAREWELL = 3.0  # seconds for what is under way, and for all closing handshakes
REPORT = 1.0  # seconds
CHATTING = 20  # lines a second in a room, at most about

Page = Literal["draw", "chat"]
Turn = tuple[float, int, Bot, Said, float]  # when, whose number, who, says what, of a script that began then


class HerdError(Exception):
    """The herd could not begin; the text says what was seen."""


@dataclass(frozen=True)
class Order:
    """What a herd is to do.

    Args:
        address: of the pages, http://HOST:PORT or https://HOST:PORT.
        count: bots, 1 to 500.
        page: whether they draw or chat.
        room: where.
        pace: of a drawing, messages a second at most, 0 for one at every move.
        seed: of their scripts.
        seconds: how long, 0 until they are told to stop.
    """

    address: str
    count: int = 10
    page: Page = "draw"
    room: str = "lobby"
    pace: int = 0
    seed: int = 1
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise HerdError(f"There can be 1 to {MOST} bots, not {self.count}.")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", self.room):
            raise HerdError(f"{self.room!r} is no room: 1 to 50 of the letters a to z, digits, - and _.")
        if self.pace not in PACES:
            raise HerdError(f"Bots draw at a pace of {', '.join(map(str, PACES))} a second (0: every move).")

    def script(self, number: int) -> Iterator[Said]:
        """Return what bot `number` says."""
        if self.page == "draw":
            return drawing(self.seed, number, self.pace)
        return talk(self.seed, number, self.apart)

    @property
    def apart(self) -> float:
        """Seconds between two messages of a bot, about; the more chat in a room, the less each says."""
        return 1 / (self.pace or MOVES) if self.page == "draw" else max(1.0, self.count / CHATTING)


class Herd:
    """The bots of one order; `tell` is given figures once a second and at the end."""

    def __init__(self, order: Order, tell: Callable[[BotsCounted], None]) -> None:
        self._order, self._tell = order, tell
        self.all, self._told = Figures(), Figures()
        self.bots: dict[int, Bot] = {}
        self._returning: set[asyncio.Task[None]] = set()
        self._dice = random.Random(order.seed)
        self._gate = asyncio.Semaphore(AT_ONCE)
        self.refused: Counter[int] = Counter()  # by HTTP status: those that were not let in
        self.lost: Counter[int] = Counter()  # by close code: sockets that others ended
        self._heap: list[Turn] = []  # who speaks when
        self._leaving = asyncio.Event()
        self._began = time.monotonic()

    def stop(self) -> None:
        """Let them leave."""
        self._leaving.set()

    async def run(self) -> BotsCounted:
        """Do what was ordered; returns the figures of it all.

        Raises:
            HerdError: not one socket could be opened.
        """
        reporting = asyncio.create_task(self._report())
        try:
            await self._open()
            if not self.bots and not self._leaving.is_set():
                raise HerdError(f"No bot was let in at {self._order.address}: {_refusals(self.refused)}.")
            self._began = time.monotonic()
            await self._speak()
            took = time.monotonic() - self._began
            await self._hear_out()
        finally:
            for task in (reporting, *self._returning):
                task.cancel()
            await self._part()
        whole = self._counted(self.all, took, is_over=True)
        self._tell(whole)
        return whole

    async def _open(self) -> None:
        async def one(number: int) -> None:
            async with self._gate:
                if not self._leaving.is_set():
                    await self._open_one(number)

        async with asyncio.TaskGroup() as group:
            for number in range(1, self._order.count + 1):
                group.create_task(one(number))

    async def _open_one(self, number: int) -> None:
        """Try to be let in, a few times."""
        for _ in range(TRIES):
            bot, status = await self._knock(number)
            if bot is not None:
                self.bots[number] = bot
                bot.closed.add_done_callback(self._count_lost)
                return
            if status or self._leaving.is_set():
                break
        self.refused[status] += 1

    async def _knock(self, number: int) -> tuple[Bot | None, int]:
        order, place = self._order, urlsplit(self._order.address)
        path, figures, bot = f"/{order.page}/{order.room}/", self.all, None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE):
                _, bot = await loop.create_connection(
                    lambda: Bot(f"bot {number}", order.address, path, order.script(number), figures),
                    place.hostname or "",
                    place.port or (443 if place.scheme == "https" else 80),
                    ssl=context_for(order.address),
                )
                status = await bot.opened
        except (OSError, TimeoutError):
            status = 0
        if bot is not None and status != 101:
            bot.abort()
        return (bot, status) if status == 101 else (None, status)

    def _count_lost(self, closed: asyncio.Future[int]) -> None:
        if closed.result() != 1000:
            self.lost[closed.result()] += 1

    async def _speak(self) -> None:
        """Let everybody speak when it is time, until it is over or nobody is left; each begins a little later."""
        order, began, heap = self._order, self._began, self._heap
        end = began + order.seconds if order.seconds else float("inf")
        apart = order.apart / len(self.bots or [0])
        for n, number in enumerate(self.bots):
            self._begin(number, began + n * apart)
        while (heap or self._returning) and not self._leaving.is_set():
            now = time.monotonic()
            due = min(heap[0][0], end) if heap else min(now + REPORT, end)
            if due > now:
                await self._pause(due - now)
            elif due >= end:
                return
            elif heap:
                self._let_speak(heap)
                if due < now - 0.05:
                    await asyncio.sleep(0)  # late: sockets must be read all the same

    def _let_speak(self, heap: list[Turn]) -> None:
        _, number, bot, said, start = heap[0]
        if not bot.is_open:
            heapq.heappop(heap)
            return self._come_back(number, bot)
        bot.say(said, start)
        following = next(bot.script)
        heapq.heapreplace(heap, (start + following.ends, number, bot, following, start))

    def _begin(self, number: int, start: float) -> None:
        bot = self.bots[number]
        said = next(bot.script)
        heapq.heappush(self._heap, (start + said.ends, number, bot, said, start))

    def _come_back(self, number: int, bot: Bot) -> None:
        """Return later, as a page does, if that may help."""
        if bot.closed.done() and bot.closed.result() in BACKING:
            task = asyncio.create_task(self._back(number))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)

    async def _back(self, number: int) -> None:
        for attempt in range(1, TRIES + 1):
            await asyncio.sleep(self._dice.uniform(*BACK) * attempt)
            async with self._gate:
                bot, status = await self._knock(number)
            if bot is not None:
                self.bots[number] = bot
                bot.closed.add_done_callback(self._count_lost)
                return self._begin(number, time.monotonic())
        self.refused[status] += 1

    async def _pause(self, seconds: float) -> None:
        if seconds < 0.02:
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._leaving.wait()
        except TimeoutError:
            pass

    async def _hear_out(self) -> None:
        """Wait until nothing more comes: what was said is on its way."""
        end = time.monotonic() + FAREWELL
        while time.monotonic() < end and not self._leaving.is_set():
            before = self.all.received
            await asyncio.sleep(0.3)
            if self.all.received == before:
                return

    async def _part(self) -> None:
        for bot in self.bots.values():
            bot.leave()
        closed = [bot.closed for bot in self.bots.values()]
        if closed:
            await asyncio.wait(closed, timeout=FAREWELL)
        for bot in self.bots.values():
            bot.abort()

    # --- figures ---

    async def _report(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(REPORT)
            now = time.monotonic()
            delta = self.all.since(self._told)
            self._told = self.all.snapshot()
            self._tell(self._counted(delta, now - last))
            last = now

    def _counted(self, figures: Figures, seconds: float, is_over: bool = False) -> BotsCounted:
        order = self._order
        return BotsCounted(
            t=time.time(), source="bots", page=order.page, room=order.room, pace=order.pace, count=order.count,
            open=0 if is_over else sum(bot.is_open for bot in self.bots.values()), seconds=seconds, sent=figures.sent,
            received=figures.received, bytes_sent=figures.bytes_sent, bytes_received=figures.bytes_received,
            delay_p50=figures.delay(0.5), delay_p99=figures.delay(0.99), errors=figures.errors,
            refused=sum(self.refused.values()), closed=tuple(f"{n} × {code}" for code, n in sorted(self.lost.items())),
            is_over=is_over,
        )  # fmt: skip


def _refusals(refused: Counter[int]) -> str:
    return ", ".join(f"{n} × {f'status {status}' if status else 'no answer'}" for status, n in refused.items())
