# SPDX-License-Identifier: GPL-3.0-or-later
"""How near a channel is to its capacity, and what its senders get when it is full."""

from __future__ import annotations

NEAR = 0.8  # part of a channel's capacity from which on it warns


def level_of(entries: int, capacity: int) -> str:
    """Return how near to its capacity a channel with so many entries is: "", "near" or "full"."""
    return "full" if entries >= capacity else "near" if entries >= NEAR * capacity else ""


def when_full(channel: str) -> str:
    """Say what happens to a message for a channel that is full (asgi1_checklist §4, as this program does it)."""
    server = {
        "http.request": "When it is full, the interface server answers requests with 503.",
        "websocket.connect": "When it is full, the interface server refuses handshakes with 503.",
        "websocket.receive": "When it is full, the interface server closes the socket that sends with code 1013.",
        "websocket.disconnect": "When it is full, the interface server gives up: nobody hears that a socket closed.",
    }
    page = ", a page's for 60 s" if "!" in channel else ""
    return server.get(
        channel,
        f"When it is full, a worker tries again for 2 s{page}, then leaves its message out and logs a warning; "
        "a group's copy is left out at once.",
    )
