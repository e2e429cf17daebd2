# SPDX-License-Identifier: GPL-3.0-or-later
"""The delay server: a consumer that keeps what comes on `asgi.delay`, and a clock that sends what is due.

Every worker of a project with `channels.delay` is one: whoever deletes a message's row is the one to send it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from functools import partial

from django.db import DatabaseError, close_old_connections, connections

from app import events as e
from app import orders
from app.channels.delay.tempo import Tempo
from app.channels.message import Message
from app.channels.outbox import Outbox, Tell
from app.layer import RedisGone

CHANNEL = "asgi.delay"
SLEEP = 1.0  # seconds between two looks at what is due
AGAIN = 1000  # milliseconds until a message that found its channel full is tried again


class Keeper:
    """The consumer of `asgi.delay`: keeps a message until it is due, at the tempo of the live system."""

    def __init__(self, tempo: Tempo | None = None) -> None:
        self._tempo = tempo or Tempo()

    def __call__(self, message: Message) -> None:
        """Keep it.

        Raises:
            ValueError: it is not `{channel: str, delay: milliseconds, content: dict}`.
        """
        from app.channels.delay.models import DelayedMessage

        channel, delay, content = (message.get(key) for key in ("channel", "delay", "content"))
        is_delay = isinstance(delay, int) and not isinstance(delay, bool) and delay > 0
        if not isinstance(channel, str) or not is_delay or not isinstance(content, dict):
            raise ValueError("asgi.delay needs channel (str), delay (positive int of milliseconds) and content (dict).")
        try:
            text = json.dumps(content)
        except TypeError as error:
            raise ValueError(f"A delayed message is kept as JSON: {error}.") from error
        kept = DelayedMessage(channel_name=channel, content=text)
        kept.delay = self._tempo.real(delay)
        kept.save()


def send_due(outbox: Outbox, tempo: Tempo | None = None) -> int:
    """Send what is due, until everything stands still; returns how many messages."""
    from app.channels.delay.models import DelayedMessage

    tempo, count = tempo or Tempo(), 0
    for message in DelayedMessage.objects.is_due():
        if tempo.stands_still:
            break
        count += message.send(outbox, tempo.real(AGAIN))
    return count


class Clock:
    """Looks each `sleep` seconds for what is due, on a thread of its own; for nothing at a standstill."""

    def __init__(self, outbox: Outbox, tell: Tell, source: str, tempo: Tempo, sleep: float = SLEEP) -> None:
        self._outbox, self._tell, self._source, self._tempo, self._sleep = outbox, tell, source, tempo, sleep
        self._order: orders.MoveDelays | None = None  # that is not carried out yet
        self._wake = threading.Event()
        self._is_leaving = False
        self._thread = threading.Thread(target=self._run, name="delay", daemon=True)
        self._problem = ""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, when what is being sent has been."""
        self._is_leaving = True
        self._wake.set()
        self._thread.join()

    def set_gates(self, order: orders.SetGates) -> None:
        """Stand still, go on, or go at another speed."""
        self._tempo.set(order.is_closed, order.speed)

    def move(self, order: orders.MoveDelays) -> None:
        """Let all that is kept be due at other times, before anything is sent; told once it is so."""
        self._order = order
        self._wake.set()

    def _run(self) -> None:
        while not self._is_leaving:
            self._wake.wait(self._sleep)
            self._wake.clear()
            if self._order is not None:
                self._step(partial(self._move, self._order))
            elif not self._tempo.stands_still and not self._is_leaving:
                self._step(partial(send_due, self._outbox, self._tempo))
        self._outbox.layer.close()
        connections.close_all()  # this thread's

    def _move(self, order: orders.MoveDelays) -> None:
        from app.channels.delay.models import DelayedMessage

        DelayedMessage.objects.move(order.factor, order.offset)
        self._order = None
        self._tell(e.DelaysMoved(t=time.time(), source=self._source))

    def _step(self, work: Callable[[], object]) -> None:
        """Do it; a problem is said once and not each second."""
        try:
            close_old_connections()
            work()
            self._problem = ""
        except (DatabaseError, RedisGone) as error:
            if str(error) != self._problem:
                text = f"Delayed messages wait on: {error}"
                self._tell(e.LogLine(t=time.time(), source=self._source, text=text, level="warning"))
            self._problem = str(error)
