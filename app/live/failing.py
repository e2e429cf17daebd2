# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on purpose: ordered from server and workers, and told once every one of them has heard of it."""

from __future__ import annotations

import asyncio
import contextlib

from app import orders
from app.events import Event, FaultsSet
from app.settings import Faults
from app.sources.crew import Crew
from app.sources.processes import ChildProcess

PATIENCE = 2.0  # seconds for a process to hear an order; a stopped one cannot


class Failing:
    """The order to fail, and who has heard of it."""

    def __init__(self, server: ChildProcess, crew: Crew) -> None:
        self._server, self._crew = server, crew
        self._heard: set[str] = set()
        self._hearing = asyncio.Event()

    def order(self, faults: Faults) -> None:
        """Tell everybody what is to go wrong from now on."""
        order = orders.SetFaults(dict(faults.drop), dict(faults.delay), faults.seed)
        self._server.order(order)
        self._crew.order(order)

    async def begin(self, faults: Faults) -> None:
        """Tell everybody, and wait until all have heard of it."""
        self._heard.clear()
        self.order(faults)
        wanted = {*self._crew.alive, *(["server"] if self._server.is_alive else [])}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not wanted <= self._heard:
                    self._hearing.clear()
                    await self._hearing.wait()

    def notice(self, event: Event) -> bool:
        """Return whether an event is a process's word that it has heard; such are not passed on."""
        if not isinstance(event, FaultsSet):
            return False
        self._heard.add(event.source)
        self._hearing.set()
        return True
