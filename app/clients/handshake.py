# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends an opening handshake that is broken on purpose over a raw socket, and says what became of it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from app.clients.liar import Liar
from app.clients.mutations import Mutation
from app.events import Event, HandshakeTried
from app.tls import context_for
from app.wire.frames import CLOSE, mask
from app.wire.http1 import parse_response

PATIENCE = 8.0  # seconds for an answer: a server gives a consumer 5 s to accept
PATH = "/chat/handshakes/"  # a room of its own, so that nobody's chat is disturbed


class Attempts:
    """Tries handshakes, one after the other or at once."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._liar = Liar(emit)

    async def make(self, mutation: Mutation, address: str) -> None:
        """Try it against the server at `address` ("http://host:port"); raises OSError where nobody listens."""
        if mutation.party == "client":
            client, refusal = await self._liar.answer(mutation.name)
            status, outcome, refused_by = 101, _of_client(refusal), "client" if refusal else ""
        else:
            client, status = await _send(mutation, address)
            outcome, refused_by = _of_server(mutation, status), "" if 0 < status < 400 else "server"
        tried = HandshakeTried(
            t=time.time(), source="lab", mutation=mutation.name, status=status, outcome=outcome,
            refused_by=refused_by, address=client,
        )  # fmt: skip
        self._emit(tried)


def request_of(mutation: Mutation, address: str) -> bytes:
    """Return a handshake's request to the server at `address` with one thing wrong."""
    host = urlsplit(address).netloc
    key = base64.b64encode(os.urandom(5 if mutation.name == "short key" else 16)).decode()
    headers = {
        "host": f"Host: {host}",
        "upgrade": "Upgrade: websocket",
        "connection": "Connection: Upgrade",
        "key": f"Sec-WebSocket-Key: {key}",
        "version": f"Sec-WebSocket-Version: {'8' if mutation.name == 'version 8' else '13'}",
        "origin": f"Origin: {address}",
    }
    headers.pop(mutation.name.removeprefix("no "), None)
    if mutation.name == "post":
        headers["length"] = "Content-Length: 0"
    method = "POST" if mutation.name == "post" else "GET"
    return "\r\n".join([f"{method} {PATH} HTTP/1.1", *headers.values(), "", ""]).encode()


async def _send(mutation: Mutation, address: str) -> tuple[str, int]:
    """Return our end of the connection ("host:port") and the status of the answer, 0 without one."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port, ssl=context_for(address))
    status = 0
    try:
        host, port = writer.get_extra_info("sockname")[:2]
        writer.write(request_of(mutation, address))
        with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE):
                response = parse_response((await reader.readuntil(b"\r\n\r\n"))[:-4])
                status = response.status if response else 0
                if status == 101:  # it is open, so it is closed as it should be
                    writer.write(close_frame(1000))
                    await reader.read()
    finally:
        writer.close()
    return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), status


def close_frame(code: int) -> bytes:
    """Return a client's close frame with a code, masked with a fresh key."""
    key = os.urandom(4)
    return bytes((0x80 | CLOSE, 0x80 | 2)) + key + mask(code.to_bytes(2, "big"), key)


def _of_server(mutation: Mutation, status: int) -> str:
    where = f"RFC 6455 §{mutation.section}"
    if not status:
        return f"The server gave no answer; {where} asks for {mutation.predicted}."
    if status in mutation.statuses:
        return f"The server answered {status}, as {where} asks."
    if status == 101:
        return f"The server opened the WebSocket all the same: it is more lenient than {where}."
    return f"The server answered {status}; {where} asks for {mutation.predicted}."


def _of_client(refusal: str) -> str:
    if not refusal:
        return "The client believed it: it breaks RFC 6455 §4.1."
    return f"The client failed the connection, as RFC 6455 §4.1 asks: “{refusal}”."
