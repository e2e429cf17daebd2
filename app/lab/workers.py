# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for workers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from signal import Signals
from typing import Literal

from app.lab.core import Core
from app.live import READY_PATIENCE, SetUpError
from app.settings import Duty

SignalName = Literal["TERM", "KILL", "STOP", "CONT"]


class WorkerVerbs(Core):
    """Start, signal and kill them."""

    def spawn_worker(self) -> Future[None]:
        """Start one more worker."""
        return self._do("spawn_worker", self._start_worker)

    def restart_worker(self, worker: str) -> Future[None]:
        """Start a worker again under its name, with the code as it is now; a living one finishes its message first."""
        return self._do("restart_worker", lambda: self._renew(worker))

    def restart_workers(self) -> Future[None]:
        """Start the living workers again, one after the other, so that there is always one: sockets stay open."""

        return self._do("restart_workers", self._renew_all)

    def assign_channels(self, worker: str, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> Future[None]:
        """Let a worker listen only to channels that match these globs; it is started again for it, and stays so."""

        async def work() -> None:
            self._live.crew.assign(worker, Duty(tuple(only), tuple(exclude)))
            await self._renew(worker)

        return self._do("assign_channels", work)

    def set_receive(self, receive: Literal["atomic", "classic"]) -> Future[None]:
        """Let workers take messages with one script or with BLPOP, GET and DEL; all are started again for it."""

        async def work() -> None:
            if receive not in ("atomic", "classic"):
                raise SetUpError(f'messages are taken "atomic" or "classic", not {receive!r}')
            self._live.adopt(replace(self._live.settings, receive=receive))
            await self._renew_all()

        return self._do("set_receive", work)

    def start_workers(self) -> Future[None]:
        """Start the dead workers again, or as many as the settings say when there is none."""

        async def work() -> None:
            async with self._turn:
                await self._live.revive_workers()

        return self._do("start_workers", work)

    async def _renew_all(self) -> None:
        for name in self._live.crew.alive:
            await self._renew(name)
            await self._live.crew.until_listening(name, READY_PATIENCE)

    async def _renew(self, name: str) -> None:
        await self._live.crew.retire(name)  # its message may take long: nobody is kept waiting for his turn
        async with self._turn:
            if name in self._live.crew.names:  # else a set-up came in between, and began anew
                await self._live.start_worker(name)

    async def _start_worker(self) -> None:
        async with self._turn:  # not in the middle of a set-up, which would forget it
            await self._live.start_worker(self._live.crew.next_name())

    def signal_worker(self, worker: str, signal: SignalName) -> Future[None]:
        """Send a signal: TERM finishes the message at hand, KILL loses it, STOP freezes the process, CONT thaws it."""

        async def work() -> None:
            self._live.crew.signal(worker, Signals[f"SIG{signal}"])

        return self._do("signal_worker", work)

    def kill_all_workers(self) -> Future[None]:
        """KILL every worker."""
        return self._do("kill_all_workers", self._live.crew.kill)
