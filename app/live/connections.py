# SPDX-License-Identifier: GPL-3.0-or-later
"""What is open at the interface server, as it tells."""

from __future__ import annotations

import asyncio
import contextlib

from app.events import ConnectionClosed, ConnectionOpened, Event, ReplyChannelOpened


class Connections:
    """Connections by their id, and which of them are WebSockets."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.newest = 0  # number of the newest
        self._sockets: set[str] = set()
        self._closed = asyncio.Event()

    def notice(self, event: Event) -> None:
        """Take what the server tells."""
        match event:
            case ConnectionOpened(connection=connection):
                self.open.add(connection)
                self.newest = max(self.newest, int(connection.removeprefix("c")))
            case ReplyChannelOpened(connection=connection):
                self._sockets.add(connection)
            case ConnectionClosed(connection=connection):
                self.open.discard(connection)
                self._sockets.discard(connection)
                self._closed.set()

    async def until_no_socket(self, seconds: float) -> None:
        """Wait until the last WebSocket is closed, at most this long: a client may have gone without a word."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._sockets:
                    self._closed.clear()
                    await self._closed.wait()
