# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers on other machines: what they tell through Redis, and when they are gone.

They are not believed more than needed: a guest may tell only what a worker tells, and only of itself.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from app import codec
from app import events as e
from app.invitation import CONNECTION, Hello, read_batch
from app.layer.told import one_by_one
from app.sources.held import Held

SILENCE = 5.0  # seconds without a word after which a worker counts as gone
UNHEARD = -1  # the status of a worker that went without a word
CLOCKS = 0.05  # seconds that two clocks may differ before times are put right
ALLOWED = (
    e.WorkerReady, e.WorkerExited, e.MessageReceived, e.MessageSent, e.GroupSent, e.MessageRefused, e.MessageSkipped,
    e.MessageLost, e.GhostsPassed, e.GroupAdded, e.GroupDiscarded, e.GroupEmpty, e.ConsumerStarted,
    e.ConsumerFinished, e.ConsumerFailed, e.LogLine, e.RedisLost, e.RedisBack, e.EventsDropped,
)  # fmt: skip
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass
class Guest:
    """One of them: its newest word, and when it came (monotonic)."""

    hello: Hello
    heard: float


class Guests:
    """All invited workers.

    Args:
        emit: takes their events.
        is_taken: whether a worker of our own has this name.
    """

    def __init__(self, emit: Callable[[e.Event], None], is_taken: Callable[[str], bool]) -> None:
        self._emit, self._is_taken = emit, is_taken
        self._guests: dict[str, Guest] = {}
        self._held = Held()

    async def hear(self, pubsub: Any, seconds: float) -> None:
        """Take the next batch, if one comes within so many seconds. `pubsub` is subscribed to `TOLD`."""
        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds)
        if message is not None:
            self.take(message["data"])

    def take(self, data: bytes) -> None:
        """Tell what a batch says; what is no batch is passed over."""
        try:
            hello, lines = read_batch(data)
        except (msgspec.DecodeError, ValueError):
            return
        if not NAME.fullmatch(hello.worker) or self._is_taken(hello.worker):
            return
        known = self._guests.get(hello.worker)
        if known and known.hello.pid != hello.pid:
            self._gone(hello.worker)
            known = None
        self._guests[hello.worker] = Guest(hello, time.monotonic())
        if known is None:
            self._tell_start(hello)
        shift = time.time() - hello.now
        for line in lines:
            self._tell(hello.worker, line, shift if abs(shift) > CLOCKS else 0.0)

    def look(self, connections: set[str]) -> None:
        """Miss those whose connection (by its name) is gone, or who are silent."""
        now = time.monotonic()
        for name, guest in list(self._guests.items()):
            if CONNECTION + name not in connections or now - guest.heard > SILENCE:
                self._gone(name)

    def tell_again(self) -> None:
        """Tell who is there, for a set-up has begun anew."""
        self._held.clear()
        for guest in self._guests.values():
            self._tell_start(guest.hello)

    def dismiss(self) -> None:
        """All are gone: the invitation is over."""
        for name in list(self._guests):
            self._gone(name)

    def _tell_start(self, hello: Hello) -> None:
        now, name = time.time(), hello.worker
        self._emit(
            e.WorkerStarted(
                t=now, source=name, worker=name, pid=hello.pid, only=hello.only, exclude=hello.exclude, host=hello.host
            )
        )
        if hello.channels:
            self._emit(e.WorkerReady(t=now, source=name, worker=name, channels=hello.channels))

    def _tell(self, name: str, line: bytes, shift: float) -> None:
        try:
            event = codec.decode(line)
        except msgspec.DecodeError:
            return
        threads = re.compile(rf"{re.escape(name)}(\.\d+)?")
        owners = (event.source, getattr(event, "worker", "") or event.source)
        if not isinstance(event, ALLOWED) or not all(threads.fullmatch(owner) for owner in owners):
            return
        if isinstance(event, e.WorkerExited):
            return self._gone(name, event)
        event = replace(event, t=event.t + shift) if shift else event
        self._held.notice(name, event)
        for told in one_by_one(event) if isinstance(event, e.GroupSent) else (event,):
            self._emit(told)

    def _gone(self, name: str, said: e.WorkerExited | None = None) -> None:
        if self._guests.pop(name, None) is None:
            return
        now = time.time()
        status, signal = (said.status, said.signal) if said else (UNHEARD, "")
        self._emit(e.WorkerExited(t=now, source="lab", worker=name, status=status, signal=signal))
        for lost in self._held.lost_with(name, now):
            self._emit(lost)
