# SPDX-License-Identifier: GPL-3.0-or-later
"""Several loops in one worker process (W-11): the first on the main thread, the others on threads of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.layer import Resilience
from app.orders import MoveDelays, SetGates, Step
from app.worker.loop import Worker

if TYPE_CHECKING:
    from app.channels.delay.worker import Clock

WAKE = 0.01  # seconds between two attempts to end the waiting in Redis


class Threads:
    """Loops that start and stop together, and a delay server's clock; `ready` is called before the first begins."""

    def __init__(
        self,
        workers: Sequence[Worker],
        ready: Callable[[], object] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self._workers, self._ready, self._clock = workers, ready, clock

    def run(self) -> None:
        """Run until `stop` is called; returns when every loop has finished its message."""
        others = [threading.Thread(target=worker.run, name=worker.name) for worker in self._workers[1:]]
        self._ready()
        if self._clock:
            self._clock.start()
        for other in others:
            other.start()
        self._workers[0].run()
        for other in others:
            other.join()
        if self._clock:
            self._clock.stop()

    def stop(self) -> None:
        """Let each loop finish its message and leave; may be called by a signal handler."""
        for worker in self._workers:
            worker.stop()

    def set_expiry(self, seconds: int) -> None:
        """Let what is sent from now on live so many seconds."""
        for worker in self._workers:
            worker.layer.expiry = seconds

    def set_gates(self, order: SetGates) -> None:
        """Freeze, thaw, or go at another speed; who waits for Redis meanwhile is to be called back."""
        for worker in self._workers:
            worker.set_gates(order)
        if self._clock:
            self._clock.set_gates(order)

    def move_delays(self, order: MoveDelays) -> None:
        """Let what the delay server keeps be due at other times."""
        if self._clock:
            self._clock.move(order)

    def call_back(self) -> None:
        """Return once no loop waits for Redis that must not."""
        for worker in self._workers:
            while not worker.gates.is_open and worker.gates.is_taking:
                if not worker.wake():
                    break
                time.sleep(WAKE)

    def step(self, step: Step) -> None:
        """Let one message pass one gate of one loop."""
        any(worker.gates.step(step) for worker in self._workers)

    def set_faults(self, faults: Resilience) -> None:
        """Drop and delay what is sent from now on."""
        for worker in self._workers:
            worker.layer.resilience = faults
