# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between the half that speaks HTTP and WebSocket and the channel layer that carries messages.

It knows nothing of uvicorn: to HTTP it is an ASGI 3 application, to a WebSocket connection what listens to it. What it
sends and takes it says, so that the path of every message can be followed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.events import Event
from app.layer import AsyncRedisChannelLayer
from app.orders import SetGates
from app.server import echo
from app.server.access import AccessLog
from app.server.gates import Gates
from app.server.http import Request
from app.server.options import Options
from app.server.post import Post
from app.server.replies import Replies
from app.server.scope import Receive, Scope, Send
from app.server.turn import Turn
from app.server.websocket import Socket

if TYPE_CHECKING:
    from app.server.connection import Listener, WebSocketConnection


class Bridge:
    """Requests and sockets to channels, replies back."""

    def __init__(
        self,
        layer: AsyncRedisChannelLayer,
        say: Callable[[Event], None],
        options: Options | None = None,
        gates: SetGates | None = None,
    ) -> None:
        self.layer = layer
        self.say = say
        self.options = options or Options()
        self.gates = Gates(say, gates)
        self.post = Post(layer, say, self.gates)
        self.turn = Turn(asyncio.get_running_loop())
        self.replies = Replies(layer, say, self.gates, self.turn)
        self.access = AccessLog(self.options.access_log)
        self._reading: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI 3)."""
        await Request(self, scope, receive, send).serve()

    def listener(self, connection: WebSocketConnection, scope: dict[str, Any]) -> Listener:
        """Return what talks with the client of a socket."""
        if self.options.has_echo and scope["path"] == echo.PATH:
            return echo.Echo(connection)
        return Socket(self, connection, scope)

    def start(self) -> None:
        """Begin to read."""
        self._reading = asyncio.create_task(self.replies.run())

    async def stop(self, patience: float = 1.0) -> None:
        """Send what is left, if the layer takes it in time, and hang up."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.post.until_empty(), patience)
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self.layer.close()
        self.access.close()
