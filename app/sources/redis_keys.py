# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at the keys of a Redis: what each is, how large, how long it still lives."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import redis.asyncio

from app.events import KeySeen
from app.layer.describe import describe
from app.settings import STATS_PREFIX, Settings

MEMBER_LIMIT = 50  # members of one group that are looked at
KEY_LIMIT = 300  # keys looked at; the total is always told
PREVIEW = 160  # characters


def seconds_left(_: bytes, pttl: int) -> float:
    """Return the seconds that any key has left by Redis's own clock, -1 without an end."""
    return pttl / 1000 if pttl >= 0 else -1.0


async def look_at_keys(
    client: redis.asyncio.Redis, settings: Settings, left_of: Callable[[bytes, int], float] = seconds_left
) -> tuple[tuple[KeySeen, ...], int]:
    """Return up to KEY_LIMIT keys, sorted by kind and name, and how many there are in all.

    `left_of` tells what Redis does not know: how many seconds a key has left whose clock stands still or goes slowly.
    """
    names: list[bytes] = []
    async for name in client.scan_iter(count=200):
        names.append(name)
        if len(names) >= KEY_LIMIT:
            break
    async with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
            pipe.pttl(name)
        pipe.dbsize()
        *facts, total = await pipe.execute()
    types = [kind.decode() for kind in facts[0::2]]
    async with client.pipeline(transaction=False) as pipe:
        for name, kind in zip(names, types, strict=True):
            _ask(pipe, name, kind)
        contents = await pipe.execute(raise_on_error=False)
    members = await _members(client, [name for name, kind in zip(names, types, strict=True) if kind == "zset"])
    keys = [
        _seen(name.decode(errors="replace"), kind, left_of(name, ttl), content, settings, members.get(name, ()))
        for name, kind, ttl, content in zip(names, types, facts[1::2], contents, strict=True)
        if kind != "none"
    ]
    order = ["queue", "body", "group", "counter", "other"]
    return tuple(sorted(keys, key=lambda key: (order.index(key.kind), key.name))), total


async def _members(client: redis.asyncio.Redis, names: list[bytes]) -> dict[bytes, tuple[tuple[str, float], ...]]:
    """Return the members of sorted sets with their scores, of each the first ones."""
    async with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.zrange(name, 0, MEMBER_LIMIT - 1, withscores=True)
        found = await pipe.execute(raise_on_error=False)
    return {
        name: tuple((member.decode(errors="replace"), float(score)) for member, score in pairs)
        for name, pairs in zip(names, found, strict=True)
        if not isinstance(pairs, Exception)
    }


def _ask(pipe: Any, name: bytes, kind: str) -> None:
    match kind:
        case "string":
            pipe.getrange(name, 0, 65535)
        case "list":
            pipe.llen(name)
        case "zset":
            pipe.zcard(name)
        case _:
            pipe.exists(name)


def _seen(
    name: str, kind: str, ttl: float, content: Any, settings: Settings, members: tuple[tuple[str, float], ...]
) -> KeySeen:
    role, lifetime = _role(name, kind, settings)
    size, detail = 0, ""
    if isinstance(content, bytes):
        size, detail = len(content), _text(role, content)
        if role == "counter" and content.isdigit():
            size = int(content)
    elif isinstance(content, int):
        size = content
    return KeySeen(
        name=name,
        kind=role,
        type=kind,
        size=size,
        ttl=ttl,
        detail=detail[:PREVIEW],
        lifetime=lifetime,
        members=members,
    )


def _role(name: str, kind: str, settings: Settings) -> tuple[str, float]:
    """Return what a key means (asgi1_checklist §14) and how long it lives after it is renewed, in seconds."""
    prefix = re.escape(settings.prefix)
    if name.startswith(STATS_PREFIX):
        return "counter", 86400.0 if "#global#" in name else 3600.0
    if re.match(prefix + ":group:", name):
        return "group", float(settings.group_expiry)
    if re.match(prefix + r"[0-9a-f]{32}\Z", name) and kind == "string":
        return "body", float(settings.expiry)
    if name.startswith(settings.prefix) and kind == "list":
        return "queue", settings.expiry + 1.0
    return "other", 0.0


def _text(role: str, content: bytes) -> str:
    if role == "body":
        return describe(content)
    return "" if role == "counter" else content[:PREVIEW].decode(errors="replace")
