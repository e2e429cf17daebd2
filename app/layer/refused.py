# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a send may be turned away. Apart from `errors`, so that it can be had without importing redis-py."""

from __future__ import annotations

from typing import ClassVar, Literal

Reason = Literal["full", "too large", "out of memory", "wrong type"]


class Refused(Exception):
    """A message was turned away; nothing of it is in Redis. `reason` is the word for it in events."""

    reason: ClassVar[Reason]


class ChannelFull(Refused):
    """The channel holds as many messages as its capacity allows (ASGI 1.x)."""

    reason = "full"


class MessageTooLarge(Refused):
    """The message is larger than the layer accepts, measured as JSON (ASGI 1.x)."""

    reason = "too large"


class OutOfMemory(Refused):
    """Redis has reached its `maxmemory`."""

    reason = "out of memory"


class KeyTaken(Refused):
    """Somebody else keeps something of another type under a key that the layer needs."""

    reason = "wrong type"
