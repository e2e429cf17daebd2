# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab may tell a child, one frozen value each: a JSON line on the child's stdin."""

from __future__ import annotations

from typing import Literal

import msgspec

LEG = 0.25  # seconds


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


class SetGates(Order, frozen=True, tag=True):
    """To server and workers: hold everything (`is_closed`), or every message so long that all goes at `speed`.

    `forgets`: what is held belongs to a run that is over, and is thrown away.
    """

    is_closed: bool = False
    speed: float = 1.0
    forgets: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing is held."""
        return not self.is_closed and not self.hold

    @property
    def hold(self) -> float:
        """Seconds that a gate holds each message in slow motion; as long as its dot on the Stage is under way."""
        return LEG / self.speed if self.speed < 1 else 0.0


class MoveDelays(Order, frozen=True, tag=True):
    """To one worker: what a delay server keeps until `t`, seconds since the epoch, is due at `factor * t + offset`."""

    factor: float
    offset: float


class Step(Order, frozen=True, tag=True):
    """To server or worker: let one message pass one gate; `number` names it, 0 is the first.

    At "receive" nothing is held yet: take the next message of `channel`, "" for any.
    """

    gate: str
    number: int = 0
    channel: str = ""


class CloseSockets(Order, frozen=True, tag=True):
    """To the interface server: close all WebSockets (1012), for their groups are gone."""


class SetOriginCheck(Order, frozen=True, tag=True):
    """Which pages may open a socket from now on (app.settings.OriginCheck)."""

    check: Literal["origin", "hosts", "none"]


class PingSockets(Order, frozen=True, tag=True):
    """To the interface server: ping every open WebSocket now."""


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
    Stop
    | RestartRedis
    | SetExpiry
    | SetCapacity
    | SetFaults
    | SetGates
    | MoveDelays
    | Step
    | CloseSockets
    | PingSockets
    | SetOriginCheck
    | OpenRoom
    | CloseRoom
    | ExplainRoute
)
_decoder = msgspec.json.Decoder(AnyOrder)


def encode(order: AnyOrder) -> bytes:
    """Return the order as one line."""
    return msgspec.json.encode(order) + b"\n"


def decode(line: bytes) -> AnyOrder:
    """Return the order in a line; raises msgspec.MsgspecError when it is none."""
    order: AnyOrder = _decoder.decode(line)
    return order
