# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of somebody else's that opens a socket to us: cross-site WebSocket hijacking (RFC 6455 §10.2), to be tried.

It is served to this machine only. Its script works in a real browser; `cookies_for` knows what a browser would send.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from urllib.parse import urlsplit

HERE = "127.0.0.1"
FOREIGN = "attacker.localhost"  # browsers take every name below localhost for this machine (RFC 6761 §6.3)
HOSTS = (HERE, FOREIGN)
PATIENCE = 5.0  # seconds for a request's head, and for the page
PAGE = Path(__file__).with_name("attack.html")
TARGET = "/chat/lobby/"


class AttackPage:
    """The page on a port of its own; `target` is the address of the pages that it attacks ("http://host:port")."""

    def __init__(self, target: str) -> None:
        self.target = target.rstrip("/")
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Serve it, until `close`."""
        self._server = await asyncio.start_server(self._answer, HERE, 0)

    async def close(self) -> None:
        """Serve it no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def port(self) -> int:
        """Where it is served, 0 when it is not."""
        return self._server.sockets[0].getsockname()[1] if self._server and self._server.sockets else 0

    def origin(self, host: str = HERE) -> str:
        """Return the origin of the page when it is asked for under one of its hosts."""
        return f"http://{host}:{self.port}"

    async def read(self, host: str) -> str:
        """Get the page as a browser does that was led to one of its hosts; returns its text."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection(HERE, self.port)
            try:
                writer.write(f"GET / HTTP/1.1\r\nHost: {host}:{self.port}\r\nConnection: close\r\n\r\n".encode())
                return (await reader.read()).decode()
            finally:
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(PATIENCE):
                path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
                writer.write(self._page() if path == b"/" else b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        writer.close()

    def _page(self) -> bytes:
        target = json.dumps(self.target.replace("http", "ws", 1) + TARGET).replace("<", "\\u003c")
        body = PAGE.read_text(encoding="utf-8").replace('"TARGET"', target).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
        return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def cookies_for(page: str, target: str, cookies: str) -> str:
    """Return the cookies that a browser sends with a socket that a page opens, where they are SameSite=Lax or Strict.

    They go along within a *site*: the same scheme and the same registrable domain or address. The port is no part of
    it, nor of whose cookies they are (RFC 6265 §8.5). Our hosts are addresses or have a domain of their own.
    """
    return cookies if urlsplit(page).hostname == urlsplit(target).hostname else ""
