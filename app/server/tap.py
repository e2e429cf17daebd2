# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire tap: every byte that crosses a TCP connection of the interface server, in the order of the wire.

uvicorn gives each connection to a protocol object. Ours is its HTTP protocol with ears: what comes in passes
`data_received`, what goes out passes a transport that repeats each write. At the upgrade uvicorn puts its WebSocket
protocol in its own place by `transport.set_protocol`; there the ears go on. These are internals of uvicorn:
it is pinned exactly.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.events import BytesSeen, ConnectionClosed, ConnectionOpened, Event

EXTENSION = "channelscope"  # scope["extensions"]["channelscope"]["connection"] is the connection's id


class Tap:
    """The ears on one connection: counts offsets and says what passed."""

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
        offset = self._offsets[direction]
        self._offsets[direction] += len(data)
        self._say(
            BytesSeen(
                t=time.time(),
                source="server",
                connection=self.connection,
                direction=direction,
                offset=offset,
                length=len(data),
                data=bytes(data),
            )
        )

    def closed(self, error: Exception | None) -> None:
        """The connection is gone."""
        reason = "" if error is None else str(error)
        self._say(ConnectionClosed(t=time.time(), source="server", connection=self.connection, reason=reason))

    def mark(self, app: Any) -> Any:
        """Return the ASGI application with the connection's id put into every scope."""

        async def marked(scope: dict[str, Any], receive: Any, send: Any) -> None:
            extensions = {**(scope.get("extensions") or {}), EXTENSION: {"connection": self.connection}}
            await app({**scope, "extensions": extensions}, receive, send)

        return marked


class TappedTransport:
    """A transport that repeats what is written, and keeps the ears on whatever protocol comes next."""

    def __init__(self, transport: asyncio.Transport, tap: Tap) -> None:
        self._transport = transport
        self._tap = tap

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, and say so."""
        if data and not self._transport.is_closing():
            self._tap.passed("server", data)
        self._transport.write(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Write pieces as one run."""
        self.write(b"".join(pieces))

    def set_protocol(self, protocol: Any) -> None:
        """Let another protocol go on with this connection, heard like the one before."""
        protocol.app = self._tap.mark(protocol.app)
        self._transport.set_protocol(TappedProtocol(protocol, self._tap))


class TappedProtocol(asyncio.Protocol):
    """Passes everything on to a protocol, and says what came in."""

    def __init__(self, protocol: Any, tap: Tap) -> None:
        self._protocol = protocol
        self._tap = tap

    def data_received(self, data: bytes) -> None:
        """Bytes came from the client."""
        self._tap.passed("client", data)
        self._protocol.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._tap.closed(exc)
        self._protocol.connection_lost(exc)

    def eof_received(self) -> bool | None:
        """The client will send no more."""
        result: bool | None = self._protocol.eof_received()
        return result

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """It reads again."""
        self._protocol.resume_writing()


class _TappedHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol with ears; `say` and `ids` are set by `tapped_http`."""

    say: Callable[[Event], None]
    ids: Iterable[int]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.tap = Tap(f"c{next(iter(self.ids))}", type(self).say)
        self.tap.opened(transport)
        self.app = self.tap.mark(self.app)
        super().connection_made(TappedTransport(transport, self.tap))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self.tap.passed("client", data)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.tap.closed(exc)
        super().connection_lost(exc)


def tapped_http(say: Callable[[Event], None], first: int = 1) -> type[HttpToolsProtocol]:
    """Return the protocol class to give to uvicorn.Config(http=...)."""
    return type("TappedHttp", (_TappedHttp,), {"say": staticmethod(say), "ids": itertools.count(first)})


def address_of(name: Any) -> str:
    """Return a socket name as "host:port", "[host]:port" for IPv6, or "" for a unix socket."""
    if not isinstance(name, tuple):
        return ""
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
