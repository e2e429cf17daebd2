# SPDX-License-Identifier: GPL-3.0-or-later
"""What crosses a connection: bytes, handshakes, frames, messages."""

from __future__ import annotations

from typing import Literal

from app.events.base import Direction, Event


class ConnectionOpened(Event, frozen=True, kw_only=True, tag=True):
    """A TCP connection exists; `client` and `server` are "host:port" ("[::1]:80" for IPv6)."""

    connection: str
    client: str
    server: str


class BytesSeen(Event, frozen=True, kw_only=True, tag=True):
    """A run of bytes went one way on a connection; `offset` is the place of its first byte in that direction's stream.

    On a pipe and in a recording `data` holds the bytes. In the store it is empty: they lie in the spool.
    """

    connection: str
    direction: Direction
    offset: int
    length: int
    data: bytes = b""


class HandshakeSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: an HTTP request asked for an Upgrade and was answered with `status` (RFC 6455 §4).

    `is_cross_origin`: the page that asked was not served by the host and port that it asked.
    """

    connection: str
    target: str
    status: int
    method: str = "GET"
    key: str = ""
    accept: str = ""
    subprotocol: str = ""
    violations: tuple[str, ...] = ()
    origin: str = ""
    is_cross_origin: bool = False
    has_cookie: bool = False


class FrameSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: a whole frame passed; `row` is its row in the frame index."""

    connection: str
    direction: Direction
    row: int
    opcode: int
    fin: bool
    length: int
    masked: bool = False
    violations: tuple[str, ...] = ()


class WebSocketMessageSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: the n-th data message (counted from 1) of one direction is complete; `rows` are its frames.

    `n` is 0 after bytes that were not seen: some messages may have been in them.
    """

    connection: str
    direction: Direction
    n: int
    opcode: int
    length: int
    rows: tuple[int, ...]


class WayMeasured(Event, frozen=True, kw_only=True, tag=True):
    """Derived: where a client's message spent its time until its first answer, in seconds; `longest` names the part.

    `server`: from its last frame until it was sent; `queue`: until a worker took it; `consumer`: while it ran, what it
    sends included; `reply`: from the first reply taken, its wait for the server. At most 20 a second are told.
    """

    key: str
    longest: Literal["server", "queue", "consumer", "reply"]
    server: float
    queue: float
    consumer: float
    reply: float


class ClientNamed(Event, frozen=True, kw_only=True, tag=True):
    """Derived: the demo told a page who it is, so the connection has a name to show.

    With it came what was said before: `newest` is the row of the last line of that ("" without any).
    """

    connection: str
    name: str
    newest: str = ""


class GapSeen(Event, frozen=True, kw_only=True, tag=True):
    """Derived: bytes of this direction were not seen; decoding went on after them with a stated confidence (0 to 1)."""

    connection: str
    direction: Direction
    offset: int
    length: int
    confidence: float


class ConnectionClosed(Event, frozen=True, kw_only=True, tag=True):
    """The TCP connection is gone."""

    connection: str
    reason: str = ""
