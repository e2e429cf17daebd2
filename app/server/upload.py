# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of a request, in parts that fit into a message."""

from __future__ import annotations

from app.layer.refused import Refused
from app.server.scope import Headers, Receive

CHUNK = 512 * 1024  # bytes of body in one message, as of content in Channels 1.x; a message is at most 1 MiB as JSON


class Gone(Exception):
    """The client went away."""


class TooLarge(Refused):
    """The body is larger than we take."""

    reason = "too large"


class Upload:
    """Reads what an ASGI server receives; `limit` is for the whole body, in bytes."""

    def __init__(self, receive: Receive, headers: Headers, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._length = sum(int(value) for name, value in headers if name == b"content-length" and value.isdigit())
        self._size = 0
        self._rest = b""
        self._has_more = True

    async def part(self) -> tuple[bytes, bool]:
        """Return the next part, and whether more will come.

        Raises:
            Gone: the client went away.
            TooLarge: it is too much.
        """
        self._check(self._length)
        pieces, size = [self._rest], len(self._rest)
        while self._has_more and size <= CHUNK:  # one byte more than a part, so that the last part is never empty
            piece, self._has_more = await self._next()
            pieces.append(piece)
            size += len(piece)
        body = b"".join(pieces)
        body, self._rest = body[:CHUNK], body[CHUNK:]
        return body, self._has_more or bool(self._rest)

    async def until_gone(self) -> None:
        """Wait until the client leaves, then raise Gone."""
        while True:
            await self._next()

    async def _next(self) -> tuple[bytes, bool]:
        event = await self._receive()
        if event["type"] == "http.disconnect":
            raise Gone
        piece: bytes = event.get("body", b"")
        self._size += len(piece)
        self._check(self._size)
        return piece, bool(event.get("more_body"))

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise TooLarge(f"The request body is larger than {self._limit} bytes.")
