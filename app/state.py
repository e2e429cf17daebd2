# SPDX-License-Identifier: GPL-3.0-or-later
"""The world that a run of events adds up to.

`State.apply` takes one event after the other. Each child has a pipe of its own, so evidence about a message may come
before the news that it was sent, or twice: every thing here is a small machine that only moves forward (a message that
was received does not become waiting again), and what is said of a message not yet known is kept until it is.
Readers must not change what they read.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec

from app import events as e
from app.entities import Channel, Connection, Fate, Message, Source, Worker
from app.settings import Duty

MESSAGE_LIMIT = 20_000  # finished messages kept for looking at
CLOSED_LIMIT = 200  # closed connections kept
EARLY_LIMIT = 2_000  # messages that were spoken of but not yet seen being sent
UNHEARD = (Fate.WAITING, Fate.WIPED)  # nothing was heard of the message itself since it was sent; what is, corrects it

RECORDED = "recording"  # the source of a LabStarted in a recording
REPLAYED = "r"  # what connections of a recording are called: r1, r2 …; live ones are c1, c2 …

_LOST_AS = {
    "worker killed": Fate.LOST,
    "never fetched": Fate.LOST,
    "no route": Fate.NO_ROUTE,
    "socket closed": Fate.SOCKET_CLOSED,
    "unreadable": Fate.UNREADABLE,
    "dropped on purpose": Fate.DROPPED,
}


class State:
    """Everything the panels show, as of one moment."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, Message] = {}
        self.groups: dict[str, dict[str, float]] = {}
        self.workers: dict[str, Worker] = {}
        self.sources: dict[str, Source] = {}
        self.clients: dict[str, e.ClientAdded] = {}
        self.keys: e.KeysSeen | None = None
        self.settings: e.LabStarted | None = None
        self.capture: e.CaptureProgress | None = None
        self.redis_lost = ""
        self.wiped = 0.0  # when Redis was last emptied
        self.fates: dict[Fate, int] = dict.fromkeys(Fate, 0)
        self.refused = 0
        self.skipped = 0
        self.events_dropped = 0
        self.frames = 0
        self.violations = 0
        self.effects: dict[str, list[str]] = {}  # key -> keys of the messages sent because of it
        self._early: dict[str, list[Any]] = {}
        self.origins: dict[tuple[str, str, int], str] = {}  # (connection, direction, n) -> key
        self.message_of_row: dict[int, tuple[str, str, int]] = {}
        self.rows_of_message: dict[tuple[str, str, int], tuple[int, ...]] = {}
        self.selected: e.Selected | None = None
        self._held: tuple[dict[str, Source], str, float] | None = None  # of the live system, while a recording is shown
        self.computed: e.AcceptComputed | None = None  # the newest
        self.tried: dict[str, e.HandshakeTried] = {}  # by mutation, the newest of each

    def copy(self) -> State:
        """Return an independent copy."""
        return copy.deepcopy(self)

    def apply(self, event: e.Event) -> None:
        """Move forward by one event; kinds without a meaning for the state pass by."""
        kind = type(event)
        if kind in _STORY:
            message = self.messages.get(event.key)  # type: ignore[attr-defined]
            if message is None:
                self._keep_early(event)
            else:
                _STORY[kind](self, message, event)
        if kind in _HANDLERS:
            _HANDLERS[kind](self, event)

    # --- wire ---

    def _opened(self, event: e.ConnectionOpened) -> None:
        self.connections[event.connection] = Connection(event.connection, event.client, event.server, event.t)
        _forget_first(self.connections, CLOSED_LIMIT, lambda connection: connection.closed > 0)

    def _handshake(self, event: e.HandshakeSeen) -> None:
        if connection := self.connections.get(event.connection):
            connection.path, connection.status = event.target, event.status

    def _frame(self, event: e.FrameSeen) -> None:
        self.frames += 1
        self.violations += len(event.violations)
        if connection := self.connections.get(event.connection):
            connection.frames[event.direction] += 1
            connection.last_frame = event.t

    def _websocket_message(self, event: e.WebSocketMessageSeen) -> None:
        origin = (event.connection, event.direction, event.n)
        self.rows_of_message[origin] = event.rows
        for row in event.rows:
            self.message_of_row[row] = origin
        _forget_first(self.rows_of_message, MESSAGE_LIMIT)
        _forget_first(self.message_of_row, MESSAGE_LIMIT)

    def _named(self, event: e.ClientNamed) -> None:
        if connection := self.connections.get(event.connection):
            connection.name = event.name

    def _closed(self, event: e.ConnectionClosed) -> None:
        if connection := self.connections.get(event.connection):
            connection.closed = event.t

    # --- channel layer ---

    def _sent(self, event: e.MessageSent) -> None:
        if event.key in self.messages:
            return
        message = Message(
            event.key, event.channel, event.body, event.t, event.expiry, event.source,
            event.cause, event.connection, event.n, event.group,
        )  # fmt: skip
        self.messages[event.key] = message
        self.fates[Fate.WAITING] += 1
        channel = self.channel_of(event.channel)
        channel.sent += 1
        channel.unseen = max(channel.unseen - 1, 0)  # Redis may have been asked before we heard of the sending
        channel.waiting[event.key] = event.t + event.expiry
        if event.cause:
            self.effects.setdefault(event.cause, []).append(event.key)
            _forget_first(self.effects, MESSAGE_LIMIT)
        if event.connection and event.n:
            self.origins[event.connection, "client", event.n] = event.key
            _forget_first(self.origins, MESSAGE_LIMIT)
        for old in _forget_first(self.messages, MESSAGE_LIMIT, lambda message: not message.fate.is_open):
            self.channel_of(old.channel).waiting.pop(old.key, None)
        for early in self._early.pop(event.key, ()):
            _STORY[type(early)](self, message, early)
        if event.t <= self.wiped:
            self._wipe(message, self.wiped)

    def _keep_early(self, event: Any) -> None:
        self._early.setdefault(event.key, []).append(event)
        _forget_first(self._early, EARLY_LIMIT)

    def _received(self, message: Message, event: e.MessageReceived) -> None:
        channel = self.channel_of(message.channel)
        channel.received += 1
        channel.waiting.pop(event.key, None)
        channel.ghosts.pop(event.key, None)
        message.taken_by, message.received = event.source, event.t
        if event.source == "server":
            message.became = (event.connection, event.n)
            if event.connection and event.n:
                self.origins[event.connection, "server", event.n] = event.key
            self._end(message, Fate.DELIVERED, event.t)
        elif message.fate in UNHEARD:
            self._move(message, Fate.HELD)
            message.ended = 0.0

    def _consumed(self, message: Message, event: e.ConsumerFinished | e.ConsumerFailed) -> None:
        self._end(message, Fate.DELIVERED, event.t)

    def _started(self, message: Message, event: e.ConsumerStarted) -> None:
        message.started = event.t

    def _expired(self, message: Message, event: e.MessageExpired) -> None:
        if message.fate in UNHEARD:
            self._end(message, Fate.EXPIRED, event.t)
            channel = self.channel_of(message.channel)
            channel.waiting.pop(event.key, None)
            channel.ghosts[event.key] = event.t

    def _lost(self, message: Message, event: e.MessageLost) -> None:
        self.channel_of(message.channel).waiting.pop(event.key, None)
        self._end(message, _LOST_AS[event.reason], event.t)

    def _ghosts_passed(self, event: e.GhostsPassed) -> None:
        for key in event.keys:
            if message := self.messages.get(key):  # Redis may tell of its expiry only after this
                self._expired(message, e.MessageExpired(t=event.t, source=event.source, key=key))
            self.channel_of(event.channel).ghosts.pop(key, None)

    def _refused(self, event: e.MessageRefused) -> None:
        self.refused += 1
        self.channel_of(event.channel).refused += 1

    def _skipped(self, event: e.MessageSkipped) -> None:
        self.skipped += 1
        self.channel_of(event.channel).refused += 1

    def _wiped(self, event: e.MessagesWiped) -> None:
        self.wiped = max(self.wiped, event.t)
        for message in self.messages.values():
            if message.sent <= event.t:
                self._wipe(message, event.t)
        for channel in self.channels.values():
            channel.ghosts.clear()
            channel.unseen = channel.unseen_ghosts = 0
        self.groups.clear()

    def _wipe(self, message: Message, t: float) -> None:
        if message.fate is Fate.WAITING:
            self._end(message, Fate.WIPED, t)
            self.channel_of(message.channel).waiting.pop(message.key, None)

    def _group_added(self, event: e.GroupAdded) -> None:
        self.groups.setdefault(event.group, {})[event.channel] = event.t

    def _group_discarded(self, event: e.GroupDiscarded) -> None:
        members = self.groups.get(event.group, {})
        members.pop(event.channel, None)
        if not members:
            self.groups.pop(event.group, None)

    def _reply_channel(self, event: e.ReplyChannelOpened) -> None:
        if connection := self.connections.get(event.connection):
            connection.reply_channel = event.channel

    def _measured(self, event: e.ChannelMeasured) -> None:
        channel = self.channel_of(event.channel)
        ghosts = max(event.length - event.live, 0)
        while len(channel.ghosts) > ghosts:
            del channel.ghosts[next(iter(channel.ghosts))]
        channel.unseen = max(event.live - len(channel.waiting), 0)
        channel.unseen_ghosts = ghosts - len(channel.ghosts)

    def _keys(self, event: e.KeysSeen) -> None:
        self.keys = event

    # --- processes ---

    def _source_started(self, event: e.SourceStarted) -> None:
        self.sources[event.name] = Source(event.name, "starting", event.pid, event.detail)

    def _source_ready(self, event: e.SourceReady) -> None:
        source = self.sources.setdefault(event.name, Source(event.name, "starting"))
        source.status = "ready"
        source.detail = event.detail or source.detail

    def _source_failed(self, event: e.SourceFailed) -> None:
        source = self.sources.setdefault(event.name, Source(event.name, "failed"))
        source.status, source.detail, source.remedy = "failed", event.reason, event.remedy

    def _source_finished(self, event: e.SourceFinished) -> None:
        self.sources.setdefault(event.name, Source(event.name, "finished")).status = "finished"

    def _redis_lost(self, event: e.RedisLost) -> None:
        self.redis_lost = event.reason

    def _redis_back(self, event: e.RedisBack) -> None:
        self.redis_lost = ""

    def _worker_started(self, event: e.WorkerStarted) -> None:
        self.workers[event.worker] = Worker(
            event.worker, event.pid, event.t, since=event.t, duty=Duty(event.only, event.exclude), host=event.host
        )

    def _worker_ready(self, event: e.WorkerReady) -> None:
        if (worker := self.workers.get(event.worker)) and worker.is_alive:
            worker.channels, worker.since, worker.stopped_from = event.channels, event.t, "idle"
            if worker.status != "stopped":
                worker.status = "idle"

    def _consumer_started(self, event: e.ConsumerStarted) -> None:
        worker = self.workers.get(event.worker)
        if worker and worker.is_alive:
            worker.key, worker.consumer, worker.since = event.key, event.consumer, event.t
            worker.stopped_from = "running"
            if worker.status != "stopped":
                worker.status = "running"

    def _consumer_finished(self, event: e.ConsumerFinished | e.ConsumerFailed) -> None:
        worker = self.workers.get(event.worker)
        if worker and worker.is_alive:
            worker.done += 1
            worker.failed += isinstance(event, e.ConsumerFailed)
            worker.key = worker.consumer = ""
            worker.since, worker.stopped_from = event.t, "idle"
            if worker.status != "stopped":
                worker.status = "idle"

    def _worker_stopped(self, event: e.WorkerStopped) -> None:
        worker = self.workers.get(event.worker)
        if worker and worker.is_alive and worker.status != "stopped":
            worker.stopped_from, worker.status, worker.since = worker.status, "stopped", event.t

    def _worker_continued(self, event: e.WorkerContinued) -> None:
        worker = self.workers.get(event.worker)
        if worker and worker.status == "stopped":
            worker.status, worker.since = worker.stopped_from, event.t

    def _worker_exited(self, event: e.WorkerExited) -> None:
        if worker := self.workers.get(event.worker):
            worker.status = "killed" if event.signal else "exited"
            worker.exit_status, worker.signal, worker.since = event.status, event.signal, event.t
            worker.consumer = ""

    # --- the program ---

    def _lab_started(self, event: e.LabStarted) -> None:
        if event.source == RECORDED:
            self.settings = event
            return
        sources, connections, redis_lost, wiped = self.sources, self.connections, self.redis_lost, self.wiped
        if self._held:
            sources, redis_lost, wiped = self._held
        self.__init__()  # type: ignore[misc]
        self.settings, self.sources, self.redis_lost, self.wiped = event, sources, redis_lost, wiped
        self.connections = {
            name: connection
            for name, connection in connections.items()
            if not connection.closed and not name.startswith(REPLAYED)
        }

    def _recording_started(self, event: e.RecordingStarted) -> None:
        """What is live is held for later; in the recording everything runs."""
        held = self._held or (self.sources, self.redis_lost, self.wiped)
        self.__init__()  # type: ignore[misc]
        self._held = held
        self.sources = {name: Source(name, "ready") for name in ("redis", "server")}

    def _expiry_changed(self, event: e.ExpiryChanged) -> None:
        if self.settings:
            self.settings = msgspec.structs.replace(self.settings, expiry=event.expiry)

    def _client_added(self, event: e.ClientAdded) -> None:
        self.clients[event.name] = event

    def _client_left(self, event: e.ClientLeft) -> None:
        self.clients.pop(event.name, None)

    def _dropped(self, event: e.EventsDropped) -> None:
        self.events_dropped += event.count

    def _capture(self, event: e.CaptureProgress) -> None:
        self.capture = event

    def _computed(self, event: e.AcceptComputed) -> None:
        self.computed = event

    def _tried(self, event: e.HandshakeTried) -> None:
        self.tried[event.mutation] = event

    def _select(self, event: e.Selected) -> None:
        self.selected = event

    # --- shared ---

    def channel_of(self, name: str) -> Channel:
        """Return the queue that `name` is kept in: for a process-specific channel the part up to `!` (ASGI 1.x)."""
        queue = name[: name.index("!") + 1] if "!" in name else name
        return self.channels.setdefault(queue, Channel(queue))

    def _move(self, message: Message, fate: Fate) -> None:
        self.fates[message.fate] -= 1
        self.fates[fate] += 1
        message.fate = fate

    def _end(self, message: Message, fate: Fate, t: float) -> None:
        if message.fate.is_open or message.fate is Fate.WIPED:
            self._move(message, fate)
            message.ended = t


