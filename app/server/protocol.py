# SPDX-License-Identifier: GPL-3.0-or-later
"""uvicorn's WebSocket protocol, except that it says with which close code it fails a connection."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.connection import ConnectionState

LINGER = 1.0  # seconds a client that broke a rule gets to read why


class FailingAloud(WSProtocol):
    """Sends a close frame where uvicorn only drops the TCP connection (RFC 6455 §7.1.7: the frame SHOULD be sent)."""

    has_failed = False

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client; after a broken rule none are looked at any more."""
        if not self.has_failed:
            super().data_received(data)

    def handle_close(self, event: Any) -> None:
        """wsproto says that the connection closes; if the client has not asked for it, it broke a rule."""
        if self.close_sent or self.conn.state is not ConnectionState.OPEN:
            super().handle_close(event)
            return
        self.has_failed = self.close_sent = True
        self.transport.write(self.conn.send(event))
        # Only our direction ends now: to close while bytes of the client lie unread would reset the connection, and
        # the close frame might be lost with it.
        self.transport.write_eof()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": event.code, "reason": event.reason})
        self.close_timer = self.loop.call_later(LINGER, self.transport.close)
