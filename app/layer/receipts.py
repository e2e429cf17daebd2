# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel layer says it did, with the identity of each message, so that it can be followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sent:
    """A message is in its channel: `key` is the 32 hex digits of its body key, `expiry` in seconds from now."""

    key: str
    channel: str
    body: bytes
    expiry: float


@dataclass(frozen=True)
class Skipped:
    """A group member got no copy because its channel was full."""

    channel: str


@dataclass(frozen=True)
class Taken:
    """One look into a queue that was not empty.

    `ghosts` are the keys of expired messages that were passed in `queue`. Then one of three:
    a message (`message` is a dict, `key` its identity, `channel` its full name); an unreadable body (`key`, but
    `message` is None, `body` as found); or nothing but ghosts (`key` is empty): look again.
    """

    queue: str
    channel: str
    key: str
    message: dict[str, Any] | None
    body: bytes = b""
    ghosts: tuple[str, ...] = ()
