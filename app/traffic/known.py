# SPDX-License-Identifier: GPL-3.0-or-later
"""What the events of a whole session say of each message, in words for the comments of packets."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

from app import events as e

LENGTH = 8  # hex digits that a message is called by


class Known:
    """Everything that is told of a message anywhere in the session, also later than the packet it is about."""

    def __init__(self, events: Iterable[e.Event]) -> None:
        self.sent: dict[str, e.MessageSent] = {}
        self.received: dict[str, e.MessageReceived] = {}
        self.expired: dict[str, float] = {}
        self.lost: dict[str, e.MessageLost] = {}
        self.origins: dict[tuple[str, int], str] = {}  # connection and n -> key
        self.became: dict[tuple[str, int], str] = {}  # connection and n, from the server -> key
        self.refused: dict[tuple[str, int], str] = {}
        self.requests: dict[str, deque[str]] = defaultdict(deque)  # connection -> keys that are no data messages
        self.runs: dict[str, str] = {}  # key -> what its consumer did
        self.consumers: dict[str, str] = {}
        self.arrived: dict[tuple[str, int], float] = {}  # when a client's message was whole
        self._names: dict[str, str] = {}
        self._builtin: dict[str, str] = {}  # address -> name
        self._clients: dict[str, str] = {}  # connection -> address
        for event in events:
            if learn := _LEARN.get(type(event)):
                learn(self, event)

    # --- names ---

    def name_of(self, connection: str) -> str:
        """Return what to call a client."""
        address = self._clients.get(connection, connection)
        return self._names.get(connection) or self._builtin.get(address) or address

    @staticmethod
    def short(key: str) -> str:
        """Return what to call a message."""
        return f"message {key[:LENGTH]}…"

    # --- learning ---

    def _sent(self, event: e.MessageSent) -> None:
        self.sent.setdefault(event.key, event)
        if event.connection and event.n:
            self.origins[event.connection, event.n] = event.key
        elif event.connection and event.channel in ("websocket.connect", "http.request"):
            self.requests[event.connection].append(event.key)

    def _received(self, event: e.MessageReceived) -> None:
        self.received.setdefault(event.key, event)
        if event.source == "server" and event.connection and event.n:
            self.became[event.connection, event.n] = event.key

    def _finished(self, event: e.ConsumerFinished) -> None:
        self.runs[event.key] = f"{self.consumers.get(event.key, 'its consumer')} ran {ms(event.seconds)}"

    def _failed(self, event: e.ConsumerFailed) -> None:
        self.runs[event.key] = f"{event.consumer} raised {event.error}"

    def _whole(self, event: e.WebSocketMessageSeen) -> None:
        if event.direction == "client":
            self.arrived[event.connection, event.n] = event.t

    # --- in words ---

    def story(self, key: str) -> str:
        """Return what became of a message."""
        sent, received = self.sent.get(key), self.received.get(key)
        after = f" after {ms(received.t - sent.t)}" if sent and received else ""
        lost = self.lost.get(key)
        if received and received.source != "server":
            text = f"{received.source} took it{after}"
            text += f", {self.runs[key]}" if key in self.runs else ""
        elif received:
            text = f"the server took it{after}"
        elif key in self.expired and sent:
            text = f"nobody took it: it expired after {self.expired[key] - sent.t:.1f} s"
        else:
            text = "" if lost else "it still waits at the end of the session"
        if lost:
            text += f"{', ' if text else ''}then it was lost: {lost.reason}"
        return text.removeprefix("then ")

    def from_client(self, connection: str, n: int) -> str:
        """Return what became of a client's WebSocket message."""
        who = f"WebSocket message {n} from {self.name_of(connection)}"
        if key := self.origins.get((connection, n)):
            return f"{who} became {self.short(key)} on {self.sent[key].channel}: {self.story(key)}"
        if reason := self.refused.get((connection, n)):
            return f"{who} was refused by its channel: {reason}"
        return f"{who}; nobody said what became of it"

    def to_client(self, connection: str, n: int, t: float) -> str:
        """Return where a WebSocket message to a client came from."""
        who = f"WebSocket message {n} to {self.name_of(connection)}"
        sent = self.sent.get(self.became.get((connection, n), ""))
        if sent is None:
            return who
        text = f"{who} was {self.short(sent.key)}"
        text += f", a copy for group {sent.group}" if sent.group else ""
        if cause := self.sent.get(sent.cause):
            text += f", sent by {sent.source} because of {self.short(cause.key)}"
            came = self.arrived.get((cause.connection, cause.n))
            if came:
                text += f", {ms(t - came)} after that came in from {self.name_of(cause.connection)}"
        return text


def ms(seconds: float) -> str:
    """Return a length of time in milliseconds, or seconds when it is long."""
    return f"{max(seconds, 0) * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _put(name: str, field: str, value: str) -> Callable[[Known, Any], None]:
    def learn(known: Known, event: Any) -> None:
        getattr(known, name)[getattr(event, field)] = getattr(event, value)

    return learn


def _refuse(known: Known, event: e.MessageRefused) -> None:
    known.refused[event.connection, event.n] = event.reason


_LEARN: dict[type[e.Event], Callable[[Known, Any], None]] = {
    e.MessageSent: Known._sent,
    e.MessageReceived: Known._received,
    e.ConsumerStarted: _put("consumers", "key", "consumer"),
    e.ConsumerFinished: Known._finished,
    e.ConsumerFailed: Known._failed,
    e.WebSocketMessageSeen: Known._whole,
    e.MessageExpired: _put("expired", "key", "t"),
    e.MessageLost: lambda known, event: known.lost.__setitem__(event.key, event),
    e.MessageRefused: _refuse,
    e.ClientNamed: _put("_names", "connection", "name"),
    e.ClientAdded: _put("_builtin", "address", "name"),
    e.ConnectionOpened: _put("_clients", "connection", "client"),
}
