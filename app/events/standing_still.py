# SPDX-License-Identifier: GPL-3.0-or-later
"""The live system standing still, slowed down, or made to fail."""

from __future__ import annotations

from typing import Literal

from app.events.base import Event

# In the order of a message's way. Three of them lie within a receive of three commands (receive="classic").
Gate = Literal["send", "receive", "popped", "fetched", "deleted", "consumer", "replies", "frames"]
WITHIN_RECEIVE: tuple[Gate, ...] = ("popped", "fetched", "deleted")  # after BLPOP, after GET, after DEL


class Frozen(Event, frozen=True, kw_only=True, tag=True):
    """The live system stands still: every gate holds what comes, and no key in Redis grows older."""


class Thawed(Event, frozen=True, kw_only=True, tag=True):
    """It goes on, after it stood still for `seconds`: what was left of every key's life is left now."""

    seconds: float


class SpeedSet(Event, frozen=True, kw_only=True, tag=True):
    """Slow motion: every gate holds each message so long that it goes at `speed`; at 1 none is held.

    `redis`: the speed of Redis's clock from now on; another program's Redis is left alone.
    """

    speed: float
    redis: float = 1.0


class GatesSet(Event, frozen=True, kw_only=True, tag=True):
    """On a pipe only: a process has heard of a freeze, a thaw or another speed, and obeys from now on."""


class DelaysMoved(Event, frozen=True, kw_only=True, tag=True):
    """On a pipe only: what a delay server keeps is due at other times now, since time stood still or goes slower."""


class MessageHeld(Event, frozen=True, kw_only=True, tag=True):
    """A message waits at a gate; `number` tells it from all others that the gates of `source` have held.

    `channel` is where it is, or where it goes (a group's name at "replies", when `group` is set too). At "send" and
    "replies" it has no `key` yet: `connection` and `n` name the WebSocket message it comes from, `cause` is the message
    whose consumer sends it. `behind` more wait behind it that the gate has not seen. At the gates within a receive a
    worker has its place in the queue already, but has not said that it received it.
    """

    gate: Gate
    number: int
    channel: str
    key: str = ""
    cause: str = ""
    group: str = ""
    connection: str = ""
    n: int = 0
    behind: int = 0


class MessagePassed(Event, frozen=True, kw_only=True, tag=True):
    """A message that a gate of `source` held has gone on, or is given up with its run when `is_dropped`."""

    gate: Gate
    number: int
    is_dropped: bool = False


class Stepped(Event, frozen=True, kw_only=True, tag=True):
    """One step: `source` let this message pass one gate; with `is_empty`, there was nothing to receive."""

    gate: Gate
    channel: str
    key: str = ""
    is_empty: bool = False


class FaultsSet(Event, frozen=True, kw_only=True, tag=True):
    """From now on messages are thrown away or held back on purpose, by globs of channels (app.settings.Faults)."""

    drop: dict[str, float]
    delay: dict[str, float]
    seed: int
