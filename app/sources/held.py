# SPDX-License-Identifier: GPL-3.0-or-later
"""Which messages each worker holds, so that what dies with one can be told."""

from __future__ import annotations

from collections.abc import Iterator

from app.events import (
    WITHIN_RECEIVE,
    ConsumerFailed,
    ConsumerFinished,
    CountersSeen,
    Event,
    GhostsPassed,
    MessageHeld,
    MessageLost,
    MessageReceived,
)


class Held:
    """Keys by process; a process with several threads may hold several."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, None]] = {}
        self._popped: dict[str, dict[str, None]] = {}  # held within a receive: their places in queues are gone

    def notice(self, worker: str, event: Event) -> None:
        """Learn from an event of a worker."""
        match event:
            case MessageHeld(gate=gate, key=key) if gate in WITHIN_RECEIVE:
                self._popped.setdefault(worker, {})[key] = None
            case GhostsPassed(keys=keys):
                for key in keys:
                    self._popped.get(worker, {}).pop(key, None)
            case MessageReceived(key=key, cause=""):
                self._popped.get(worker, {}).pop(key, None)
                self._keys.setdefault(worker, {})[key] = None
            case ConsumerFinished(key=key) | ConsumerFailed(key=key) | MessageLost(key=key):
                self._keys.get(worker, {}).pop(key, None)
            case CountersSeen(holding=count):  # where the end of some was dropped, they must not seem to die with it
                held = self._keys.get(worker, {})
                for key in list(held)[: len(held) - count]:
                    del held[key]

    def by(self, worker: str) -> tuple[str, ...]:
        """Return what a worker holds."""
        return (*self._keys.get(worker, ()), *self._popped.get(worker, ()))

    def lost_with(self, worker: str, t: float) -> Iterator[MessageLost]:
        """Tell what died with a worker."""
        for key in (*self._keys.pop(worker, ()), *self._popped.pop(worker, ())):
            yield MessageLost(t=t, source="lab", key=key, reason="worker killed", worker=worker)

    def clear(self) -> None:
        """Forget all."""
        self._keys.clear()
        self._popped.clear()
