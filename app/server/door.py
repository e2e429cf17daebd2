# SPDX-License-Identifier: GPL-3.0-or-later
"""The door that all connections come in by: it numbers them, and looks after each once in a while."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

from app.events import Event, LogLine
from app.server.connection import Listener, WebSocketConnection
from app.server.frames import Frames
from app.server.hosts import Hosts
from app.server.options import Options
from app.server.running import RunningTime
from app.server.tap import Tap
from app.server.turn import Turn

MOMENT = 0.5  # seconds between two looks at all connections (D-03: daphne looks every 2)

NewListener = Callable[[WebSocketConnection, dict[str, Any]], Listener]


class Door:
    """What connections share.

    Args:
        say: takes events.
        options: their limits.
        listener: makes what talks with the client of a socket, from its connection and its scope.
        first: the number of the first connection.
        hosts: whom requests may ask for.
        time: counts what their limits count.
        turn: what is put off to its end.
    """

    def __init__(
        self,
        say: Callable[[Event], None],
        options: Options,
        listener: NewListener,
        first: int = 1,
        hosts: Hosts | None = None,
        time: RunningTime | None = None,
        turn: Turn | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.options, self.listener, self.turn, self.now = options, listener, turn or Turn(loop), loop.time
        self.frames = Frames()
        self.hosts = hosts or Hosts()
        self.time = time or RunningTime(loop)
        self._say = say
        self._numbers = itertools.count(first)

    def new_tap(self) -> Tap:
        """Return the tap of a new connection."""
        return Tap(f"c{next(self._numbers)}", self._say)

    def log(self, text: str) -> None:
        """Say a line for people."""
        self._say(LogLine(t=time.time(), source="server", text=text, level="warning"))

    async def watch(self, connections: Iterable[Any]) -> None:
        """Look after all connections, for ever."""
        while True:
            lost = self.time.lost
            await asyncio.sleep(MOMENT)
            now, lost = self.now(), self.time.lost - lost
            for connection in list(connections):
                if lost:
                    connection.put_off(lost, now)
                connection.check(now)
