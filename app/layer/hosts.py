# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Redis is, and how to connect to it: redis-py makes each connection (URL, TLS, login, Sentinel)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import redis
import redis.asyncio
import redis.asyncio.retry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

BLPOP_TIMEOUT = 5  # seconds, as asgi_redis
SENTINEL_PORT = 26379
SCHEMES = ("redis://", "rediss://", "unix://")

# redis-py 8 gives every answer 5 s by default, which is just when an idle BLPOP answers.
_SOCKET_TIMEOUT = BLPOP_TIMEOUT + 5

Host = str | tuple[str, int] | Mapping[str, Any]


class Server:
    """A Redis at a fixed address."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self.url, self._options = url, dict(options)

    def connection(self) -> Any:
        """Return a new redis-py connection, not connected yet."""
        return self._pool.make_connection()

    def async_connection(self) -> Any:
        """Return the same for asyncio."""
        return self._async_pool.make_connection()

    async def hang_up(self) -> None:
        """Close what was opened only to find the server, in asyncio code."""

    # Never retry by itself: a send whose answer got lost may have been done (at most once, ASGI 1.x).
    @cached_property
    def _pool(self) -> Any:
        return redis.ConnectionPool.from_url(self.url, retry=Retry(NoBackoff(), 0), **self._options)

    @cached_property
    def _async_pool(self) -> Any:
        retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        return redis.asyncio.ConnectionPool.from_url(self.url, retry=retry, **self._options)


class Watched(Server):
    """The master of a service that Sentinels watch; they are asked for its address at each connection."""

    def __init__(self, sentinels: Sequence[tuple[str, int]], service: str, options: Mapping[str, Any]) -> None:
        where = ",".join(f"{host}:{port}" for host, port in sentinels)
        super().__init__(f"redis+sentinel://{where}/{service}", options)
        self._sentinels, self._service = list(sentinels), service
        self._async_watchers: Any = None

    async def hang_up(self) -> None:
        """Close the connections to the Sentinels."""
        for watcher in self._async_watchers.sentinels if self._async_watchers else ():
            await watcher.aclose()

    @cached_property
    def _pool(self) -> Any:
        watchers: Any = Sentinel(self._sentinels)  # type: ignore[no-untyped-call]
        return watchers.master_for(self._service, retry=Retry(NoBackoff(), 0), **self._options).connection_pool

    @cached_property
    def _async_pool(self) -> Any:
        retry = redis.asyncio.retry.Retry(NoBackoff(), 0)
        self._async_watchers = AsyncSentinel(self._sentinels)  # type: ignore[no-untyped-call]
        return self._async_watchers.master_for(self._service, retry=retry, **self._options).connection_pool


def servers_of(
    hosts: Sequence[Host] | None, services: Sequence[str] | None, options: Mapping[str, Any]
) -> list[Server]:
    """Return the servers that `hosts` names, one a shard; localhost when it names none.

    Args:
        hosts: URLs, (host, port), or {"sentinels": [(host, port), ...], "master_name": service}.
        services: with it, `hosts` are Sentinels and each service is a shard, as in RedisSentinelChannelLayer.
        options: for each connection.

    Raises:
        ValueError: that is no list of hosts.
    """
    if isinstance(hosts, str):
        raise ValueError(f"hosts must be a list, not a str: [{hosts!r}] is probably what you mean.")
    if services:
        sentinels = [_pair(host) for host in hosts or [("localhost", SENTINEL_PORT)]]
        return [Watched(sentinels, service, options) for service in services]
    return [_server(host, options) for host in hosts or [("localhost", 6379)]]


def options(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the arguments of redis-py's connections: the ones given, over ours.

    A connection's name is unique, so that `wake` finds the one that waits. RESP2 needs no HELLO and no notifications.

    Raises:
        ValueError: `socket_timeout` is so short that an idle BLPOP would count as a dead Redis.
    """
    result = {"socket_timeout": _SOCKET_TIMEOUT, "socket_connect_timeout": 5, "protocol": 2, **(given or {})}
    timeout = result["socket_timeout"]
    if timeout is not None and timeout <= BLPOP_TIMEOUT:
        raise ValueError(f"socket_timeout must be above {BLPOP_TIMEOUT} s, the time a blocking receive waits.")
    result["client_name"] = f"{result.get('client_name') or 'layer'}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    return result


def _server(host: Host, options: Mapping[str, Any]) -> Server:
    if isinstance(host, str):
        if not host.startswith(SCHEMES):
            raise ValueError(f"A URL of Redis begins with {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}, not {host!r}.")
        return Server(host, options)
    if isinstance(host, Mapping):
        return Watched([_pair(one) for one in host["sentinels"]], host["master_name"], options)
    name, port = _pair(host)
    return Server(f"redis://[{name}]:{port}/0" if ":" in name else f"redis://{name}:{port}/0", options)


def _pair(host: Any) -> tuple[str, int]:
    if isinstance(host, str | bytes) or len(host) != 2:
        raise ValueError(f"A host here must be a pair (name, port), not {host!r}.")
    return str(host[0]), int(host[1])
