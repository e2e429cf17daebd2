# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel layer says it did, with the identity of each message, so that it can be followed."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Sent(msgspec.Struct, frozen=True):
    """A message is in its channel: `key` is the 32 hex digits of its body key, `expiry` in seconds from now.

    `body` is the message's msgpack (before encryption). `is_dropped`: the resilience mode threw it away instead.
    """

    key: str
    channel: str
    body: bytes
    expiry: float
    is_dropped: bool = False


class Skipped(msgspec.Struct, frozen=True):
    """A group member got no copy: its channel was full, or its key holds something of another type."""

    channel: str
    reason: Literal["full", "wrong type"] = "full"


class Taken(msgspec.Struct, frozen=True):
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
