# SPDX-License-Identifier: GPL-3.0-or-later
"""A message as a consumer gets it."""

from __future__ import annotations

import copy
from collections.abc import ItemsView, KeysView, ValuesView
from typing import TYPE_CHECKING, Any

from app.channels.channel import Channel

if TYPE_CHECKING:
    from app.channels.outbox import Layer


class Message:
    """The content, where it came from and where answers go. Decorators add to it."""

    channel_session: Any  # there only below the decorators of app.channels.sessions
    http_session: Any
    user: Any  # there only below those of app.channels.auth
    __doomed__ = False  # whether ConsumeLater would be its end: it was put back as often as it may be

    def __init__(self, content: dict[str, Any], channel_name: str, channel_layer: Layer | None = None) -> None:
        self.content = content
        self.channel = Channel(channel_name, channel_layer=channel_layer)
        self.channel_layer = channel_layer
        reply = content.get("reply_channel")
        self.reply_channel = Channel(reply, channel_layer=channel_layer) if reply else None

    def __getitem__(self, key: str) -> Any:
        return self.content[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.content[key] = value

    def __contains__(self, key: object) -> bool:
        return key in self.content

    def keys(self) -> KeysView[str]:
        """Return the content's keys."""
        return self.content.keys()

    def values(self) -> ValuesView[Any]:
        """Return the content's values."""
        return self.content.values()

    def items(self) -> ItemsView[str, Any]:
        """Return the content's items."""
        return self.content.items()

    def get(self, key: str, default: Any = None) -> Any:
        """Return one of the content's values, or `default`."""
        return self.content.get(key, default)

    def copy(self) -> Message:
        """Return a message with the same content, which may be changed without changing this one."""
        return Message(copy.deepcopy(self.content), self.channel.name, self.channel_layer)
