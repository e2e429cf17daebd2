# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of a worker: take one message, run its consumer, say so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from app import events as e
from app.channels.routing import Router
from app.layer import RedisChannelLayer, RedisGone, Taken
from app.orders import SetGates
from app.worker.consume import Runner
from app.worker.gates import Gates
from app.worker.hooks import Hooks
from app.worker.stop import StopSign

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0  # seconds between two attempts to reach Redis
PAUSE_WITHOUT_CHANNELS = 0.5  # seconds between two looks at nothing (W-01)


class Worker:
    """Handles one message at a time, until it is told to stop.

    Args:
        layer: where messages come from; this worker is the only one to use it.
        router: knows the consumer of a message.
        say: takes an event for each thing that happens.
        name: who this is, in events.
        channels: what to listen to; None: everything the router knows.
        hooks: what the application wants called, such as to close old database connections after each consumer.
        numbers: of the messages that its gates hold; the loops of one process share them.
    """

    def __init__(
        self,
        layer: RedisChannelLayer,
        router: Router,
        say: Callable[[e.Event], None] = lambda _: None,
        name: str = "worker",
        channels: Sequence[str] | None = None,
        hooks: Hooks | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.layer, self.router, self.say, self.name = layer, router, say, name
        self._hooks = hooks or Hooks()
        self.channels = sorted(router.channels if channels is None else channels)
        self._stop = StopSign()
        self._is_running = False
        self.gates = Gates(say, name, lambda: self._stop.is_set, numbers)
        self._runner = Runner(layer, router, say, name, self._hooks, self.gates)

    def set_gates(self, order: SetGates) -> None:
        """Freeze, thaw, or go at another speed; only meanwhile it is looked at what a receive does in between."""
        self.layer.between = None if order.is_open else self.gates.pause
        self.gates.set(order)

    def stop(self) -> None:
        """Finish the message at hand, then leave `run`; idle, leave at once. May be called by a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Handle messages until `stop` is called."""
        self._is_running = True
        waker = threading.Thread(target=self._wake_when_stopped, name="waker", daemon=True)
        waker.start()
        self._hooks.ready()
        self.say(e.WorkerReady(t=time.time(), source=self.name, worker=self.name, channels=tuple(self.channels)))
        while not self._stop.is_set:
            try:
                if not self.step(block=True) and not self.channels:
                    self._stop.wait(PAUSE_WITHOUT_CHANNELS)
            except RedisGone as error:
                self._wait_for_redis(error)
        self._is_running = False
        waker.join()
        self._stop.close()
        self.layer.close()

    def step(self, block: bool = False) -> bool:
        """Handle one message, or pass the ghosts before one; return whether there was anything.

        Raises:
            RedisGone: Redis does not answer.
        """
        gates = self.gates
        if gates.is_open:
            gates.is_taking = True
            try:
                taken = self.layer.take(self.channels, block)
            finally:
                gates.is_taking = False
        else:
            taken = gates.take(self.layer, self.channels)
        if taken is None:
            return False
        if taken.ghosts:
            self.say(e.GhostsPassed(t=time.time(), source=self.name, channel=taken.queue, keys=taken.ghosts))
        if taken.key:
            self._handle(taken)
        return True

    def _handle(self, taken: Taken) -> None:
        t, key, channel = time.time(), taken.key, taken.channel
        self.say(e.MessageReceived(t=t, source=self.name, key=key, channel=channel, took=taken.took))
        if not self.gates.is_open:
            self.gates.hold("consumer", channel, key=key)
        self._runner.run(taken)

    def _wait_for_redis(self, error: RedisGone) -> None:
        """Say that Redis is lost, and return when it answers again or the worker is to stop."""
        self.say(e.RedisLost(t=time.time(), source=self.name, reason=str(error)))
        pause = FIRST_PAUSE
        while not self._stop.wait(pause):
            try:
                self.layer.ping()
            except RedisGone:
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return self.say(e.RedisBack(t=time.time(), source=self.name))

    def wake(self) -> bool:
        """End the blocking receive of the thread that runs; returns whether Redis answers."""
        try:
            self.layer.wake()
        except RedisGone:
            return False
        return True

    def _wake_when_stopped(self) -> None:
        """End the blocking receive of the other thread; repeated, because it may be just about to begin."""
        self._stop.wait()
        while self._is_running:
            self.gates.look_again()
            if not self.wake():
                return
            time.sleep(0.02)
