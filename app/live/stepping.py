# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gates of all processes hold, and which of it makes the next step."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from app import events as e
from app import orders
from app.sources.crew import Crew
from app.sources.processes import ChildProcess

if TYPE_CHECKING:
    from app.live.redis_clock import RedisClock

PATIENCE = 2.0  # seconds for a process to make a step
BACKWARD = ("frames", "replies", "consumer", "deleted", "fetched", "popped", "receive", "send")

Found = tuple[ChildProcess, orders.Step]


class Steps:
    """Learns from events what is held where; a process that is stopped (SIGSTOP) can make no step."""

    def __init__(self, server: ChildProcess, crew: Crew) -> None:
        self._server, self._crew = server, crew
        self._held: dict[tuple[str, int], e.MessageHeld] = {}
        self._channels: dict[str, tuple[str, ...]] = {}  # that each worker listens to
        self._done = asyncio.Event()

    def notice(self, event: e.Event) -> None:
        """Learn."""
        match event:
            case e.MessageHeld():
                self._held[event.source, event.number] = event
            case e.MessagePassed():
                self._held.pop((event.source, event.number), None)
            case e.Stepped():
                self._done.set()
            case e.WorkerReady():
                self._channels[event.worker] = event.channels
            case e.WorkerExited():
                self.forget(event.worker)

    def forget(self, process: str) -> None:
        """A process ended, and what it held is gone."""
        for source, number in [*self._held]:
            if _process_of(source) == process:
                del self._held[source, number]

    async def make(self, clock: RedisClock, gate: str, number: int, channel: str, holder: str) -> bool:
        """Let one message pass one gate, and wait until it has; returns whether there was one that was meant.

        Without a gate the message that is furthest on its way goes first: so it comes to its end before the next
        begins, and whoever makes step after step follows one message.
        """
        for one in (gate,) if gate else BACKWARD:
            if one == "receive":
                found = await self._receiver(clock, channel, holder)
            else:
                found = next(self._holding(one, number, channel, holder), None)
            if found is not None:
                process, order = found
                self._done.clear()
                process.order(order)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._done.wait(), PATIENCE)
                return True
        return False

    def _holding(self, gate: str, number: int, channel: str, holder: str) -> Iterator[Found]:
        for held in self._held.values():
            if held.gate != gate or number not in (0, held.number) or channel not in ("", held.channel):
                continue
            if holder in ("", held.source) and _process_of(held.source) not in self._crew.stopped:
                yield self._process(held.source), orders.Step(gate, held.number)

    async def _receiver(self, clock: RedisClock, channel: str, holder: str) -> Found | None:
        """Find a worker that takes nothing now, and a message for it."""
        for worker in self._crew.idle:
            channels = [name for name in self._channels.get(worker, ()) if channel in ("", name)]
            if channels and holder in ("", worker):
                lengths = await clock.lengths(channels)
                full = next((name for name, length in zip(channels, lengths, strict=True) if length), "")
                if full:
                    return self._process(worker), orders.Step("receive", 0, full)
        return None

    def _process(self, source: str) -> ChildProcess:
        return self._server if source == "server" else self._crew.process(_process_of(source))


def _process_of(source: str) -> str:
    """Return the process that a loop belongs to: "worker-1.2" is the second of "worker-1"."""
    return source.partition(".")[0]
