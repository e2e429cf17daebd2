# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a process that has loaded the workers' routing (app/worker/explainer.py); it is started when first needed.

No worker is asked: all of them may be dead or stopped, and an expression that never comes to an end must stop none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from app import orders
from app.events import ConsumersChecked, Event, LogLine, RouteExplained
from app.sources.processes import ChildProcess

LOAD_PATIENCE = 20.0  # seconds for an application to be loaded
ANSWER_PATIENCE = 4.0  # seconds for an answer


class NoAnswer(Exception):
    """The routing could not be asked; the text says why."""


class _Process:
    """One process that has loaded an application, or is about to."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._said: asyncio.Queue[Event | None] = asyncio.Queue()
        self._child = ChildProcess("routing", self._hear, lambda _: self._said.put_nowait(None))

    @property
    def is_alive(self) -> bool:
        return self._child.is_alive

    async def load(self, args: Sequence[str], environment: Mapping[str, str]) -> ConsumersChecked:
        """Start it; return how the loading went. Raises NoAnswer."""
        await self._child.start("app.worker.explainer", args, **environment)
        said = await self._next(LOAD_PATIENCE, "the application was not loaded within {:.0f} s: does an import wait?")
        assert isinstance(said, ConsumersChecked)
        return said

    async def ask(self, order: orders.ExplainRoute) -> RouteExplained:
        """Return what it answers. Raises NoAnswer."""
        self._child.order(order)
        said = await self._next(
            ANSWER_PATIENCE,
            "no answer within {:.0f} s: a regular expression may take for ever on this value. A worker would stand "
            "still on such a message.",
        )
        assert isinstance(said, RouteExplained)
        return said

    async def end(self) -> None:
        await self._child.kill()

    async def _next(self, patience: float, too_late: str) -> Event:
        try:
            said = await asyncio.wait_for(self._said.get(), patience)
        except TimeoutError:
            await self.end()
            raise NoAnswer(too_late.format(patience)) from None
        if said is None:
            raise NoAnswer(f"the process that knows the routing ended with status {self._child.status}")
        return said

    def _hear(self, event: Event) -> None:
        if isinstance(event, ConsumersChecked | RouteExplained):
            self._said.put_nowait(event)
        elif isinstance(event, LogLine):
            self._emit(event)


class Explainer:
    """Keeps such a process while what it has loaded is what workers run."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._process: _Process | None = None
        self._is_outdated = False
        self._turn = asyncio.Lock()  # one question at a time

    async def check(self, args: Sequence[str], environment: Mapping[str, str]) -> ConsumersChecked:
        """Return whether an application can be loaded; nobody is asked about it. Raises NoAnswer."""
        candidate = _Process(self._emit)
        try:
            return await candidate.load(args, environment)
        finally:
            await candidate.end()

    async def ask(
        self, order: orders.ExplainRoute, args: Sequence[str], environment: Mapping[str, str]
    ) -> RouteExplained:
        """Return what becomes of a message. Raises NoAnswer."""
        async with self._turn:
            if self._process is None or self._is_outdated or not self._process.is_alive:
                await self._begin(args, environment)
            assert self._process is not None
            return await self._process.ask(order)

    def outdate(self) -> None:
        """The code is another, or may be, for a worker has started: the next question is for a new process."""
        self._is_outdated = True

    async def end(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            await process.end()

    async def _begin(self, args: Sequence[str], environment: Mapping[str, str]) -> None:
        await self.end()
        self._process, self._is_outdated = _Process(self._emit), False
        loaded = await self._process.load(args, environment)
        if not loaded.is_good:
            await self.end()
            where = f" ({loaded.file}, line {loaded.line})" if loaded.line else ""
            raise NoAnswer(f"the routing cannot be loaded: {loaded.error}{where}")
