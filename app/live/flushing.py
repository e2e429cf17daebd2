# SPDX-License-Identifier: GPL-3.0-or-later
"""Empties Redis of what is the channel layer's."""

from __future__ import annotations

import contextlib


async def flush(redis_url: str, prefix: str) -> None:
    """Delete all keys under our two prefixes, and no others; a Redis that is away has none."""
    from app.layer import AsyncRedisChannelLayer, RedisGone

    layer = AsyncRedisChannelLayer(hosts=[redis_url], prefix=prefix)
    with contextlib.suppress(RedisGone):
        await layer.flush()
    await layer.close()
