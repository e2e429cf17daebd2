# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for Redis."""

from __future__ import annotations

from concurrent.futures import Future

from app import orders
from app.lab.core import Core


class RedisVerbs(Core):
    """Look at it and restart it."""

    def watch_keys(self, is_shown: bool) -> None:
        """Look at the keys in Redis while they are on the screen."""
        self._live.watch_keys(is_shown)

    def restart_redis(self) -> Future[None]:
        """End the private Redis and start an empty one."""

        async def work() -> None:
            self._live.order_redis(orders.RestartRedis())

        return self._do("restart_redis", work)
