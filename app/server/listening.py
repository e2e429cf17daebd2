# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening at one more address, for phones and laptops in the room, as long as the door is open."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from app.events import Event, SourceFailed, SourceFinished, SourceReady
from app.server.hosts import Hosts

NAME = "room"  # as a source of events
GOING_AWAY = 1001  # RFC 6455 §7.4.1


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises OSError with the system's reason."""
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, proto)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


class Room:
    """A second way in, to the same pages, or none.

    Args:
        say: takes events.
        hosts: learns the address, so that requests for it are answered.
        serve: begins to serve what comes in at a listening `sock`.
        connections: all that are served.
        url: where the pages are for this machine.
    """

    def __init__(
        self,
        say: Callable[[Event], None],
        hosts: Hosts,
        serve: Callable[..., Awaitable[asyncio.Server]],
        connections: set[Any],
        url: str,
    ) -> None:
        self._say, self.hosts, self._serve, self.connections = say, hosts, serve, connections
        self._scheme, _, address = url.partition("://")
        self._port = int(address.rpartition(":")[2])
        self._server: asyncio.Server | None = None
        self._host = ""

    async def open(self, host: str) -> None:
        """Listen there, at the same port or another that is free; says where, or why not."""
        await self.close()
        try:
            listener = self._listen(host)
        except OSError as error:
            reason = f"Nobody can be let in at {host}: {error.strerror or error}."
            self._say(SourceFailed(t=time.time(), source="server", name=NAME, reason=reason))
            return
        self._host, port = host, listener.getsockname()[1]
        self.hosts.add(host)
        self._server = await self._serve(sock=listener)
        named = f"[{host}]" if ":" in host else host
        self._say(SourceReady(t=time.time(), source="server", name=NAME, detail=f"{self._scheme}://{named}:{port}"))

    async def close(self) -> None:
        """Listen there no more, and close what came in there."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for connection in list(self.connections):
            if connection.local_host == self._host:
                connection.leave(GOING_AWAY, "no longer open to the room")
        self.hosts.discard(self._host)
        self._say(SourceFinished(t=time.time(), source="server", name=NAME))

    def _listen(self, host: str) -> socket.socket:
        try:
            return listen(host, self._port)
        except OSError:
            return listen(host, 0)
