# SPDX-License-Identifier: GPL-3.0-or-later
"""A small server that lies in the opening handshake, and a client that is to notice; its bytes are told as the tap's.

The interface server does not lie, so this one listens on a port of its own for as long as one handshake takes.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from base64 import b64encode
from collections.abc import Callable

from app.events import BytesSeen, ConnectionClosed, ConnectionOpened, Direction, Event
from app.wire.handshake import accept_value
from app.wire.http1 import parse_request

PATIENCE = 5.0  # seconds for the whole handshake


class Liar:
    """Answers one handshake after the other; its connections are called liar-1, liar-2 …"""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._numbers = itertools.count(1)

    async def answer(self, lie: str) -> tuple[str, str]:
        """Return the client's end of the connection, and why the client refused ("" if it did not).

        Args:
            lie: "wrong accept" or "unasked subprotocol".
        """
        over: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            address = await self._serve(lie, reader, writer)
            if not over.done():
                over.set_result(address)

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, asyncio.timeout(PATIENCE):
            host, port = server.sockets[0].getsockname()[:2]
            refusal = await _connect(f"ws://{host}:{port}/chat/handshakes/")
            return await over, refusal

    async def _serve(self, lie: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        connection = f"liar-{next(self._numbers)}"
        client, here = ("{}:{}".format(*writer.get_extra_info(name)[:2]) for name in ("peername", "sockname"))
        self._emit(ConnectionOpened(t=time.time(), source="lab", connection=connection, client=client, server=here))
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            self._passed(connection, "client", 0, asked)
            lied = answer_of(lie, asked)
            writer.write(lied)
            self._passed(connection, "server", 0, lied)
            if rest := await reader.read():
                self._passed(connection, "client", len(asked), rest)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client left; that is what it is to do
        finally:
            writer.close()
            self._emit(ConnectionClosed(t=time.time(), source="lab", connection=connection))
        return client

    def _passed(self, connection: str, direction: Direction, offset: int, data: bytes) -> None:
        self._emit(
            BytesSeen(
                t=time.time(), source="lab", connection=connection, direction=direction, offset=offset,
                length=len(data), data=data,
            )
        )  # fmt: skip


def answer_of(lie: str, asked: bytes) -> bytes:
    """Return the answer to a request, with a lie in it."""
    request = parse_request(asked[:-4])
    key = request.header("sec-websocket-key") if request else ""
    if lie == "wrong accept":
        key = b64encode(os.urandom(16)).decode()
    chosen = "Sec-WebSocket-Protocol: morse\r\n" if lie == "unasked subprotocol" else ""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_value(key)}\r\n{chosen}Server: a liar, on purpose\r\n\r\n"
    ).encode()


async def _connect(address: str) -> str:
    """Let a real client connect; returns why it refused, "" if it did not."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidHandshake

    try:
        async with connect(address, compression=None, proxy=None, user_agent_header="Channelscope", open_timeout=None):
            return ""
    except InvalidHandshake as error:
        return str(error).rstrip(".")
