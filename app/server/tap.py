# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire tap: every byte that crosses a TCP connection of the interface server, in the order of the wire.

What comes in is told before a protocol reads it, what goes out before the transport takes it. uvicorn's HTTP half
writes through a transport that repeats each write; our WebSocket half tells the tap itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

from app.events import BytesSeen, ConnectionClosed, ConnectionOpened, Event

EXTENSION = "channelscope"  # scope["extensions"]["channelscope"]["connection"] is the connection's id


class Tap:
    """The ears on one connection: counts offsets and says what passed."""

    __slots__ = ("_offsets", "_say", "connection")

    def __init__(self, connection: str, say: Callable[[Event], None]) -> None:
        self.connection = connection
        self._say = say
        self._offsets = {"client": 0, "server": 0}

    def opened(self, transport: asyncio.Transport) -> None:
        """The connection exists."""
        client, server = (address_of(transport.get_extra_info(name)) for name in ("peername", "sockname"))
        self._say(
            ConnectionOpened(t=time.time(), source="server", connection=self.connection, client=client, server=server)
        )

    def passed(self, direction: Any, data: bytes) -> None:
        """Bytes went one way."""
        offset, length = self._offsets[direction], len(data)
        self._offsets[direction] = offset + length
        self._say(
            BytesSeen(
                t=time.time(),
                source="server",
                connection=self.connection,
                direction=direction,
                offset=offset,
                length=length,
                data=data,
            )
        )

    def closed(self, error: Exception | None) -> None:
        """The connection is gone."""
        reason = "" if error is None else str(error)
        self._say(ConnectionClosed(t=time.time(), source="server", connection=self.connection, reason=reason))


class TappedTransport:
    """A transport that repeats what is written."""

    def __init__(self, transport: asyncio.Transport, tap: Tap) -> None:
        self.raw = transport
        self._tap = tap

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)

    def write(self, data: bytes) -> None:
        """Write, and say so."""
        if data and not self.raw.is_closing():
            self._tap.passed("server", data)
        self.raw.write(data)

    def pause_reading(self) -> None:
        """Take no more; uvicorn also asks this of a transport that is gone, which uvloop minds."""
        if not self.raw.is_closing():
            self.raw.pause_reading()

    def resume_reading(self) -> None:
        """Go on; the same."""
        if not self.raw.is_closing():
            self.raw.resume_reading()

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write pieces as one run."""
        self.write(b"".join(pieces))


def address_of(name: Any) -> str:
    """Return a socket name as "host:port", "[host]:port" for IPv6, or "" for a unix socket."""
    if not isinstance(name, tuple):
        return ""
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_of(transport: asyncio.Transport) -> str:
    """Return the address of our end of a connection, "" for a unix socket."""
    name = transport.get_extra_info("sockname")
    return name[0] if isinstance(name, tuple) else ""
