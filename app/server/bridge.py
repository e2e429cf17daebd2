# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI 3 application between the server that speaks HTTP and the channel layer that carries messages.

It knows nothing of uvicorn. What it sends and takes it says, so that the path of every message can be followed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from app.events import Event, MessageLost, MessageReceived, MessageRefused, MessageSent
from app.layer import AsyncRedisChannelLayer
from app.layer.receipts import Taken
from app.layer.refused import Refused
from app.server.http import serve_request
from app.server.replies import Replies
from app.server.scope import Receive, Scope, Send
from app.server.websocket import Socket


class Bridge:
    """Requests and sockets to channels, replies back.

    Args:
        connect_timeout: seconds a handshake waits for its consumer (asgi1_checklist §8: 5).
        http_timeout: seconds a request waits for its response (D-04: 120).
    """

    def __init__(
        self,
        layer: AsyncRedisChannelLayer,
        say: Callable[[Event], None],
        connect_timeout: float = 5.0,
        http_timeout: float = 120.0,
    ) -> None:
        self.layer = layer
        self.say = say
        self.connect_timeout = connect_timeout
        self.http_timeout = http_timeout
        self.replies = Replies(layer, say)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket (ASGI 3)."""
        if scope["type"] == "http":
            await serve_request(self, scope, receive, send)
        elif scope["type"] == "websocket":
            await Socket(self, scope, receive, send).serve()

    async def post(self, channel: str, message: dict[str, Any], connection: str, n: int = 0) -> None:
        """Send on the layer and say so; raises what the layer raises."""
        began = time.time()  # a worker may take the message before Redis's answer reaches us
        try:
            sent = await self.layer.post(channel, message)
        except Refused as refused:
            self.say(
                MessageRefused(
                    t=time.time(), source="server", channel=channel, reason=refused.reason, connection=connection, n=n
                )
            )
            raise
        self.say(
            MessageSent(
                t=began,
                source="server",
                key=sent.key,
                channel=sent.channel,
                body=sent.body,
                expiry=sent.expiry,
                connection=connection,
                n=n,
            )
        )
        if sent.is_dropped:
            self.say(MessageLost(t=time.time(), source="server", key=sent.key, reason="dropped on purpose"))

    def took(self, taken: Taken, connection: str, n: int = 0) -> None:
        """Say that a reply was taken, and which WebSocket message from the server it becomes (0: none)."""
        self.say(
            MessageReceived(
                t=time.time(), source="server", key=taken.key, channel=taken.channel, connection=connection, n=n
            )
        )