def _forget_first(things: dict[Any, Any], limit: int, may: Callable[[Any], bool] = lambda _: True) -> list[Any]:
    """Keep a dict near its limit: drop and return the oldest that may go, or where they are too few the oldest."""
    excess = len(things) - limit
    if excess <= limit * 0.2:
        return []
    old = [key for key, thing in things.items() if may(thing)]
    return [things.pop(key) for key in (old if len(old) >= excess else [*things])[:excess]]


_HANDLERS: dict[type[e.Event], Callable[[State, Any], None]] = {
    e.ConnectionOpened: State._opened,
    e.HandshakeSeen: State._handshake,
    e.FrameSeen: State._frame,
    e.WebSocketMessageSeen: State._websocket_message,
    e.ClientNamed: State._named,
    e.ConnectionClosed: State._closed,
    e.MessageSent: State._sent,
    e.GhostsPassed: State._ghosts_passed,
    e.MessageRefused: State._refused,
    e.MessageSkipped: State._skipped,
    e.MessagesWiped: State._wiped,
    e.GroupAdded: State._group_added,
    e.GroupDiscarded: State._group_discarded,
    e.ReplyChannelOpened: State._reply_channel,
    e.ChannelMeasured: State._measured,
    e.KeysSeen: State._keys,
    e.SourceStarted: State._source_started,
    e.SourceReady: State._source_ready,
    e.SourceFailed: State._source_failed,
    e.SourceFinished: State._source_finished,
    e.RedisLost: State._redis_lost,
    e.RedisBack: State._redis_back,
    e.WorkerStarted: State._worker_started,
    e.WorkerReady: State._worker_ready,
    e.ConsumerStarted: State._consumer_started,
    e.ConsumerFinished: State._consumer_finished,
    e.ConsumerFailed: State._consumer_finished,
    e.WorkerStopped: State._worker_stopped,
    e.WorkerContinued: State._worker_continued,
    e.WorkerExited: State._worker_exited,
    e.LabStarted: State._lab_started,
    e.RecordingStarted: State._recording_started,
    e.ExpiryChanged: State._expiry_changed,
    e.ClientAdded: State._client_added,
    e.ClientLeft: State._client_left,
    e.EventsDropped: State._dropped,
    e.CaptureProgress: State._capture,
    e.Selected: State._select,
    e.HandshakeTried: State._tried,
    e.AcceptComputed: State._computed,
}

# What is said of one message, by its key.
_STORY: dict[type[e.Event], Callable[[State, Message, Any], None]] = {
    e.MessageReceived: State._received,
    e.ConsumerStarted: State._started,
    e.ConsumerFinished: State._consumed,
    e.ConsumerFailed: State._consumed,
    e.MessageExpired: State._expired,
    e.MessageLost: State._lost,
}
