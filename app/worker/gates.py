# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker's gates: before it takes a message, before the consumer runs, before what it sends leaves.

Where it takes a message with three commands (receive="classic") there is one more after each of them. Open, a gate
costs the look at `is_open`. A worker handles one message at a time, so it waits at one gate at a time, on its own
thread; orders come on another.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from app.events import Event, Gate, MessageHeld, MessagePassed, Stepped
from app.layer import RedisChannelLayer, Taken
from app.orders import SetGates, Step

LOOK = 0.05  # seconds between two looks, in slow motion, at whether something is there to take


class Gates:
    """The gates of one loop.

    Args:
        say: takes events.
        name: who says them.
        is_stopping: whether the worker is to leave; it takes nothing more then.
        numbers: of the messages held; loops of one process share them.
    """

    def __init__(
        self,
        say: Callable[[Event], None] = lambda _: None,
        name: str = "",
        is_stopping: Callable[[], bool] = lambda: False,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._say, self._name, self._is_stopping = say, name, is_stopping
        self._numbers = numbers or itertools.count(1)
        self._order = SetGates()
        self._changed = threading.Condition()
        self._step: Step | None = None
        self._at: tuple[str, int] | None = None  # the gate it waits at, and the number of what it holds there
        self._untold: Step | None = None  # the step with which it takes a message, until that is told
        self.waited = 0.0  # seconds that messages were held, in all
        self.is_open = True
        self.is_taking = False  # a message, from Redis: a freeze has to wake it

    @property
    def is_frozen(self) -> bool:
        """Whether nothing passes but by a step."""
        return self._order.is_closed

    # --- for whoever gives orders ---

    def set(self, order: SetGates) -> None:
        """Freeze, thaw, or go at another speed."""
        with self._changed:
            self._order = order
            self.is_open = order.is_open
            self._changed.notify_all()

    def step(self, step: Step) -> bool:
        """Let pass what is meant; returns whether it waits here."""
        with self._changed:
            if self._at is None or self._at[0] != step.gate or step.number not in (0, self._at[1]):
                return False
            self._step = step
            self._changed.notify_all()
            return True

    def look_again(self) -> None:
        """Let whoever waits see whether the worker is to leave."""
        with self._changed:
            self._changed.notify_all()

    # --- for the worker ---

    def hold(self, gate: Gate, channel: str, **about: Any) -> None:
        """Wait until a message may go on; told about, so that it can be seen."""
        number = next(self._numbers)
        told: dict[str, Any] = {"source": self._name, "gate": gate}
        self._say(MessageHeld(t=time.time(), number=number, channel=channel, **told, **about))
        step = self._wait(gate, number)
        if step is not None:
            self._say(Stepped(t=time.time(), channel=channel, key=about.get("key", ""), **told))
        self._say(MessagePassed(t=time.time(), number=number, **told))

    def pause(self, command: Gate, queue: str, key: str) -> None:
        """Hold a message between two commands of a receive, while gates are closed."""
        if self.is_open or not self.is_taking:
            return
        self.is_taking = False  # it does not wait for Redis
        self._tell_taken(queue, key)
        self.hold(command, queue, key=key)
        self.is_taking = True

    def take(self, layer: RedisChannelLayer, channels: Sequence[str]) -> Taken | None:
        """Take a message when that is let; None when the worker is to look again, or to leave."""
        step = self._wait_to_take(layer, channels)
        if step is None and (self.is_open or self._order.is_closed or self._is_stopping()):
            return None
        self._untold, self.is_taking = step, True
        try:
            taken = layer.take([step.channel] if step and step.channel else channels, block=False)
        finally:
            self.is_taking = False
        self._tell_taken(*((taken.channel, taken.key) if taken else (step.channel if step else "", "")))
        return taken

    # --- inside ---

    def _tell_taken(self, channel: str, key: str) -> None:
        """Tell of the step with which it takes a message; once, for a message may be held before it is all taken."""
        step, self._untold = self._untold, None
        if step is not None:
            told: dict[str, Any] = {"source": self._name, "channel": channel, "key": key}
            self._say(Stepped(t=time.time(), gate="receive", is_empty=not key, **told))

    def _wait(self, gate: str, number: int) -> Step | None:
        """Wait at a gate; returns the step that lets it pass, None when the gate itself does."""
        began = since = time.monotonic()
        left = 1.0  # of its hold, which is shorter or longer as the speed changes, and stands still in a freeze
        with self._changed:
            self._at = gate, number
            while not self.is_open and self._step is None and left > 0:
                order = self._order
                self._changed.wait(None if order.is_closed else left * order.hold)
                now = time.monotonic()
                left -= 0.0 if order.is_closed else (now - since) / order.hold
                since = now
            step, self._step, self._at = self._step, None, None
        self.waited += time.monotonic() - began
        return step

    def _wait_to_take(self, layer: RedisChannelLayer, channels: Sequence[str]) -> Step | None:
        """Wait before receiving: frozen, for a step; in slow motion, for a message to have been there for a while."""
        left, since = 1.0, 0.0  # of its hold; since when it has been there, 0: it is not, or everything stands still
        while True:
            with self._changed:
                if self.is_open or self._is_stopping():
                    return None
                self._at, order = ("receive", 0), self._order
                self._changed.wait(None if order.is_closed else LOOK)
                step, self._step, self._at = self._step, None, None
            if step is not None:
                return step
            now = time.monotonic()
            if order.is_closed:
                since = 0.0
            elif since:
                left, since = left - (now - since) / order.hold, now
            elif layer.is_waiting(channels):
                since = now
            if left <= 0:
                return None
