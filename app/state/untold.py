# SPDX-License-Identifier: GPL-3.0-or-later
"""What the state makes of what it was not told: of observations that were dropped, or that are long under way.

What Redis says is in a queue is the truth: a message that is there no longer does not wait, whoever took it. Its fate
comes with the news; where the news was dropped, as its source's totals say, the fate is that it was not seen. What is
heard later all the same corrects it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

from app import events as e
from app.entities import Channel, Fate, Message
from app.state.world import World

ENDS = (  # kinds that tell what became of a message; a source that dropped some of them leaves fates open
    "MessageReceived", "ConsumerFinished", "ConsumerFailed", "MessageLost", "MessageExpired", "GhostsPassed",
)  # fmt: skip
NEWS = 0.5  # seconds that the news of a message takes at most while nothing is behind


def dropped(world: World, event: e.EventsDropped) -> None:
    """Observations were dropped; what they were is told by those that count (the others are guests)."""
    world.events_dropped += event.count
    if event.source not in world.counted:
        _blinded(world, event.source, event.t)


def counters(world: World, event: e.CountersSeen) -> None:
    """Count what was dropped as what it was, and let go what a worker no longer holds."""
    before = world.counted.get(event.source)
    world.counted[event.source] = event
    known = before.unsaid if before else {}
    new = {kind: count - known.get(kind, 0) for kind, count in event.unsaid.items()}
    for kind, count in new.items():
        world.unsaid[kind] = world.unsaid.get(kind, 0) + count
    world.fates[Fate.UNSEEN] += new.get("MessageSent", 0)
    world.refused += new.get("MessageRefused", 0)
    world.skipped += new.get("MessageSkipped", 0)
    if any(new.get(kind) for kind in ENDS):
        _blinded(world, event.source, event.t)
    if world.blind and event.source in world.workers:
        _let_go(world, event)


def measured(world: World, channel: Channel, event: e.ChannelMeasured) -> None:
    """Redis has fewer than we think wait: the oldest were taken, even if nobody has told it yet."""
    for key in list(islice(channel.waiting, max(len(channel.waiting) - event.live, 0))):
        message = world.messages.get(key)
        if message is None or message.sent < event.t - NEWS:
            del channel.waiting[key]
            channel.left[key] = message.sent if message else 0.0
    if world.blind:
        _settle(world, channel)


def catch_up(world: World, message: Message) -> None:
    """Of a message it was told only now that it was sent: what else there was to tell may have been dropped."""
    counted = world.counted.get(message.taken_by)
    if message.fate is Fate.HELD and counted and message.received <= counted.t and not counted.holding:
        world.end(message, Fate.UNSEEN, message.received)


def _blinded(world: World, source: str, t: float) -> None:
    """What a source told until `t` is not all: what left its queue by nobody's word has its fate."""
    world.blind[source] = t
    for channel in world.channels.values():
        _settle(world, channel)


def _settle(world: World, channel: Channel) -> None:
    until = max(world.blind.values())
    for key in [key for key, sent in channel.left.items() if sent <= until]:
        del channel.left[key]
        if (message := world.own(key)) and message.fate is Fate.WAITING:
            world.end(message, Fate.UNSEEN, until)


def _let_go(world: World, event: e.CountersSeen) -> None:
    """A worker holds so many: the newest of those that we believe it has."""
    held = [
        message
        for message in world.messages.values()
        if message.fate is Fate.HELD and message.taken_by == event.source and message.received <= event.t
    ]
    held.sort(key=lambda message: message.received)
    for message in held[: max(len(held) - event.holding, 0)]:
        if own := world.own(message.key):
            world.end(own, Fate.UNSEEN, event.t)
    worker = world.workers[event.source]
    if not event.holding and worker.status == "running" and worker.since <= event.t:
        worker.status = worker.stopped_from = "idle"
        worker.key = worker.consumer = ""
        worker.since = event.t


HANDLERS: dict[type[e.Event], Callable[[World, Any], None]] = {e.EventsDropped: dropped, e.CountersSeen: counters}
