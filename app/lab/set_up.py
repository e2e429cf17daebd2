# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that begin anew, and those that change settings."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Literal

from app.events import ExpiryChanged, FaultsSet, OriginCheckSet
from app.lab.clients import ClientVerbs
from app.lab.looking import LookingVerbs
from app.live import SetUpError
from app.settings import Faults, Settings
from app.versions import Version

LONGEST_DELAY = 10.0  # seconds


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
        attack_page: bool = False,
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
            attack_page: whether a page of somebody else's is served, to this machine only, and no Origin is checked.
        """
        given: dict[str, Any] = {
            "workers": workers,
            "expiry": expiry,
            "capacity": capacity,
            "consumer_seconds": consumer_seconds,
            "receive": receive,
            "origin_check": "none" if attack_page else None,
        }
        chosen = {name: value for name, value in given.items() if value is not None}

        async def work() -> None:
            async with self._turn:
                await self._let_go()
                await self._live.clear()
                await self._live.explainer.end()
                settings = replace(self.settings, **chosen)
                self._live.adopt(settings)
                was_edited, self._live.version = bool(self._live.version.texts), Version()
                self._say_started(settings.workers)
                if settings.origin_check != Settings.origin_check:
                    self._take(OriginCheckSet(t=time.time(), source="lab", check=settings.origin_check))
                if was_edited:
                    self._tell_version()
                self._live.inviting.guests.tell_again()
                await self._live.start_workers(settings.workers)
                if attack_page:
                    await self._live.until_ready()
                    await self._serve_attack()
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

    def set_faults(
        self, drop: dict[str, float] | None = None, delay: dict[str, float] | None = None, seed: int = 0
    ) -> Future[None]:
        """Throw messages away and hold sends back on purpose, by globs of channels; without any, no more.

        Args:
            drop: shares from 0 to 1.
            delay: seconds at most.
            seed: the same seed and the same sends give the same story.
        """
        faults = Faults(drop or {}, delay or {}, seed)

        async def work() -> None:
            for share in faults.drop.values():
                if not 0 <= share <= 1:
                    raise SetUpError(f"a share of dropped messages is from 0 to 1, not {share}")
            for seconds in faults.delay.values():
                if not 0 <= seconds <= LONGEST_DELAY:
                    raise SetUpError(f"a delay is from 0 to {LONGEST_DELAY} seconds, not {seconds}")
            await self._live.set_faults(faults)
            drop, delay = dict(faults.drop), dict(faults.delay)
            self._take(FaultsSet(t=time.time(), source="lab", drop=drop, delay=delay, seed=seed))

        return self._do("set_faults", work)

    def set_consumer_seconds(self, seconds: float) -> Future[None]:
        """Let the chat work so long on each line, in workers that start from now on."""

        async def work() -> None:
            self._live.adopt(replace(self._live.settings, consumer_seconds=seconds))

        return self._do("set_consumer_seconds", work)

    def set_expiry(self, seconds: int) -> Future[None]:
        """Let messages sent from now on live so many seconds."""

        async def work() -> None:
            if seconds < 1:
                raise SetUpError(f"an expiry is at least one second, not {seconds}")
            self._live.set_expiry(seconds)
            self._take(ExpiryChanged(t=time.time(), source="lab", expiry=seconds))

        return self._do("set_expiry", work)
