# SPDX-License-Identifier: GPL-3.0-or-later
"""What to send to: a channel, or a group of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.channels.outbox import outbox_for
from app.layer import names

if TYPE_CHECKING:
    from app.channels.outbox import Layer


class Channel(msgspec.Struct, frozen=True):  # a worker makes two for each message
    """A named channel; inside a consumer the layer it came from is meant, outside the one called `alias`."""

    name: str
    alias: str = "default"
    channel_layer: Layer | None = None

    def __post_init__(self) -> None:
        names.check_channel(self.name)

    def send(self, content: dict[str, Any], immediately: bool = False) -> None:
        """Send a message; inside a consumer it leaves when the consumer has returned, unless `immediately`.

        Raises:
            TypeError: the content is not a dict.
        """
        if not isinstance(content, dict):
            raise TypeError(f"A message must be a dict, not {type(content).__name__}: {content!r}.")
        outbox, is_outside = outbox_for(self.channel_layer, self.alias)
        outbox.send(self.name, content, immediately or is_outside)

    def __str__(self) -> str:
        return self.name


class Group(msgspec.Struct, frozen=True):
    """A named set of channels."""

    name: str
    alias: str = "default"
    channel_layer: Layer | None = None

    def __post_init__(self) -> None:
        names.check_group(self.name)

    def add(self, channel: Channel | str) -> None:
        """Let a channel join, at once."""
        outbox_for(self.channel_layer, self.alias)[0].group_add(self.name, str(channel))

    def discard(self, channel: Channel | str) -> None:
        """Let a channel leave, at once."""
        outbox_for(self.channel_layer, self.alias)[0].group_discard(self.name, str(channel))

    def send(self, content: dict[str, Any], immediately: bool = False) -> None:
        """Send a message to every member; inside a consumer when it has returned, unless `immediately`.

        Raises:
            ValueError: the content is not a dict (Channels 1.x; a Channel raises TypeError).
        """
        if not isinstance(content, dict):
            raise ValueError(f"A message must be a dict, not {type(content).__name__}: {content!r}.")
        outbox, is_outside = outbox_for(self.channel_layer, self.alias)
        outbox.send_group(self.name, content, immediately or is_outside)
