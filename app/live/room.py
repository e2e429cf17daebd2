# SPDX-License-Identifier: GPL-3.0-or-later
"""Open to the room: what is reachable from other machines, and by whom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from app import orders
from app.events import Event, SourceFinished, SourceReady
from app.ports import WILDCARDS, bracketed, reachable_at, room_addresses
from app.settings import Settings
from app.sources.guests import Guests
from app.sources.processes import ChildProcess
from app.sources.tasks import end_tasks, kept

if TYPE_CHECKING:
    from app.live.inviting import Invitation

NAME = "room"
HERE = ("localhost", "127.0.0.1", "::1")


def names_of(settings: Settings) -> list[str]:
    """Return the names that requests may ask for; none, so any, for a project that is not ours: it checks itself."""
    if settings.django_settings != Settings.django_settings:
        return []
    return sorted({*HERE, *reachable_at(settings.host)})


class Sharing:
    """The door for phones. `--host` may have opened one that only the end closes."""

    def __init__(self, settings: Settings, server: ChildProcess, emit: Callable[[Event], None]) -> None:
        self._host, self._server, self._emit = settings.host, server, emit
        self.is_open = False

    def open(self, address: str = "") -> str:
        """Let clients in at an address, or at the likeliest one; returns why that cannot be, "" when it is tried."""
        if self.is_wide:
            return ""
        if not (address := address or next(iter(room_addresses()), "")):
            return "This machine is in no network: join one, or let a phone make a hotspot."
        self._server.order(orders.OpenRoom(address))
        return ""

    def close(self) -> str:
        """Let nobody in any more; returns why that cannot be."""
        if self.is_wide:
            return f"The program was started with --host {self._host}, which is open as long as it runs."
        self._server.order(orders.CloseRoom())
        return ""

    @property
    def is_wide(self) -> bool:
        """Whether the server itself can be reached from elsewhere."""
        return self._host not in HERE and not self._host.startswith("127.")

    def notice(self, event: Event) -> None:
        """Learn from an event whether the door is open."""
        if isinstance(event, SourceReady) and event.name == "server" and self.is_wide:
            self._say_wide(event.detail)
        elif isinstance(event, SourceReady | SourceFinished) and event.name == NAME:
            self.is_open = isinstance(event, SourceReady)

    def server_ended(self) -> None:
        """Its door went with it."""
        if self.is_open:
            self.is_open = False
            self._emit(SourceFinished(t=time.time(), source="lab", name=NAME))

    def _say_wide(self, address: str) -> None:
        host = next(iter(room_addresses()), self._host) if self._host in WILDCARDS else self._host
        scheme, port = address.partition(":")[0], address.rpartition(":")[2]
        self.is_open = True
        self._emit(SourceReady(t=time.time(), source="lab", name=NAME, detail=f"{scheme}://{bracketed(host)}:{port}"))


class Inviting:
    """The door for workers: at most one invitation at a time.

    Args:
        emit: takes events of the invitation.
        observe: takes those of the guests.
        is_taken: whether a worker of our own has this name.
    """

    def __init__(
        self, emit: Callable[[Event], None], observe: Callable[[Event], None], is_taken: Callable[[str], bool]
    ) -> None:
        self.guests = Guests(observe, is_taken)
        self._emit = emit
        self._invitation: Invitation | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, url: str, address: str, settings: Settings) -> None:
        """Invite; `url` is Redis for a user who may do everything."""
        from app.live.inviting import Invitation  # not before: redis-py takes longer to import than a window to start

        await self.close()
        self._invitation = Invitation(url, address, settings, self.guests, self._emit)
        self._task = kept(self._invitation.run(), "invitation", self._emit)

    @property
    def is_open(self) -> bool:
        """Whether anybody is invited."""
        return self._task is not None and not self._task.done()

    async def close(self) -> None:
        """Hang up on all who came."""
        task, self._task, self._invitation = self._task, None, None
        if task is not None:
            await end_tasks([task])

    def adopt(self, settings: Settings) -> None:
        """Those who come from now on work with other settings."""
        if self._invitation is not None:
            self._invitation.settings = settings
