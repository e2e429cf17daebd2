# SPDX-License-Identifier: GPL-3.0-or-later
"""An order to server and workers, and the wait until every one of them has said that it has heard of it."""

from __future__ import annotations

import asyncio
import contextlib

from app import orders
from app.events import Event
from app.sources.crew import Crew
from app.sources.processes import ChildProcess

PATIENCE = 2.0  # seconds for a process to hear an order; a stopped one cannot


class Hearing:
    """Orders of one kind, which are answered with a `kind` of event; one at a time."""

    def __init__(self, server: ChildProcess, crew: Crew, kind: type[Event]) -> None:
        self._server, self._crew, self._kind = server, crew, kind
        self._heard: set[str] = set()
        self._hearing = asyncio.Event()

    def order(self, order: orders.AnyOrder) -> None:
        """Tell everybody."""
        self._server.order(order)
        self._crew.order(order)

    async def tell(self, order: orders.AnyOrder) -> None:
        """Tell everybody, and wait until all that can have heard of it; who is just starting hears of it in time."""
        self._heard.clear()
        self.order(order)
        wanted = {*self._crew.listening, *(["server"] if self._server.is_alive else [])}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not wanted & self._alive <= self._heard:
                    self._hearing.clear()
                    await self._hearing.wait()

    @property
    def _alive(self) -> set[str]:
        return {*self._crew.alive, "server"}

    def notice(self, event: Event) -> bool:
        """Return whether an event is a process's word that it has heard; such are not passed on."""
        if not isinstance(event, self._kind):
            return False
        self._heard.add(event.source)
        self._hearing.set()
        return True
