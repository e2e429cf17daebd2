# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for Redis."""

from __future__ import annotations

from concurrent.futures import Future

from app import orders
from app.lab.core import Core


class RedisVerbs(Core):
    """Look at it, type commands, restart it."""

    def watch_keys(self, is_shown: bool) -> None:
        """Look at the keys in Redis while they are on the screen."""
        self._live.watch_keys(is_shown)

    @property
    def owns_redis(self) -> bool:
        """Whether the program started this Redis, so that keys may be deleted there."""
        return self._live.is_private

    def run_command(self, command: str, confirmed: bool = False) -> Future[None]:
        """Run a line typed into the console; what is printed, also why it is refused, is told as CommandRun."""

        async def work() -> None:
            from app.console.console import Console  # not before the first command: the window is to be there soon

            url, prefix, is_own = self._live.redis_url("console"), self.settings.prefix, self._live.is_private
            async with self._typing:  # one line after the other, as they were typed
                await Console(url, prefix, is_own, self._take).run(command, confirmed)

        return self._do("run_command", work)

    def restart_redis(self) -> Future[None]:
        """End the private Redis and start an empty one."""

        async def work() -> None:
            self._live.order_redis(orders.RestartRedis())

        return self._do("restart_redis", work)
