# SPDX-License-Identifier: GPL-3.0-or-later
"""The raw echo at /_scope/echo: every message comes back, no channel layer is asked. For tests of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.server.connection import WebSocketConnection

PATH = "/_scope/echo"


class Echo:
    """What listens to a socket and says the same."""

    message_limit = 64 * 1024 * 1024

    def __init__(self, connection: WebSocketConnection) -> None:
        self._connection = connection

    def opened(self) -> None:
        """Accept."""
        self._connection.accept()

    def received(self, data: str | bytes) -> None:
        """Say it again."""
        self._connection.send(data)

    def slowed(self, is_slow: bool) -> None:
        """Say nothing more, and so hear nothing more, until what was said is read."""
        if is_slow:
            self._connection.pause_reading()
        else:
            self._connection.resume_reading()

    def closed(self, code: int) -> None:
        """Nothing is left to do."""
