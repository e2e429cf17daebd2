# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands still, what goes slowly, and what is held where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import events as e
from app.state import layer
from app.state.world import World


def frozen(world: World, event: e.Frozen) -> None:
    world.clock, world.pace = world.clock.frozen(event.t), world.pace.frozen(event.t)


def thawed(world: World, event: e.Thawed) -> None:
    world.clock, world.pace = world.clock.thawed(event.t), world.pace.thawed(event.t)


def speed_set(world: World, event: e.SpeedSet) -> None:
    world.speed = event.speed
    world.clock, world.pace = world.clock.slowed(event.t, event.redis), world.pace.slowed(event.t, event.speed)


def held(world: World, event: e.MessageHeld) -> None:
    world.gates[event.source, event.number] = event
    if event.gate in e.WITHIN_RECEIVE:
        if message := world.own(event.key):
            layer.held_within_receive(world, message, event)
        else:
            layer.keep_early(world, event)


def passed(world: World, event: e.MessagePassed) -> None:
    if world.gates.pop((event.source, event.number), None):
        world.turns[event.source, event.gate] = event.t


def forget(world: World, process: str) -> None:
    """A process ended, and what it held is gone; "worker-1.2" is the second loop of "worker-1"."""
    for source, number in [*world.gates]:
        if source.partition(".")[0] == process:
            del world.gates[source, number]


HANDLERS: dict[type[e.Event], Callable[[World, Any], None]] = {
    e.Frozen: frozen,
    e.Thawed: thawed,
    e.SpeedSet: speed_set,
    e.MessageHeld: held,
    e.MessagePassed: passed,
}
