# SPDX-License-Identifier: GPL-3.0-or-later
"""Ready messages to try, and the channels that an interface server sends on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CHANNELS = ("http.request", "websocket.connect", "websocket.receive", "websocket.disconnect")
SAID = '{"type": "chat", "data": "hello"}'


@dataclass(frozen=True)
class Example:
    """A message, and in a few words what it shows."""

    title: str
    channel: str
    content: dict[str, Any] = field(default_factory=dict)


EXAMPLES = (
    Example("A line in the chat", "websocket.receive", {"path": "/chat/lobby/", "text": SAID}),
    Example("The last slash is missing", "websocket.receive", {"path": "/chat/lobby", "text": SAID}),
    Example("A room with a space in its name", "websocket.receive", {"path": "/chat/the lobby/", "text": SAID}),
    Example("A line without a path", "websocket.receive", {"text": SAID}),
    Example(
        "A socket opens on the drawing", "websocket.connect", {"path": "/draw/lobby/", "query_string": b"name=ada"}
    ),
    Example("A socket on a page nobody made", "websocket.connect", {"path": "/nowhere/"}),
    Example("A form is sent", "http.request", {"method": "POST", "path": "/", "query_string": b""}),
    Example("A channel of one's own", "chat-messages", {"room": "lobby", "username": "ada", "message": "hello"}),
)
