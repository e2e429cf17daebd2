# SPDX-License-Identifier: GPL-3.0-or-later
"""What the program and its user do: runs, recordings, clients, selections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app import events as e
from app.entities import Source
from app.state.world import World

RECORDED = "recording"  # the source of a LabStarted in a recording
HERDS = 8  # runs of bots kept to be compared
REPLAYED = "r"  # what connections of a recording are called: r1, r2 …; live ones are c1, c2 …


def lab_started(world: World, event: e.LabStarted) -> None:
    if event.source == RECORDED:
        world.settings, world.first_row = event, world.rows
        return
    sources, connections, redis_lost, wiped = world.sources, world.connections, world.redis_lost, world.wiped
    counted, herds, rows = world.counted, world.herds, world.rows
    if world.held:
        sources, redis_lost, wiped = world.held
    world.__init__()  # type: ignore[misc]
    world.first_row = world.rows = rows
    world.settings, world.sources, world.redis_lost, world.wiped = event, sources, redis_lost, wiped
    world.counted, world.herds = counted, herds
    world.connections = {
        name: connection
        for name, connection in connections.items()
        if not connection.closed and not name.startswith(REPLAYED)
    }


def recording_started(world: World, event: e.RecordingStarted) -> None:
    """What is live is held for later; in the recording everything runs."""
    held, counted, rows = world.held or (world.sources, world.redis_lost, world.wiped), world.counted, world.rows
    world.__init__()  # type: ignore[misc]
    world.first_row = world.rows = rows
    world.held, world.counted = held, counted
    world.sources = {name: Source(name, "ready") for name in ("redis", "server")}


def expiry_changed(world: World, event: e.ExpiryChanged) -> None:
    if world.settings:
        world.settings = msgspec.structs.replace(world.settings, expiry=event.expiry)


def faults_set(world: World, event: e.FaultsSet) -> None:
    world.faults = event if event.drop or event.delay else None


def origin_check_set(world: World, event: e.OriginCheckSet) -> None:
    world.origin_check = event.check


def client_added(world: World, event: e.ClientAdded) -> None:
    world.clients[event.name] = event


def client_left(world: World, event: e.ClientLeft) -> None:
    world.clients.pop(event.name, None)


def bots_counted(world: World, event: e.BotsCounted) -> None:
    world.bots = None if event.is_over else event
    if event.is_over and event.sent:
        world.herds = [*world.herds[1 - HERDS :], event]


def capture(world: World, event: e.CaptureProgress) -> None:
    world.capture = event


def computed(world: World, event: e.AcceptComputed) -> None:
    world.computed = event


def tried(world: World, event: e.HandshakeTried) -> None:
    world.tried[event.mutation] = event


def explained(world: World, event: e.RouteExplained) -> None:
    world.explained = event


def consumers_checked(world: World, event: e.ConsumersChecked) -> None:
    world.checked = event


def consumers_changed(world: World, event: e.ConsumersChanged) -> None:
    world.version = event


def select(world: World, event: e.Selected) -> None:
    world.selected = event


HANDLERS: dict[type[e.Event], Callable[[World, Any], None]] = {
    e.LabStarted: lab_started,
    e.RecordingStarted: recording_started,
    e.ExpiryChanged: expiry_changed,
    e.FaultsSet: faults_set,
    e.OriginCheckSet: origin_check_set,
    e.ClientAdded: client_added,
    e.ClientLeft: client_left,
    e.BotsCounted: bots_counted,
    e.CaptureProgress: capture,
    e.Selected: select,
    e.HandshakeTried: tried,
    e.AcceptComputed: computed,
    e.RouteExplained: explained,
    e.ConsumersChecked: consumers_checked,
    e.ConsumersChanged: consumers_changed,
}
