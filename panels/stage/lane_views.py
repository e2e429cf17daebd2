# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel's lane on the Stage, and the tokens in it, as prepared values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import islice

from app.entities import Channel
from app.keys_then import bodies_of
from app.state import State
from panels.full import level_of, when_full
from panels.stage.held import taken_out

TOKENS_SHOWN = 12


@dataclass(frozen=True)
class TokenView:
    """A message in a queue: `life` is the part of its expiry that is left, 0 to 1."""

    key: str
    seconds: int
    life: float
    is_ghost: bool = False
    is_body: bool = False  # its place in the queue is gone, its body is still there

    @property
    def label(self) -> str:
        """It in words."""
        if self.is_ghost:
            return "Ghost: its body expired"
        return f"{'Body without an entry' if self.is_body else 'Message'}, {self.seconds} s left"


@dataclass(frozen=True)
class LaneView:
    """A channel's queue, oldest message first; `level` is "", "near" (its capacity) or "full"."""

    name: str
    tokens: tuple[TokenView, ...]
    live: int
    ghosts: int
    level: str
    capacity: int
    is_reply: bool
    bodies: int = 0  # without a place in the queue

    @property
    def count(self) -> str:
        """Live messages and ghosts apart, and bodies that no entry names."""
        ghosts = f" · {self.ghosts} ghost{'' if self.ghosts == 1 else 's'}" if self.ghosts else ""
        bodies = f" · {self.bodies} bod{'y' if self.bodies == 1 else 'ies'}" if self.bodies else ""
        return f"{self.live}{ghosts}{bodies}"

    @property
    def label(self) -> str:
        """All of it in words."""
        says = f"Channel {self.name}: {self.count} in {self.capacity} places"
        return says + {"": "", "near": ", nearly full", "full": ", full"}[self.level] + f". {when_full(self.name)}"


def lane_of(state: State, channel: Channel, now: float) -> LaneView:
    """Prepare a channel's lane."""
    then, out = state.clock.at(now), taken_out(state) if state.gates and "!" in channel.name else frozenset()
    waiting = {key: due for key, due in channel.waiting.items() if key not in out} if out else channel.waiting
    tokens = [_token(state, key, due, then) for key, due in islice(waiting.items(), TOKENS_SHOWN)]
    tokens += [TokenView(key, 0, 0.0, True) for key in islice(channel.ghosts, TOKENS_SHOWN)]
    bodies = bodies_of(state, channel, now)
    tokens += [replace(_token(state, key, channel.bodies[key], then), is_body=True) for key in bodies[:TOKENS_SHOWN]]
    tokens.sort(key=lambda token: state.messages[token.key].sent if token.key in state.messages else 0.0)
    capacity = state.settings.capacity if state.settings else 100
    level = level_of(channel.entries, capacity)
    shown = tuple(tokens[:TOKENS_SHOWN])
    live = channel.live - len(channel.waiting) + len(waiting)
    return LaneView(channel.name, shown, live, channel.dead, level, capacity, "!" in channel.name, len(bodies))


def _token(state: State, key: str, due: float, now: float) -> TokenView:
    message = state.messages.get(key)
    expiry = message.expiry if message else 60.0
    left = max(due - now, 0.0)
    return TokenView(key, math.ceil(left), round(min(left / max(expiry, 0.001), 1.0), 2))
