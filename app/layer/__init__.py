# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer on Redis: names, messages, layer (sync and asyncio faces), lua/.

Names are looked up when they are first used: importing redis-py takes longer than the window takes to be painted, and
whoever only reads a message's body does not need it.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.layer.aio import AsyncRedisChannelLayer
    from app.layer.errors import RedisGone
    from app.layer.receipts import Sent, Skipped, Taken
    from app.layer.refused import ChannelFull, KeyTaken, MessageTooLarge, OutOfMemory, Refused
    from app.layer.resilience import Resilience
    from app.layer.sync import RedisChannelLayer

__all__ = [
    "AsyncRedisChannelLayer",
    "ChannelFull",
    "KeyTaken",
    "MessageTooLarge",
    "OutOfMemory",
    "RedisChannelLayer",
    "RedisGone",
    "Refused",
    "Resilience",
    "Sent",
    "Skipped",
    "Taken",
]

_HOMES = {
    "AsyncRedisChannelLayer": "aio",
    "RedisChannelLayer": "sync",
    "RedisGone": "errors",
    "Resilience": "resilience",
    **dict.fromkeys(("Sent", "Skipped", "Taken"), "receipts"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"app.layer.{_HOMES.get(name, 'refused')}"), name)
