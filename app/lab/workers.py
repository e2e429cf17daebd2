# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for workers."""

from __future__ import annotations

from concurrent.futures import Future
from signal import Signals
from typing import Literal

from app.lab.core import Core

SignalName = Literal["TERM", "KILL", "STOP", "CONT"]


class WorkerVerbs(Core):
    """Start, signal and kill them."""

    def spawn_worker(self) -> Future[None]:
        """Start one more worker."""
        return self._do("spawn_worker", lambda: self._start_worker(""))

    def restart_worker(self, worker: str) -> Future[None]:
        """Start a dead worker again under its name."""
        return self._do("restart_worker", lambda: self._start_worker(worker))

    def start_workers(self) -> Future[None]:
        """Start the dead workers again, or as many as the settings say when there is none."""

        async def work() -> None:
            async with self._turn:
                await self._live.revive_workers()

        return self._do("start_workers", work)

    async def _start_worker(self, name: str) -> None:
        async with self._turn:  # not in the middle of a set-up, which would forget it
            await self._live.start_worker(name or self._live.crew.next_name())

    def signal_worker(self, worker: str, signal: SignalName) -> Future[None]:
        """Send a signal: TERM finishes the message at hand, KILL loses it, STOP freezes the process, CONT thaws it."""

        async def work() -> None:
            self._live.crew.signal(worker, Signals[f"SIG{signal}"])

        return self._do("signal_worker", work)

    def kill_all_workers(self) -> Future[None]:
        """KILL every worker."""
        return self._do("kill_all_workers", self._live.crew.kill)
