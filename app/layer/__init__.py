# SPDX-License-Identifier: GPL-3.0-or-later
"""The channel layer on Redis: names, messages, layer (sync and asyncio faces), lua/."""

from app.layer.aio import AsyncRedisChannelLayer
from app.layer.errors import ChannelFull, MessageTooLarge, OutOfMemory, RedisGone, Refused
from app.layer.receipts import Sent, Skipped, Taken
from app.layer.sync import RedisChannelLayer

__all__ = [
    "AsyncRedisChannelLayer",
    "ChannelFull",
    "MessageTooLarge",
    "OutOfMemory",
    "RedisChannelLayer",
    "RedisGone",
    "Refused",
    "Sent",
    "Skipped",
    "Taken",
]
