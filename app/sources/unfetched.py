# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that Redis handed out and nobody fetched: a worker was stopped or killed between its BLPOP and the body.

From outside such a message looks as if it expired, but its place in the queue is gone: somebody popped it before.
"""

from __future__ import annotations

from app.events import (
    Event,
    GhostsPassed,
    MessageHeld,
    MessageLost,
    MessageReceived,
    MessageSent,
    MessagesWiped,
    WorkerContinued,
    WorkerExited,
    WorkerStopped,
)

WAITING_LIMIT = 20_000  # messages remembered
EARLY_LIMIT = 2_000  # receipts remembered that were told before the sending: each process has a pipe of its own
GONE_LIMIT = 1_000  # ends of workers remembered
LEFTOVER_LIMIT = 2_000  # bodies remembered that nobody will fetch
NEWS = 0.5  # seconds after which the news that a message was taken should have come
SAID = 3.0  # seconds in which whatever was said of a message before a kill has been heard
PATIENCE = 0.5  # seconds in which a reader may say that it passed a ghost


class Unfetched:
    """Learns from events; the watch on Redis says which bodies expired without a place in a queue."""

    def __init__(self) -> None:
        self._waiting: dict[str, MessageSent] = {}
        self._early: dict[str, None] = {}
        self._missing: dict[str, float] = {}  # key -> when its body expired
        self._leftover: dict[str, None] = {}
        self._stopped: set[str] = set()
        self._gone: list[tuple[float, str]] = []
        self._killed: list[float] = []  # when workers were, of whose messages nobody has asked yet

    def notice(self, event: Event) -> None:
        """Learn who may have what."""
        match event:
            case MessageSent():
                self._sent(event)
            case MessagesWiped(t=t):
                self._forget_before(t)
            case MessageReceived(key=key):
                self._received(key)
            case MessageHeld(gate="fetched" | "deleted", key=key) | MessageLost(key=key):
                self._received(key)
                self._leave(key)
            case GhostsPassed(keys=keys):
                for key in keys:
                    self._missing.pop(key, None)
            case WorkerStopped(worker=worker):
                self._stopped.add(worker)
            case WorkerContinued(worker=worker):
                self._stopped.discard(worker)
            case WorkerExited(worker=worker, t=t, signal=signal):
                self._killed += [t] if signal else []
                self._stopped.discard(worker)
                self._gone = [*self._gone[1 - GONE_LIMIT :], (t, worker)]

    def _sent(self, event: MessageSent) -> None:
        if event.key in self._early:
            del self._early[event.key]
            return
        self._waiting[event.key] = event
        if len(self._waiting) > WAITING_LIMIT:
            del self._waiting[next(iter(self._waiting))]

    def _received(self, key: str) -> None:
        if self._waiting.pop(key, None) is None:
            self._early[key] = None
            if len(self._early) > EARLY_LIMIT:
                del self._early[next(iter(self._early))]

    def _leave(self, key: str) -> None:
        self._leftover[key] = None
        if len(self._leftover) > LEFTOVER_LIMIT:
            del self._leftover[next(iter(self._leftover))]

    def is_leftover(self, key: str) -> bool:
        """Whether a body means nothing any more: a worker has read it, or has popped it and died."""
        return key in self._leftover

    def queue_of(self, key: str) -> str:
        """Return the name of the queue that a message was sent to and not received from, "" if none is known."""
        if key not in self._waiting:
            return ""
        name = self._waiting[key].channel
        return name[: name.index("!") + 1] if "!" in name else name

    def is_behind(self, now: float) -> bool:
        """Whether of some message nobody has told for long that it was taken."""
        return bool(self._waiting) and next(iter(self._waiting.values())).t < now - NEWS

    def _forget_before(self, t: float) -> None:
        """Redis was emptied: what waited is gone, and nobody has it."""
        for key in [key for key, sent in self._waiting.items() if sent.t <= t]:
            del self._waiting[key]
            self._missing.pop(key, None)

    def doubtful(self, now: float) -> list[str]:
        """Return, once after a kill, what waits since before it: the dead may have had its body and said nothing."""
        due = [t for t in self._killed if now - t > SAID]
        self._killed = [t for t in self._killed if now - t <= SAID]
        return [key for key, sent in self._waiting.items() if sent.t <= max(due)] if due else []

    def miss(self, key: str, t: float) -> None:
        """Take note that a body expired at `t` and no queue names it."""
        self._missing[key] = t

    def lost(self, now: float) -> list[MessageLost]:
        """Return those that nobody has spoken of in the meantime; the worker is named if only one can have it."""
        due = [key for key, t in self._missing.items() if now - t > PATIENCE]
        return [self._lost(key, self._missing.pop(key)) for key in due]

    def _lost(self, key: str, t: float) -> MessageLost:
        sent = self._waiting.pop(key, None)
        suspects = self._stopped | {worker for end, worker in self._gone if sent and end >= sent.t}
        worker = suspects.pop() if len(suspects) == 1 else ""
        return MessageLost(t=t, source="redis", key=key, reason="never fetched", worker=worker)
