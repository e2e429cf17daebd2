# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer on Redis: names, messages, layer (sync and asyncio faces), lua/."""

from app.layer.aio import AsyncRedisChannelLayer
from app.layer.errors import ChannelFull, KeyTaken, MessageTooLarge, OutOfMemory, RedisGone, Refused
from app.layer.receipts import Sent, Skipped, Taken
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
