# SPDX-License-Identifier: GPL-3.0-or-later
"""An invitation for workers on other machines: a TCP port of Redis, for one user with a password made for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app import ports
from app.events import Event, SourceFailed, SourceFinished, SourceReady
from app.invitation import KEY, TOLD, USER, Terms, new_token
from app.redis_server.guard import LAYER_ONLY
from app.settings import STATS_PREFIX, Settings
from app.sources.guests import Guests

NAME = "invitation"  # as a source of events
PORT = 6380  # or the next that is free
START_PATIENCE = 5.0  # seconds that Redis may take to answer at all
LOOK = 0.5  # seconds between two looks at who is there


def terms_of(settings: Settings) -> Terms:
    """Return how a guest works. Ours leaves alone what needs the database, which stays here."""
    is_demo = settings.django_settings == Settings.django_settings
    return Terms(
        prefix=settings.prefix,
        expiry=settings.expiry,
        group_expiry=settings.group_expiry,
        capacity=settings.capacity,
        receive=settings.receive,
        settings=settings.django_settings,
        routing="app.demo.routing.away" if is_demo else settings.routing,
        only=("websocket.receive",) if is_demo else (),
    )


class Invitation:
    """Open from `run` until it is cancelled; `settings` may be exchanged meanwhile.

    Args:
        url: Redis, for a user who may do everything.
        host: the address to listen at.
        settings: of the live system.
        guests: hear what comes.
        emit: takes events.
    """

    def __init__(self, url: str, host: str, settings: Settings, guests: Guests, emit: Callable[[Event], None]) -> None:
        self.settings = settings
        self._host, self._guests, self._emit = host, guests, emit
        self._token = new_token()
        self._port = ports.next_free(host, PORT)
        self._redis: Any = redis.asyncio.Redis.from_url(
            url, retry=Retry(NoBackoff(), 0), socket_timeout=10.0, decode_responses=False
        )

    @property
    def code(self) -> str:
        """What is typed behind --join."""
        return f"{ports.bracketed(self._host)}:{self._port}/{self._token}"

    async def run(self) -> None:
        """Keep the door open, whatever becomes of Redis meanwhile, and hear the guests."""
        try:
            await self._begin()
            self._emit(SourceReady(t=time.time(), source="lab", name=NAME, detail=self.code))
            while True:
                try:
                    await self._attend()
                except (redis.ConnectionError, redis.TimeoutError, OSError):
                    await asyncio.sleep(LOOK)
        except (redis.RedisError, OSError) as error:
            reason = f"Nobody can be invited to {self._host}: {error}"
            self._emit(SourceFailed(t=time.time(), source="lab", name=NAME, reason=reason))
        finally:
            await self._close()

    async def _begin(self) -> None:
        """Open the door once Redis is there: it may just be starting."""
        end = time.monotonic() + START_PATIENCE
        while True:
            try:
                return await self._open()
            except redis.ConnectionError:
                if time.monotonic() > end:
                    raise
            await asyncio.sleep(LOOK)

    async def _attend(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(TOLD)
            looked = 0.0
            while True:
                if time.monotonic() - looked > LOOK:
                    looked = time.monotonic()
                    await self._look()
                await self._guests.hear(pubsub, LOOK)

    async def _look(self) -> None:
        """See who is there; a Redis that was started anew or emptied is told of the invitation again."""
        if int((await self._redis.config_get("port"))["port"]) != self._port:
            await self._open()
        await self._redis.set(KEY, msgspec.json.encode(terms_of(self.settings)))
        listed = await self._redis.execute_command("CLIENT LIST")
        self._guests.look({str(client["name"]) for client in listed if client.get("user") == USER})

    async def _open(self) -> None:
        prefixes = (self.settings.prefix, STATS_PREFIX)
        await self._redis.execute_command(
            "ACL", "SETUSER", USER, "reset", "on", f">{self._token}", *(f"~{prefix}*" for prefix in prefixes),
            f"&{TOLD}", "+@connection", "+@read", "+@write", "+eval", "+evalsha", *LAYER_ONLY.split(), "+publish",
        )  # fmt: skip
        await self._redis.set(KEY, msgspec.json.encode(terms_of(self.settings)))
        await self._redis.config_set("protected-mode", "no")  # nobody has an empty password (app/redis_server/guard.py)
        await self._redis.config_set("bind", self._host)
        await self._redis.config_set("port", self._port)

    async def _close(self) -> None:
        with suppress(redis.RedisError, OSError):
            await self._redis.config_set("port", 0)
            await self._redis.config_set("protected-mode", "yes")
            await self._redis.execute_command("ACL", "DELUSER", USER)  # and hangs up on all who came as this user
            await self._redis.delete(KEY)
        with suppress(redis.RedisError, OSError):
            await self._redis.aclose()
        self._guests.dismiss()
        self._emit(SourceFinished(t=time.time(), source="lab", name=NAME))
