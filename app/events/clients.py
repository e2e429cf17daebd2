# SPDX-License-Identifier: GPL-3.0-or-later
"""Built-in clients, bots, and what is tried against the server."""

from __future__ import annotations

from typing import Literal

from app.events.base import Event


class OriginCheckSet(Event, frozen=True, kw_only=True, tag=True):
    """From now on sockets may be opened by our own pages only ("origin"), by pages of our hosts, or by any ("none")."""

    check: Literal["origin", "hosts", "none"]


class AttackTried(Event, frozen=True, kw_only=True, tag=True):
    """A page of somebody else's, from `origin`, opened a socket and was answered with `status`.

    `has_cookie`: the browser sent the victim's; `outcome` is for people: how far it came, or the server's reason.
    """

    origin: str
    status: int
    has_cookie: bool
    outcome: str


class ClientAdded(Event, frozen=True, kw_only=True, tag=True):
    """A built-in client connected: `name` in the room, `address` its end of the TCP connection ("host:port")."""

    name: str
    address: str
    room: str = ""


class ClientLeft(Event, frozen=True, kw_only=True, tag=True):
    """A built-in client closed its socket or lost it."""

    name: str
    reason: str = ""


class BotsCounted(Event, frozen=True, kw_only=True, tag=True):
    """What a herd of bots counted in the last `seconds`; when `is_over`, in all its time.

    `count` were ordered for a `page` ("draw" or "chat"), at a `pace` of messages a second (0: every move); `open` are
    their open sockets, `refused` those that were not let in, `closed` the codes with which sockets were lost.
    Bytes are of whole frames; delays are seconds from a move to its return, half of them and 99 of 100 below.
    `operations` are the commands that Redis ran meanwhile, those in scripts too.
    """

    page: str
    room: str
    pace: int
    count: int
    open: int
    seconds: float
    sent: int = 0
    received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    delay_p50: float = 0.0
    delay_p99: float = 0.0
    errors: int = 0
    refused: int = 0
    closed: tuple[str, ...] = ()
    is_over: bool = False
    operations: int = 0


class BotsCompared(Event, frozen=True, kw_only=True, tag=True):
    """A herd is over that was as large as the one before and drew at another pace: what became of each figure a second.

    Figures are shares of those before (0.25: a quarter). `delay` says what became of the delay; `bytes_fell`, of the
    bytes sent, whether they fell as much as the messages.
    """

    count: int
    pace_before: int
    pace: int
    messages: float
    bytes: float
    operations: float
    delay: Literal["less", "same", "more"]
    bytes_fell: Literal["as much", "less", "not"]


class AcceptComputed(Event, frozen=True, kw_only=True, tag=True):
    """The accept value of `key` was worked out (RFC 6455 §4.2.2); `is_sent`: this key did come from a browser."""

    key: str
    accept: str
    is_sent: bool


class HandshakeTried(Event, frozen=True, kw_only=True, tag=True):
    """A handshake broken on purpose was answered with `status` (0: not at all); `outcome` is a sentence for people.

    `refused_by` is "server" or "client", "" where nobody refused; `address` the client's end of its connection
    ("host:port").
    """

    mutation: str
    status: int
    outcome: str
    refused_by: str = ""
    address: str = ""


class PageFetched(Event, frozen=True, kw_only=True, tag=True):
    """A page was asked for and answered with `status` (0: the connection ended without an answer) after `seconds`."""

    path: str
    status: int
    seconds: float
