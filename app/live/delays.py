# SPDX-License-Identifier: GPL-3.0-or-later
"""The times of delayed messages, moved in their database: later for a standstill, stretched for slow motion.

Delay servers reckon in real time, in rows that other programs read too. So at each change of the pace the rows are
moved to the real times at which they are due if it stays so; one delay server does it for all. While there is none, it
is remembered for the first that comes.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from app import events as e
from app import orders
from app.sources.crew import Crew

CHANNEL = "asgi.delay"  # that a delay server listens to
PATIENCE = 2.0  # seconds for a delay server to move the rows


@dataclass(frozen=True)
class Move:
    """What was due at `t`, in seconds since the epoch, is due at `factor * t + offset`."""

    factor: float = 1.0
    offset: float = 0.0

    @staticmethod
    def later(seconds: float) -> Move:
        """Everything so much later."""
        return Move(1.0, seconds)

    @staticmethod
    def stretched(t: float, factor: float) -> Move:
        """What is left at `t` takes so many times as long."""
        return Move(factor, t * (1.0 - factor))

    def then(self, other: Move) -> Move:
        """Return both, one after the other."""
        return Move(other.factor * self.factor, other.factor * self.offset + other.offset)


STAY = Move()


class Delays:
    """What is to be moved, until a delay server has."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._servers: set[str] = set()  # workers
        self._owed, self._asked, self._asked_of = STAY, STAY, ""
        self._changed = asyncio.Event()

    def owe(self, move: Move) -> None:
        """This is to be done too."""
        self._owed = self._owed.then(move)

    async def settle(self) -> None:
        """Return once it is done, or cannot be for now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._asked_of or self._ask():
                    self._changed.clear()
                    await self._changed.wait()

    def notice(self, event: e.Event) -> bool:
        """Learn from an event; returns whether it is for us alone."""
        match event:
            case e.DelaysMoved():
                self._end()
                self._ask()
                return True
            case e.WorkerReady() if CHANNEL in event.channels:
                self._servers.add(event.worker.partition(".")[0])  # its process: it may have several loops
                self._ask()
            case e.WorkerExited():
                self._servers.discard(event.worker)
                if event.worker == self._asked_of:
                    self._owed = self._asked.then(self._owed)
                    self._end()
                    self._ask()
            case e.WorkerContinued():
                self._ask()
        return False

    def _ask(self) -> bool:
        """Ask a delay server for what is owed; returns whether one was."""
        able = self._servers - self._crew.stopped
        if self._owed == STAY or self._asked_of or not able:
            return False
        self._asked, self._owed, self._asked_of = self._owed, STAY, min(able)
        self._crew.process(self._asked_of).order(orders.MoveDelays(self._asked.factor, self._asked.offset))
        return True

    def _end(self) -> None:
        self._asked_of = ""
        self._changed.set()
