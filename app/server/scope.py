# SPDX-License-Identifier: GPL-3.0-or-later
"""What the message formats take from an ASGI 3 scope."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from app.server.options import Options

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[list[bytes]]

ROOT_PATH = b"daphne-root-path"
SECURE = {"http": "https", "ws": "wss"}


def connection_of(scope: Scope) -> str:
    """Return the id the wire tap gave the connection, or "" without a tap."""
    extension = (scope.get("extensions") or {}).get("channelscope") or {}
    connection: str = extension.get("connection", "")
    return connection


def request_of(scope: Scope, options: Options) -> dict[str, Any]:
    """Return what `http.request` and `websocket.connect` have in common (asgi1_checklist §6, §7).

    Header names are in lower case, and those with `_` are left out (D-08); `client` and `server` only where the
    transport has them (D-12), not at a unix socket, where ASGI 3 has its path. A header is believed to say who asks
    only behind a proxy (D-09, D-10).
    """
    headers: Headers = [[name.lower(), value] for name, value in scope["headers"] if b"_" not in name]
    request = {
        "scheme": scope["scheme"],
        "path": scope["path"],
        "query_string": scope["query_string"],
        "root_path": options.root_path,
        "headers": [header for header in headers if header[0] != ROOT_PATH],
        **{name: list(scope[name]) for name in ("client", "server") if scope.get(name) and scope[name][1] is not None},
    }
    return {**request, **_forwarded(headers, request)} if options.is_proxied else request


def _forwarded(headers: Headers, request: dict[str, Any]) -> dict[str, Any]:
    """Return what a proxy says of the request it passes on."""
    said = {name: value.decode("latin-1").strip() for name, value in reversed(headers)}  # the first of a name counts
    found: dict[str, Any] = {}
    if client := said.get(b"x-forwarded-for", "").split(",")[0].strip():
        port = said.get(b"x-forwarded-port", "")
        found["client"] = [client, int(port) if port.isascii() and port.isdigit() else 0]
    if said.get(b"x-forwarded-proto", "").lower() in ("https", "wss"):
        found["scheme"] = SECURE.get(request["scheme"], request["scheme"])
    if ROOT_PATH in said and not request["scheme"].startswith("ws"):
        found["root_path"] = unquote(said[ROOT_PATH])
    return found
