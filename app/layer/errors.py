# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel layer raises when Redis is away or answers with an error; `refused` has the rest."""

from __future__ import annotations

import redis

from app.layer.refused import KeyTaken, OutOfMemory, Refused


class RedisGone(redis.ConnectionError):
    """Redis could not be reached, hung up, did not answer in time, or cannot serve at the moment."""


class ReplyError(redis.ResponseError):
    """Redis answered with an error."""


# What an operation may be told of a trip that failed: Redis's own errors, and that there is no Redis.
TripError = (redis.RedisError, Refused)

_NOT_SERVING = ("LOADING", "READONLY", "MASTERDOWN", "NOREPLICAS", "BUSY ", "UNBLOCKED")


def gone(error: Exception) -> RedisGone:
    """Return the layer's word for a connection that failed."""
    return RedisGone(f"Redis does not answer: {error or type(error).__name__}")


def translated(error: ReplyError) -> Exception:
    """Return the exception that stands for an error reply."""
    text = str(error)
    # The error of a command inside a script may be wrapped (Redis 6.2), so the text is searched, not only its start.
    if "OOM command not allowed" in text:
        return OutOfMemory("Redis has no memory left for this message (maxmemory).")
    if "WRONGTYPE" in text:
        return KeyTaken(f"A key that the channel layer needs holds something else: {text}")
    if text.startswith(_NOT_SERVING):
        return RedisGone(f"Redis cannot serve at the moment: {text}")
    return error
