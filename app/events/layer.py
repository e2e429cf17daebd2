# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens on the channel layer and in Redis, and to the rows that consumers save."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.events.base import Event


class MessageSent(Event, frozen=True, kw_only=True, tag=True):
    """A message entered a channel. `expiry` in seconds from `t`; `took`: seconds from `t` until Redis had answered.

    From the interface server `connection` and `n` name the WebSocket message it came from (n = 0: no data message).
    From a worker `cause` is the key of the message its consumer was handling. `group` is set for a group's copy.
    """

    key: str
    channel: str
    body: bytes
    expiry: float
    cause: str = ""
    connection: str = ""
    n: int = 0
    group: str = ""
    took: float = 0.0


class GroupSent(Event, frozen=True, kw_only=True, tag=True):
    """On a pipe only, for many copies at once: the lab tells each as MessageSent or MessageSkipped.

    `channels`: the members' names, one a line. The key of the n-th one's copy (from 1) is `stem` and n in 8 hex digits;
    `skipped` are the numbers of those that got none. `whole` is a copy's body; for a process-specific channel it is
    `longer`, and the channel's name as msgpack.
    """

    group: str
    stem: str
    channels: str
    whole: bytes
    longer: bytes
    expiry: float
    skipped: tuple[int, ...] = ()
    cause: str = ""
    took: float = 0.0


class MessageReceived(Event, frozen=True, kw_only=True, tag=True):
    """A worker or the interface server took a message; the server says which WebSocket message it became.

    `took`: seconds that a worker's last trip to Redis, which brought the body or deleted it, had lasted at `t`.
    With a `cause`, the consumer that handles that message took it itself: a part of a body, or a frame that had waited
    for its turn. No other consumer will run for it.
    """

    key: str
    channel: str
    connection: str = ""
    n: int = 0
    cause: str = ""
    took: float = 0.0


class MessageExpired(Event, frozen=True, kw_only=True, tag=True):
    """Redis deleted the body of a message nobody had read; its place in the list stays: a ghost."""

    key: str


class GhostsPassed(Event, frozen=True, kw_only=True, tag=True):
    """A reader popped entries whose bodies had expired, and went on to the next."""

    channel: str
    keys: tuple[str, ...]


class MessageRefused(Event, frozen=True, kw_only=True, tag=True):
    """A send was turned away: the channel is full, the message too large, Redis out of memory, or a key is not ours."""

    channel: str
    reason: Literal["full", "too large", "out of memory", "wrong type"]
    cause: str = ""
    connection: str = ""
    n: int = 0


class MessageSkipped(Event, frozen=True, kw_only=True, tag=True):
    """A group send left a member out because its channel was full."""

    channel: str
    group: str
    cause: str = ""


class GroupEmpty(Event, frozen=True, kw_only=True, tag=True):
    """A group send found nobody in the group: no copy was made, and Redis keeps no trace of it."""

    group: str
    cause: str = ""


class MessageLost(Event, frozen=True, kw_only=True, tag=True):
    """A message was taken out of the channel and nobody acted on it."""

    key: str
    reason: Literal["worker killed", "never fetched", "no route", "socket closed", "unreadable", "dropped on purpose"]
    worker: str = ""


class MessagesWiped(Event, frozen=True, kw_only=True, tag=True):
    """All waiting messages and groups are gone at once: flush, FLUSHDB, or a restart of Redis."""

    reason: Literal["flush", "flushdb", "restart"]


class GroupAdded(Event, frozen=True, kw_only=True, tag=True):
    """A channel joined a group, or renewed its membership."""

    group: str
    channel: str
    cause: str = ""


class GroupDiscarded(Event, frozen=True, kw_only=True, tag=True):
    """A channel left a group."""

    group: str
    channel: str
    cause: str = ""


class RowSaved(Event, frozen=True, kw_only=True, tag=True):
    """A consumer saved a row with a model of Django's, and it is committed: `table` ("demo.chatmessage"), key `row`.

    `cause` is the key of the message that was being handled. The session of a socket is a row of "sessions.session".
    `shows` is what the row says of itself; only the demo's do, for a row of somebody's own may hold secrets.
    """

    table: str
    row: str
    shows: str = ""
    is_new: bool = False
    cause: str = ""


class ReplyChannelOpened(Event, frozen=True, kw_only=True, tag=True):
    """The interface server gave a connection its reply channel."""

    connection: str
    channel: str


class ChannelMeasured(Event, frozen=True, kw_only=True, tag=True):
    """What Redis itself says of one channel: entries in the list and how many of them still have a body."""

    channel: str
    length: int
    live: int


class KeySeen(msgspec.Struct, frozen=True, kw_only=True):
    """One key as Redis has it now: `kind` is "queue", "body", "group", "counter" or "other".

    `size` is bytes for strings, members or entries otherwise; `ttl` in seconds, negative: none, None: gone.
    `detail` is for people: a body's content, a counter's meaning. `members` of a sorted set, with their scores: in a
    group the time a channel joined, in seconds since the epoch.
    """

    name: str
    kind: str
    type: str
    size: int
    ttl: float | None
    detail: str = ""
    lifetime: float = 0.0
    members: tuple[tuple[str, float], ...] = ()


class KeysSeen(Event, frozen=True, kw_only=True, tag=True):
    """The keys of the private Redis, looked at because they are on the screen."""

    keys: tuple[KeySeen, ...]
    total: int
