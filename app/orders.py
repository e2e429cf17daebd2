# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab may tell a child, one frozen value each: a JSON line on the child's stdin."""

from __future__ import annotations

import msgspec


class Order(msgspec.Struct, frozen=True, tag=True):
    """What all orders share: nothing but being one."""


class Stop(Order, frozen=True, tag=True):
    """Finish the message at hand and leave."""


class RestartRedis(Order, frozen=True, tag=True):
    """To the guard: end the server it started and start a new, empty one."""


class SetExpiry(Order, frozen=True, tag=True):
    """Messages sent from now on live this many seconds."""

    seconds: int


class SetCapacity(Order, frozen=True, tag=True):
    """A channel may hold this many messages."""

    messages: int


class SetFaults(Order, frozen=True, tag=True):
    """What is thrown away and held back on purpose from now on (app.settings.Faults)."""

    drop: dict[str, float]
    delay: dict[str, float]
    seed: int


class CloseSockets(Order, frozen=True, tag=True):
    """To the interface server: close all WebSockets (1012), for their groups are gone."""


class OpenRoom(Order, frozen=True, tag=True):
    """To the interface server: let clients in at this address of the machine too."""

    host: str


class CloseRoom(Order, frozen=True, tag=True):
    """To the interface server: let nobody in there any more."""


class ExplainRoute(Order, frozen=True, tag=True):
    """To a process that has loaded the routing: say what it does with a message of this body on this channel."""

    channel: str
    body: bytes
    key: str = ""


AnyOrder = (
    Stop | RestartRedis | SetExpiry | SetCapacity | SetFaults | CloseSockets | OpenRoom | CloseRoom | ExplainRoute
)
_decoder = msgspec.json.Decoder(AnyOrder)


def encode(order: AnyOrder) -> bytes:
    """Return the order as one line."""
    return msgspec.json.encode(order) + b"\n"


def decode(line: bytes) -> AnyOrder:
    """Return the order in a line; raises msgspec.MsgspecError when it is none."""
    order: AnyOrder = _decoder.decode(line)
    return order
