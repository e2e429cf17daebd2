# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys in Redis, byte for byte those of asgi_redis 1.4.3."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass

from app.layer.names import queue_of

KEY_DIGITS = 32  # hex digits of a message's identity
NUMBER_DIGITS = 8  # those at its beginning that number it
# From one number to the next, modulo 2**32. So large that all digits change: people know messages by their first few.
STEP = 0x9E3779B1
_STORE = 128  # keys made at once
_STEM = 24  # hex digits that the keys of all messages of one script share; 8 more are the message's number

_dice = random.Random()  # of its own: who seeds Python's common one must not make keys twice
_store: list[str] = []


def _begin_anew() -> None:
    _dice.seed()
    _store.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def new_key() -> str:
    """Return a message's identity: the 32 hex digits of its body key, which look like any UUID (RFC 9562 §5.4).

    Some keys in turn are numbered and end alike, so that a reader may foresee the next (app/layer/foresight.py).
    """
    try:
        return _store.pop()
    except IndexError:  # uuid.uuid4() takes ten times as long as one of many, made while the caches have this
        first, end = (
            _dice.getrandbits(32),
            f"{_dice.getrandbits(96) & ~(0xF << 76 | 0xC << 60) | 4 << 76 | 8 << 60:024x}",
        )
        made = [f"{(first + n * STEP) & 0xFFFFFFFF:08x}{end}" for n in range(_STORE)]
        _store.extend(made[:0:-1])
        return made[0]


def new_stem() -> str:
    """Return what the keys of all messages of one script begin with; they look like any other."""
    return new_key()[:_STEM]


def key_of(stem: str, number: int) -> str:
    """Return the key of the message with this number, from 1."""
    return f"{stem}{number:08x}"


@dataclass(frozen=True)
class Keys:
    """Names of keys under one prefix, and of counters under another."""

    prefix: str
    stats_prefix: str

    def body(self, key: str) -> str:
        """Return the key of a message's body."""
        return self.prefix + key

    def queue(self, channel: str) -> str:
        """Return the key of the list that holds a channel's body keys."""
        return self.prefix + queue_of(channel)

    def group(self, group: str) -> str:
        """Return the key of a group's sorted set; the prefix's own colon makes it two: `asgi::group:x`."""
        return f"{self.prefix}:group:{group}"

    def unread(self, queue: str) -> str:
        """Return the key of the sorted set that names what was not read yet; only with `strict_spec`."""
        return f"{self.prefix}:unread:{queue}"

    def counters(self, channel: str) -> tuple[str, str]:
        """Return the counters of a channel's messages and of its refusals."""
        start = self.stats_prefix + queue_of(channel)
        return f"{start}:messages_count", f"{start}:channel_full_count"

    @property
    def layer_counters(self) -> tuple[str, str]:
        """The same two of the whole layer."""
        return f"{self.stats_prefix}#global#:messages_count", f"{self.stats_prefix}#global#:channel_full_count"

    def message_of(self, body_key: bytes) -> str:
        """Return a message's identity from its body key."""
        return body_key.decode(errors="replace").removeprefix(self.prefix)

    def channel_of(self, queue_key: bytes) -> str:
        """Return the channel name of a queue's key."""
        return queue_key.decode().removeprefix(self.prefix)
