# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that begin anew, and those that change settings."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Literal

from app.events import ExpiryChanged
from app.lab.clients import ClientVerbs
from app.lab.looking import LookingVerbs
from app.live import SetUpError


class SetUpVerbs(ClientVerbs, LookingVerbs):
    """Set up, reset, change."""

    def set_up(
        self,
        workers: int | None = None,
        expiry: int | None = None,
        clients: list[str] | None = None,
        capacity: int | None = None,
        consumer_seconds: float | None = None,
        receive: Literal["atomic", "classic"] | None = None,
        capture: str = "",
    ) -> Future[None]:
        """Start from scratch; what is not given is as it was when the lab started.

        Args:
            workers: how many.
            expiry: seconds a message waits.
            clients: names of built-in clients that join.
            capacity: messages a channel may hold.
            consumer_seconds: how long the chat works on each line.
            receive: how workers take messages (docs/channel-layer.md).
            capture: name of a file in `captures/` that is opened.
        """
        given: dict[str, Any] = {
            "workers": workers,
            "expiry": expiry,
            "capacity": capacity,
            "consumer_seconds": consumer_seconds,
            "receive": receive,
        }
        chosen = {name: value for name, value in given.items() if value is not None}

        async def work() -> None:
            async with self._turn:
                await self._let_go()
                await self._live.clear()
                settings = replace(self.settings, **chosen)
                self._live.adopt(settings)
                self._say_started(settings.workers)
                self._live.inviting.guests.tell_again()
                await self._live.start_workers(settings.workers)
                if clients:
                    await self._live.until_ready()
                    for name in clients:  # one by one: a small capacity would turn some of them away
                        await self._join(name, "lobby")
                if capture:
                    await self._open(capture)

        return self._do("set_up", work)

    def reset(self) -> Future[None]:
        """Go back to the start state: no message, no group, the workers of the settings."""
        return self.set_up()

    def set_expiry(self, seconds: int) -> Future[None]:
        """Let messages sent from now on live so many seconds."""

        async def work() -> None:
            if seconds < 1:
                raise SetUpError(f"an expiry is at least one second, not {seconds}")
            self._live.set_expiry(seconds)
            self._take(ExpiryChanged(t=time.time(), source="lab", expiry=seconds))

        return self._do("set_expiry", work)
