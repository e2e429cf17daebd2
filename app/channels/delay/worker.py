# SPDX-License-Identifier: GPL-3.0-or-later
"""The delay server: a consumer that keeps what comes on `asgi.delay`, and a clock that sends what is due.

Every worker of a project with `channels.delay` is one: whoever deletes a message's row is the one to send it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connections

from app import events as e
from app.channels.message import Message
from app.channels.outbox import Outbox, Tell
from app.layer import RedisGone

CHANNEL = "asgi.delay"
SLEEP = 1.0  # seconds between two looks at what is due


def keep(message: Message) -> None:
    """Keep a delayed message until it is due.

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
    kept.delay = delay
    kept.save()


def send_due(outbox: Outbox) -> int:
    """Send what is due; returns how many messages."""
    from app.channels.delay.models import DelayedMessage

    return sum(message.send(outbox) for message in DelayedMessage.objects.is_due())


class Clock:
    """Looks each `sleep` seconds for what is due, on a thread of its own; for nothing while `is_frozen`."""

    def __init__(
        self,
        outbox: Outbox,
        tell: Tell,
        source: str,
        sleep: float = SLEEP,
        is_frozen: Callable[[], bool] = lambda: False,
    ) -> None:
        self._is_frozen = is_frozen
        self._outbox, self._tell, self._source, self._sleep = outbox, tell, source, sleep
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delay", daemon=True)
        self._problem = ""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, when what is being sent has been."""
        self._leaving.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._leaving.wait(self._sleep):
            if not self._is_frozen():
                self._step(lambda: send_due(self._outbox))
        self._outbox.layer.close()
        connections.close_all()  # this thread's

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
