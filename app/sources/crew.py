# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker processes: start, signal, watch them stop and die, and say what died with them."""

from __future__ import annotations

import asyncio
import itertools
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import psutil

from app import orders
from app.events import (
    Event,
    WorkerContinued,
    WorkerExited,
    WorkerReady,
    WorkerStarted,
    WorkerStopped,
)
from app.settings import Duty
from app.sources.held import Held
from app.sources.processes import ChildProcess

POLL = 0.05  # seconds between two looks at whether a process is stopped; a look costs about 50 µs


class Crew:
    """Workers by name ("worker-1" …); a dead one keeps its name until it is restarted."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._workers: dict[str, ChildProcess] = {}
        self._held = Held()
        self._stopped: set[str] = set()
        self._duties: dict[str, Duty] = {}
        self._listening: dict[str, asyncio.Event] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """All workers, dead ones too, in the order they were first started."""
        return tuple(self._workers)

    @property
    def alive(self) -> tuple[str, ...]:
        """The workers that have not ended."""
        return tuple(name for name, process in self._workers.items() if process.is_alive)

    @property
    def listening(self) -> tuple[str, ...]:
        """Those that have begun to listen."""
        return tuple(name for name in self.alive if self._listening[name].is_set())

    @property
    def stopped(self) -> frozenset[str]:
        """Those that are stopped (SIGSTOP)."""
        return frozenset(self._stopped)

    @property
    def idle(self) -> tuple[str, ...]:
        """Those that listen and have no message."""
        return tuple(name for name in self.listening if name not in self._stopped and not self._held.by(name))

    def process(self, name: str) -> ChildProcess:
        """Return the process of a worker; raises KeyError when there is none of that name."""
        return self._workers[name]

    def next_name(self) -> str:
        """Return a name that is not in use."""
        return next(name for i in itertools.count(1) if (name := f"worker-{i}") not in self._workers)

    async def start(
        self, name: str, args: Sequence[str], told: Mapping[str, Any] | None = None, **environment: str
    ) -> None:
        """Start a worker under this name, of which so much is to be told; one that is alive is left alone."""
        if name in self.alive:
            return
        if name in self._workers:
            await self._workers[name].until_ended()  # its end must not be told after the new one's beginning
        self._listening[name] = asyncio.Event()
        process = self._workers[name] = ChildProcess(name, partial(self.observe, name), self._exited)
        duty = self._duties.get(name, Duty())
        await process.start("app.worker", ["--name", name, *args, *duty.options], **environment)
        pid, only, exclude = process.pid, duty.only, duty.exclude
        self._emit(
            WorkerStarted(t=time.time(), source="lab", worker=name, pid=pid, only=only, exclude=exclude, **(told or {}))
        )

    def observe(self, name: str, event: Event) -> None:
        """Remember which messages the process of this name holds, and pass its events on."""
        if isinstance(event, WorkerReady):
            self._listening[name].set()
        self._held.notice(name, event)
        self._emit(event)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a worker; raises KeyError when there is none of that name alive."""
        if name not in self.alive:
            raise KeyError(name)
        self._workers[name].signal(number)

    def assign(self, name: str, duty: Duty) -> None:
        """Let a worker listen to other channels from its next start on; raises KeyError when there is none."""
        if name not in self._workers:
            raise KeyError(name)
        self._duties[name] = duty

    async def retire(self, name: str) -> None:
        """Let a worker finish its message and end; one that is stopped goes on for it. A dead one has done so."""
        if name in self.alive:
            self.signal(name, signal.SIGTERM)
            self.signal(name, signal.SIGCONT)
            await self.until_ended(name)

    def order(self, order: orders.AnyOrder) -> None:
        """Send an order to all that are alive."""
        for name in self.alive:
            self._workers[name].order(order)

    async def until_ended(self, name: str) -> None:
        """Wait for the end of a worker."""
        await self._workers[name].until_ended()

    async def until_listening(self, name: str, patience: float) -> None:
        """Wait until a worker listens, or has ended; at most `patience` seconds."""
        listening = asyncio.create_task(self._listening[name].wait())
        ended = asyncio.create_task(self.until_ended(name))
        try:
            await asyncio.wait((listening, ended), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            listening.cancel()
            ended.cancel()

    async def kill(self) -> None:
        """KILL all and wait for their end."""
        await asyncio.gather(*(process.kill() for process in self._workers.values()))

    async def dismiss(self) -> None:
        """KILL all and forget them: names start at worker-1 again."""
        await self.kill()
        self._workers.clear()
        self._held.clear()
        self._stopped.clear()
        self._duties.clear()

    async def watch(self) -> None:
        """Notice stops (SIGSTOP) and continuations, for ever."""
        while True:
            for name in self.alive:
                self._look(name)
            await asyncio.sleep(POLL)

    def _look(self, name: str) -> None:
        try:
            is_stopped = psutil.Process(self._workers[name].pid).status() == psutil.STATUS_STOPPED
        except psutil.NoSuchProcess:
            return
        if is_stopped:
            self._workers[name].tell_what_waits()
        if is_stopped and name not in self._stopped:
            self._stopped.add(name)
            self._emit(WorkerStopped(t=time.time(), source="lab", worker=name))
        elif not is_stopped and name in self._stopped:
            self._stopped.discard(name)
            self._emit(WorkerContinued(t=time.time(), source="lab", worker=name))

    def _exited(self, process: ChildProcess) -> None:
        name, status, now = process.name, process.status or 0, time.time()
        self._stopped.discard(name)
        number = signal.Signals(-status).name.removeprefix("SIG") if status < 0 else ""
        self._emit(WorkerExited(t=now, source="lab", worker=name, status=max(status, 0), signal=number))
        for lost in self._held.lost_with(name, now):
            self._emit(lost)
