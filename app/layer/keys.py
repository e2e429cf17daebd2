# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys in Redis, byte for byte those of asgi_redis 1.4.3."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass

from app.layer.names import queue_of

NUMBER_DIGITS = 8  # hex digits at the end of a key that number it; those before are its stem, a UUID without its end
_STORE = 128  # keys made at once

_dice = random.Random()  # of its own: who seeds Python's common one must not make keys twice
_store: list[str] = []


def _begin_anew() -> None:
    _dice.seed()
    _store.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def new_key() -> str:
    """Return a message's identity: the 32 hex digits of its body key, which look like any UUID (RFC 9562 §5.4).

    Some keys in turn have one stem and are numbered, so that a reader may foresee the next (app/layer/foresight.py).
    """
    try:
        return _store.pop()
    except IndexError:  # uuid.uuid4() takes ten times as long as one of many, made while the caches have this
        stem, first = new_stem(), _dice.randrange(2**32 - _STORE)
        _store.extend([key_of(stem, number) for number in range(first + _STORE, first, -1)])
        return key_of(stem, first)


def new_stem() -> str:
    """Return what the keys of several messages begin with."""
    return f"{_dice.getrandbits(96) & ~0xF000C0000000 | 0x400080000000:024x}"


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
