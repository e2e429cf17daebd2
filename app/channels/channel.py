# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel to send to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.channels.outbox import outbox_for
from app.layer import RedisChannelLayer, names


@dataclass(frozen=True)
class Channel:
    """A named channel; inside a consumer the layer it came from is meant."""

    name: str
    alias: str = "default"
    channel_layer: RedisChannelLayer | None = None

    def __post_init__(self) -> None:
        names.check_channel(self.name)

    def send(self, content: dict[str, Any], immediately: bool = False) -> None:
        """Send a message; inside a consumer it leaves when the consumer has returned, unless `immediately`.

        Raises:
            TypeError: the content is not a dict.
        """
        if not isinstance(content, dict):
            raise TypeError(f"A message must be a dict, not {type(content).__name__}: {content!r}.")
        outbox, is_outside = outbox_for(self.channel_layer)
        outbox.send(self.name, content, immediately or is_outside)

    def __str__(self) -> str:
        return self.name
