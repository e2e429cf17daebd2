# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of connections, frames and WebSocket messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import events as e
from app.entities import Connection
from app.state.world import CLOSED_LIMIT, MESSAGE_LIMIT, OPEN_LIMIT, World, forget_first

TURN = 50  # connections opened between two looks at those to be forgotten


def opened(world: World, event: e.ConnectionOpened) -> None:
    world.connections[event.connection] = Connection(event.connection, event.client, event.server, event.t)
    if len(world.connections) % TURN == 0:
        forget(world)


def forget(world: World) -> None:
    """Keep the newest of the closed connections; open ones go only when there are very many, as in a capture."""
    closed = [name for name, connection in world.connections.items() if connection.closed]
    old = {*closed[:-CLOSED_LIMIT], *list(world.connections)[:-OPEN_LIMIT]}
    for name in old:
        del world.connections[name]
    if old:
        world.forgotten["connections"] = world.forgotten.get("connections", 0) + len(old)


def handshake(world: World, event: e.HandshakeSeen) -> None:
    if connection := world.connections.get(event.connection):
        connection.path, connection.status, connection.is_foreign = event.target, event.status, event.is_cross_origin


def frame(world: World, event: e.FrameSeen) -> None:
    world.frames += 1
    world.rows = event.row + 1
    world.violations += len(event.violations)
    if connection := world.connections.get(event.connection):
        connection.frames[event.direction] += 1
        connection.last_frame = event.t


def websocket_message(world: World, event: e.WebSocketMessageSeen) -> None:
    if not event.n:
        return
    origin = (event.connection, event.direction, event.n)
    world.rows_of_message[origin] = event.rows
    for row in event.rows:
        world.message_of_row[row] = origin
    forget_first(world.rows_of_message, MESSAGE_LIMIT)
    forget_first(world.message_of_row, MESSAGE_LIMIT)


def named(world: World, event: e.ClientNamed) -> None:
    if connection := world.connections.get(event.connection):
        connection.name = event.name


def closed(world: World, event: e.ConnectionClosed) -> None:
    if connection := world.connections.get(event.connection):
        connection.closed = event.t


HANDLERS: dict[type[e.Event], Callable[[World, Any], None]] = {
    e.ConnectionOpened: opened,
    e.HandshakeSeen: handshake,
    e.FrameSeen: frame,
    e.WebSocketMessageSeen: websocket_message,
    e.ClientNamed: named,
    e.ConnectionClosed: closed,
}
