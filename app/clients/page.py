# SPDX-License-Identifier: GPL-3.0-or-later
"""A page fetched as plainly as can be, for its status."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, urlsplit

from app.tls import context_for


async def fetch(address: str, path: str = "/") -> int:
    """GET a page on a connection of its own and read it whole; returns its status, 0 when there was no answer."""
    place = urlsplit(address)
    try:
        reader, writer = await asyncio.open_connection(place.hostname, place.port, ssl=context_for(address))
    except OSError:
        return 0
    request = f"GET {quote(path, safe='/?=&')} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n"
    try:
        writer.write(request.encode())
        words = (await reader.readline()).split()
        await reader.read()
    except OSError:
        return 0
    finally:
        writer.close()
    return int(words[1]) if len(words) > 1 else 0
