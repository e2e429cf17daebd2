# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the server listens; and one more address for phones and laptops in the room, as long as the door is open."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import stat
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


def listen_at(path: str) -> socket.socket:
    """Return a listening unix socket; a file that a server left behind is replaced. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear_away(path)
        listener.bind(path)
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise OSError(f"{path}: {error.strerror or error}") from error
    return listener


def inherit(number: int) -> socket.socket:
    """Return the listening socket that is open under this number (of systemd, circus …); raises OSError."""
    try:
        listener = socket.socket(fileno=number)
        is_listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise OSError(f"file descriptor {number} is no socket: {error.strerror}") from error
    if not is_listening:
        raise OSError(f"file descriptor {number} is a socket that does not listen")
    return listener


def _clear_away(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asker:
            if asker.connect_ex(path) == errno.ECONNREFUSED:  # nobody is there
                os.unlink(path)


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
        port = address.rpartition(":")[2]
        self._port = int(port) if port.isdecimal() else 0  # a unix socket has none
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
