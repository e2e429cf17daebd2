# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel layer raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Literal

import redis

Reason = Literal["full", "too large", "out of memory"]


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


class RedisGone(redis.ConnectionError):
    """Redis could not be reached, hung up, or did not answer in time."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn what redis-py raises into the layer's own exceptions."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise RedisGone(f"Redis does not answer: {error}") from error
    except redis.ResponseError as error:
        # Redis 6.2 wraps the error of a command inside a script, so its text is looked at, not only its class.
        if "OOM command not allowed" in str(error) or isinstance(error, redis.OutOfMemoryError):
            raise OutOfMemory("Redis has no memory left for this message (maxmemory).") from error
        raise
