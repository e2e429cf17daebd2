# SPDX-License-Identifier: GPL-3.0-or-later
"""A built-in client: it takes the same way as a browser, the name page first, then the WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from app.events import ClientAdded, ClientLeft, Event
from app.tls import context_for
from app.wire.frames import CONT, TEXT, mask

if TYPE_CHECKING:  # imported when the first client joins: the window is to be there before
    from websockets.asyncio.client import ClientConnection

NO_CODE = 1006
PATIENCE = 5.0  # seconds for a page or a handshake
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class ClientError(Exception):
    """The client could not do what was asked; the text says what was seen."""


class Refused(ClientError):
    """The server answered the handshake with something else than 101: its status, and what it said."""

    def __init__(self, name: str, status: int, reason: str) -> None:
        super().__init__(f"{name} could not open the WebSocket: the server answered {status}: {reason}")
        self.status, self.reason = status, reason


class ChatClient:
    """One person in one room; `page` is the demo's that has the room: "chat", or "turns"."""

    def __init__(
        self,
        name: str,
        room: str,
        address: str,
        emit: Callable[[Event], None],
        page: str = "chat",
        patience: float = PATIENCE,
    ) -> None:
        self.name = name
        self.room = room
        self._path = f"/{page}/{room}/"
        self._address = address
        self._emit = emit
        self._patience = patience
        self.cookies = ""  # of its browser, as a header's value
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def has_left(self) -> bool:
        """Whether its WebSocket was open and is closed now."""
        return self._reading is not None and self._reading.done()

    async def join(self) -> None:
        """Say the name on the page, then open the WebSocket; raises ClientError."""
        self.cookies = await asyncio.to_thread(_introduce, self._address, self.name, self.room, self._patience)
        await self.open(self.cookies, self._address)

    async def open(self, cookies: str, origin: str) -> None:
        """Open the WebSocket for a page of this origin; raises ClientError."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidStatus, WebSocketException

        try:
            self._socket = await connect(
                f"{self._address.replace('http', 'ws', 1)}{self._path}",
                additional_headers={"Cookie": cookies} if cookies else {},
                origin=origin,  # type: ignore[arg-type]
                compression=None,
                ssl=context_for(self._address),
                open_timeout=self._patience,
                close_timeout=0.5,
                proxy=None,
                ping_interval=None,  # a page cannot ping either
                user_agent_header="Channelscope",
            )
        except InvalidStatus as error:
            answer = error.response
            raise Refused(self.name, answer.status_code, (answer.body or b"").decode("utf-8", "replace")) from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise ClientError(f"{self.name} could not open the WebSocket: {error}") from error
        host, port = self._socket.local_address[:2]
        self._emit(ClientAdded(t=time.time(), source="lab", name=self.name, address=f"{host}:{port}", room=self.room))
        self._reading = asyncio.create_task(self._read(), name=f"client {self.name}")

    async def say(self, text: str) -> None:
        """Send a chat message; raises ClientError."""
        from websockets.exceptions import ConnectionClosed

        if self._socket is None:
            raise ClientError(f"{self.name} is not connected.")
        try:
            await self._socket.send(_said(text))
        except ConnectionClosed as error:
            raise ClientError(f"{self.name}'s WebSocket is closed: {error}") from error

    async def say_in_fragments(self, text: str, count: int) -> None:
        """Send a chat message in so many frames (RFC 6455 §5.4); raises ClientError."""
        data = _said(text).encode()
        if not 2 <= count <= len(data):
            raise ClientError(f"{len(data)} bytes cannot be sent in {count} fragments: from 2 to {len(data)} can be.")
        if self._socket is None or self.has_left:
            raise ClientError(f"{self.name} is not connected.")
        cuts = [round(len(data) * number / count) for number in range(count + 1)]
        for number, (start, end) in enumerate(pairwise(cuts), 1):
            opcode, fin = TEXT if number == 1 else CONT, 0x80 if number == count else 0
            self._socket.transport.write(frame_of(fin | opcode, data[start:end], os.urandom(4)))

    async def say_unmasked(self, text: str) -> None:
        """Send a chat message as no client may, not masked (RFC 6455 §5.1); raises ClientError."""
        if self._socket is None or self.has_left:
            raise ClientError(f"{self.name} is not connected.")
        self._socket.transport.write(bare_frame(_said(text).encode()))

    async def until_left(self) -> int:
        """Wait until its WebSocket is closed; returns the close code, 1006 without one (RFC 6455 §7.1.5)."""
        if self._reading is None or self._socket is None:
            return NO_CODE
        await asyncio.wait([self._reading])
        return self._socket.close_code or NO_CODE

    async def leave(self) -> None:
        """Close the WebSocket."""
        if self._socket is not None:
            await self._socket.close()
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        """Take what comes, as a browser would, until the socket closes."""
        from websockets.exceptions import ConnectionClosed

        if self._socket is None:
            return
        with contextlib.suppress(ConnectionClosed):
            async for _ in self._socket:
                pass
        reason = f"closed with {self._socket.close_code}"
        self._emit(ClientLeft(t=time.time(), source="lab", name=self.name, reason=reason))


def frame_of(first: int, payload: bytes, key: bytes = b"") -> bytes:
    """Return a whole frame with its length in the shortest form, masked if there is a key (RFC 6455 §5.2)."""
    size, bit = len(payload), 0x80 if key else 0
    if size < 126:
        length = bytes((bit | size,))
    elif size < 0x10000:
        length = bytes((bit | 126,)) + size.to_bytes(2, "big")
    else:
        length = bytes((bit | 127,)) + size.to_bytes(8, "big")
    return bytes((first,)) + length + key + (mask(payload, key) if key else payload)


def bare_frame(payload: bytes) -> bytes:
    """Return a whole text frame that is not masked."""
    return frame_of(0x80 | TEXT, payload)


def _said(text: str) -> str:
    return json.dumps({"type": "chat", "data": text}, ensure_ascii=False)


def _introduce(address: str, name: str, room: str, patience: float) -> str:
    """Get the name page and send it back filled in; returns the cookies as a header's value."""
    import http.client
    import http.cookiejar
    import urllib.parse
    import urllib.request

    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPCookieProcessor(jar),
        urllib.request.HTTPSHandler(context=context_for(address)),
    )
    opener.addheaders.append(("Origin", address))  # Django asks for it where the pages are at https
    try:
        with opener.open(f"{address}/", timeout=patience) as page:
            token = _TOKEN.search(page.read().decode())
        fields = {"name": name, "room": room, "csrfmiddlewaretoken": token[1] if token else ""}
        with opener.open(f"{address}/", data=urllib.parse.urlencode(fields).encode(), timeout=patience) as page:
            page.read()
    except (OSError, http.client.HTTPException) as error:
        raise ClientError(f"The name page did not answer {name}: {error}. Is a worker alive?") from error
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
