# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface server's two gates: before it sends on the layer, and before it makes frames of replies.

Open, a gate costs the look at `is_open`. Closed it holds what comes, in order, until a thaw or a step; in slow motion
it lets one after the other through. All of it is for the event loop's thread.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from app.events import Event, Gate, GatesSet, MessageHeld, MessagePassed, Stepped
from app.layer import RedisGone
from app.orders import SetGates
from app.server.running import RunningTime


class Forgotten(RedisGone):
    """The live system was set up anew while a message waited at a gate."""


class _Held(NamedTuple):
    told: MessageHeld
    release: Callable[[], None]
    drop: Callable[[], None]


class Gates:
    """Holds messages; `time` counts how long this process stood still."""

    def __init__(self, say: Callable[[Event], None], order: SetGates | None = None) -> None:
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._order = SetGates()
        self._numbers = itertools.count(1)
        self._held: dict[str, dict[int, _Held]] = {"send": {}, "frames": {}}
        self._turns: dict[str, tuple[float, asyncio.TimerHandle]] = {}  # since when, and until the next may pass
        self._left = {"send": 1.0, "frames": 1.0}  # of the hold of the first at a gate
        self.time = RunningTime(self._loop)
        self.is_open = True
        if order:
            self.set(order)

    def hold(
        self, gate: Gate, release: Callable[[], None], drop: Callable[[], None] = lambda: None, **about: Any
    ) -> None:
        """Keep a message until `release` may be called, or `drop` when it belongs to a run that is over."""
        number = next(self._numbers)
        told = MessageHeld(t=time.time(), source="server", gate=gate, number=number, **about)
        self._held[gate][number] = _Held(told, release, drop)
        self._say(told)
        self._wait_for_turn(gate)

    async def passed(self, gate: Gate, **about: Any) -> None:
        """Wait at a gate.

        Raises:
            Forgotten: the message is not to pass any more.
        """
        may_pass: asyncio.Future[None] = self._loop.create_future()
        forgotten = Forgotten("The live system was set up anew.")

        def let_pass() -> None:
            if not may_pass.done():  # whoever waited may be gone
                may_pass.set_result(None)

        def drop() -> None:
            if not may_pass.done():
                may_pass.set_exception(forgotten)

        self.hold(gate, let_pass, drop, **about)
        await may_pass

    def set(self, order: SetGates) -> None:
        """Freeze, thaw, or go at another speed."""
        for gate, (since, turn) in self._turns.items():  # it is held so much shorter, at whatever speed
            turn.cancel()
            self._left[gate] -= (self._loop.time() - since) / self._order.hold
        self._turns.clear()
        self._order = order
        self.time.set_rate(0.0 if order.is_closed else min(order.speed, 1.0))
        for gate, held in self._held.items():
            if order.forgets:
                self._forget(held)
            elif order.is_open:
                for number in list(held):
                    self._let_pass(gate, number)
            self._wait_for_turn(gate)
        self.is_open = order.is_open
        self._say(GatesSet(t=time.time(), source="server"))

    def step(self, gate: str, number: int) -> None:
        """Let one message pass: the first of a gate, or of the connection that the one with this number came from."""
        held = self._held.get(gate, {})
        wanted = held.get(number) or next(iter(held.values()), None)
        if wanted is None:
            return
        told = next(one.told for one in held.values() if one.told.connection == wanted.told.connection)
        self._say(Stepped(t=time.time(), source="server", gate=told.gate, channel=told.channel, key=told.key))
        self._let_pass(gate, told.number)

    # --- inside ---

    def _wait_for_turn(self, gate: str) -> None:
        hold = self._order.hold
        if hold and not self._order.is_closed and self._held[gate] and gate not in self._turns:
            turn = self._loop.call_later(hold * max(self._left[gate], 0.0), self._take_turn, gate)
            self._turns[gate] = self._loop.time(), turn

    def _take_turn(self, gate: str) -> None:
        del self._turns[gate]
        self._let_pass(gate, next(iter(self._held[gate])))
        self._wait_for_turn(gate)

    def _let_pass(self, gate: str, number: int) -> None:
        if number == next(iter(self._held[gate])):
            self._left[gate] = 1.0
        held = self._held[gate].pop(number)
        self._say(MessagePassed(t=time.time(), source="server", gate=held.told.gate, number=number))
        held.release()

    def _forget(self, held: dict[int, _Held]) -> None:
        for number, one in list(held.items()):
            self._say(MessagePassed(t=time.time(), source="server", gate=one.told.gate, number=number, is_dropped=True))
            one.drop()
        held.clear()
        self._left = dict.fromkeys(self._left, 1.0)
