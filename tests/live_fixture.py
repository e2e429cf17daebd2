# SPDX-License-Identifier: GPL-3.0-or-later
"""The live system for tests: a lab with real Redis, server and workers, and a store that its events are poured into."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from app.events import Event
from app.lab import Lab
from app.settings import Settings
from app.store import Store


class LiveLab:
    """A running lab and its store; `until` pours events until something is true."""

    def __init__(self, **settings) -> None:
        observed = settings.pop("observed", None)
        self.lab = Lab(Settings(**{"port": 0, "workers": 2, **settings}), observed=observed)
        self.store = Store(index=self.lab.index)
        self.events: list[Event] = []

    @property
    def state(self):
        return self.store.state

    def pour(self) -> None:
        events = self.lab.inbox.take()
        self.events += events
        self.store.extend(events)

    def until(self, condition, what: str, seconds: float = 15.0):
        end = time.monotonic() + seconds
        while True:
            self.pour()
            if value := condition():
                return value
            assert time.monotonic() < end, f"waited {seconds} s in vain: {what}; last events {self.events[-4:]}"
            time.sleep(0.005)

    def of(self, kind: type, **fields) -> list:
        return [
            event
            for event in self.events
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items())
        ]

    def until_event(self, kind: type, count: int = 1, seconds: float = 15.0, **fields):
        found = self.until(lambda: self.of(kind, **fields)[count - 1 :], f"{count} {kind.__name__} {fields}", seconds)
        return found[0]

    def until_working(self, count: int = 1) -> None:
        self.until(
            lambda: self.lab.address and sum(w.status == "idle" for w in self.state.workers.values()) >= count,
            f"{count} idle workers",
        )

    def join(self, *names: str) -> None:
        for name in names:
            self.lab.add_client(name).result(20)  # until then the room may still show who had that name before
        self.until(lambda: {c.name for c in self.state.connections.values()} >= set(names), f"{names} in the room")

    def say(self, client: str, text: str):
        """Let a built-in client say something and wait until it came back to the room; returns the message sent."""
        self.lab.send_text(client, text)

        def arrived():
            for message in self.state.messages.values():
                if message.channel == "websocket.receive" and text.encode() in message.body:
                    effects = [self.state.messages.get(key) for key in self.state.effects.get(message.key, ())]
                    if effects and all(effect and not effect.fate.is_open for effect in effects):
                        return message
            return None

        return self.until(arrived, f"{client}'s {text!r} came back")

    def quiet(self) -> None:
        """Until every message that was sent has been taken."""
        self.until(lambda: not any(fate.is_open and n for fate, n in self.state.fates.items()), "no open message")


@contextmanager
def live_lab(**settings) -> Iterator[LiveLab]:
    """Run a lab for the length of a with block; nothing of it may be left afterwards."""
    live = LiveLab(**settings)
    others = set(_ours())
    live.lab.start()
    try:
        yield live
    finally:
        live.lab.stop()
        live.lab.index.spool.close()
    left = [(process.pid, process.cmdline()) for process in set(_ours()) - others]
    assert not left, "a process was left"


@pytest.fixture(scope="module")
def _two_workers() -> Iterator[LiveLab]:
    with live_lab(workers=2) as live:
        live.until_working(2)
        yield live


@pytest.fixture
def live(_two_workers: LiveLab) -> LiveLab:
    """A lab with two workers, shared by the tests of a module and reset for each of them."""
    _two_workers.lab.reset().result(20)
    _two_workers.until_working(2)
    _two_workers.events.clear()
    return _two_workers


def _ours() -> list[psutil.Process]:
    """Our modules and our Redis among the processes below this one (a browser's are not ours)."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if any("app." in word or "redis.conf" in word for word in _words(child))]


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
