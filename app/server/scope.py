# SPDX-License-Identifier: GPL-3.0-or-later
"""What the message formats take from an ASGI 3 scope."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def connection_of(scope: Scope) -> str:
    """Return the id the wire tap gave the connection, or "" without a tap."""
    extension = (scope.get("extensions") or {}).get("channelscope") or {}
    connection: str = extension.get("connection", "")
    return connection


def request_of(scope: Scope) -> dict[str, Any]:
    """Return what `http.request` and `websocket.connect` have in common (asgi1_checklist §6, §7).

    Header names are in lower case, and those with `_` are left out (D-08); `client` and `server` only where the
    transport has them (D-12).
    """
    return {
        "scheme": scope["scheme"],
        "path": scope["path"],
        "query_string": scope["query_string"],
        "root_path": scope.get("root_path", ""),
        "headers": [[name.lower(), value] for name, value in scope["headers"] if b"_" not in name],
        **{name: list(scope[name]) for name in ("client", "server") if scope.get(name)},
    }
