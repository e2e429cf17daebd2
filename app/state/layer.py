# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of messages, channels and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import events as e
from app.entities import Channel, Fate, Message
from app.state import untold
from app.state.world import EARLY_LIMIT, GROUP_LIMIT, MEMBER_LIMIT, MESSAGE_LIMIT, World, forget_first

# Nothing was heard of the message itself since it was sent; what is, corrects it.
UNHEARD = (Fate.WAITING, Fate.WIPED, Fate.UNSEEN)
NEVER_FETCHED = "never fetched"
_LOST_AS = {
    "worker killed": Fate.LOST,
    NEVER_FETCHED: Fate.LOST,
    "no route": Fate.NO_ROUTE,
    "socket closed": Fate.SOCKET_CLOSED,
    "unreadable": Fate.UNREADABLE,
    "dropped on purpose": Fate.DROPPED,
}


def sent(world: World, event: e.MessageSent) -> None:
    if event.key in world.messages:
        return
    message = Message(
        event.key, event.channel, event.body, event.t, event.expiry, event.source,
        event.cause, event.connection, event.n, event.group, sending=event.took,
    )  # fmt: skip
    world.messages[event.key] = message
    world.weight += len(event.body)
    world.owned.add(event.key)
    world.fates[Fate.WAITING] += 1
    channel = world.channel_of(event.channel)
    channel.sent += 1
    channel.unseen = max(channel.unseen - 1, 0)  # Redis may have been asked before we heard of the sending
    channel.waiting[event.key] = world.clock.at(event.t) + event.expiry
    if event.cause:
        world.effects[event.cause] = [*world.effects.get(event.cause, ()), event.key]  # copies share the one before
        forget_first(world.effects, MESSAGE_LIMIT)
    if event.connection and event.n:
        world.origins[event.connection, "client", event.n] = event.key
        forget_first(world.origins, MESSAGE_LIMIT)
    for old in world.forget_messages():
        leave(world.channel_of(old.channel), old.key)
        if old.fate.is_open:
            world.fates[old.fate] -= 1
            world.fates[Fate.UNSEEN] += 1
    for early in world.early.pop(event.key, ()):
        _EARLY[type(early)](world, message, early)
    if event.t <= world.wiped:
        wipe(world, message, world.wiped)
    if world.blind:
        untold.catch_up(world, message)


def keep_early(world: World, event: Any) -> None:
    world.early[event.key] = [*world.early.get(event.key, ()), event]
    forget_first(world.early, EARLY_LIMIT)


def leave(channel: Channel, key: str) -> None:
    """It is no longer in the queue."""
    channel.waiting.pop(key, None)
    channel.left.pop(key, None)
    channel.bodies.pop(key, None)


def held_within_receive(world: World, message: Message, event: e.MessageHeld) -> None:
    """A worker has popped its place in the queue; until the DEL its body is still there."""
    channel = world.channel_of(message.channel)
    due = channel.waiting.get(event.key) or channel.bodies.get(event.key)
    leave(channel, event.key)
    if event.gate != "deleted" and due:
        channel.bodies[event.key] = due
    message.taken_by, message.popped = event.source, message.popped or event.t
    if message.fate in UNHEARD:
        world.move(message, Fate.HELD)
        message.ended = 0.0


def received(world: World, message: Message, event: e.MessageReceived) -> None:
    channel = world.channel_of(message.channel)
    channel.received += 1
    leave(channel, event.key)
    channel.ghosts.pop(event.key, None)
    message.taken_by, message.received, message.popping = event.source, event.t, event.took
    if event.source == "server":
        message.became = (event.connection, event.n)
        if event.connection and event.n:
            world.origins[event.connection, "server", event.n] = event.key
        world.end(message, Fate.DELIVERED, event.t)
    elif event.cause:
        world.end(message, Fate.DELIVERED, event.t)
    elif message.fate in UNHEARD:
        world.move(message, Fate.HELD)
        message.ended = 0.0


def consumed(world: World, message: Message, event: e.ConsumerFinished | e.ConsumerFailed) -> None:
    world.end(message, Fate.DELIVERED, event.t)


def started(world: World, message: Message, event: e.ConsumerStarted) -> None:
    message.started, message.consumer = event.t, event.consumer


def expired(world: World, message: Message, event: e.MessageExpired) -> None:
    if message.fate in UNHEARD:
        world.end(message, Fate.EXPIRED, event.t)
        channel = world.channel_of(message.channel)
        leave(channel, event.key)
        channel.ghosts[event.key] = event.t


def lost(world: World, message: Message, event: e.MessageLost) -> None:
    channel = world.channel_of(message.channel)
    due = channel.bodies.get(event.key, 0.0)
    leave(channel, event.key)
    if due and event.reason == "worker killed":  # nobody fetches its body any more
        channel.bodies[event.key] = due
    if event.reason != NEVER_FETCHED or message.fate is not Fate.WIPED:  # a body that was wiped is missing, too
        world.end(message, _LOST_AS[event.reason], event.t)
        if message.fate is _LOST_AS[event.reason]:
            message.reason = event.reason


def ghosts_passed(world: World, event: e.GhostsPassed) -> None:
    for key in event.keys:
        if message := world.own(key):  # Redis may tell of its expiry only after this
            if _is_popped(message):
                world.move(message, Fate.WAITING)
            expired(world, message, e.MessageExpired(t=event.t, source=event.source, key=key))
        world.channel_of(event.channel).ghosts.pop(key, None)


def refused(world: World, event: e.MessageRefused) -> None:
    world.refused += 1
    world.channel_of(event.channel).refused += 1


def skipped(world: World, event: e.MessageSkipped) -> None:
    world.skipped += 1
    world.channel_of(event.channel).refused += 1


def wiped(world: World, event: e.MessagesWiped) -> None:
    world.wiped = max(world.wiped, event.t)
    for key, one in [*world.messages.items()]:
        if one.sent > event.t or not (one.fate is Fate.WAITING or _is_popped(one)):
            continue
        if message := world.own(key):
            wipe(world, message, event.t)
    for channel in world.channels.values():
        channel.ghosts.clear()
        channel.bodies.clear()
        channel.unseen = channel.unseen_ghosts = 0
    world.groups.clear()


def wipe(world: World, message: Message, t: float) -> None:
    if message.fate is Fate.WAITING or _is_popped(message):
        world.end(message, Fate.WIPED, t)
        leave(world.channel_of(message.channel), message.key)


def _is_popped(message: Message) -> bool:
    """Whether a worker is in the middle of receiving it."""
    return message.fate is Fate.HELD and not message.received


def group_added(world: World, event: e.GroupAdded) -> None:
    # Another process may have told already that it left, or that all groups were wiped.
    if event.t < max(world.departed.get((event.group, event.channel), 0.0), world.wiped):
        return
    members = world.groups.setdefault(event.group, {})
    members[event.channel] = event.t
    world.forget("members of groups", members, MEMBER_LIMIT)
    world.forget("groups", world.groups, GROUP_LIMIT)


def group_discarded(world: World, event: e.GroupDiscarded) -> None:
    world.departed[event.group, event.channel] = event.t
    forget_first(world.departed, EARLY_LIMIT)
    members = world.groups.get(event.group, {})
    if members.get(event.channel, 0.0) <= event.t:
        members.pop(event.channel, None)
    if not members:
        world.groups.pop(event.group, None)


def group_empty(world: World, event: e.GroupEmpty) -> None:
    if event.cause:
        world.unheard[event.cause] = (*world.unheard.get(event.cause, ()), event.group)
        forget_first(world.unheard, MESSAGE_LIMIT)


def row_saved(world: World, event: e.RowSaved) -> None:
    place = event.table, event.row
    world.tables[event.table] = world.tables.get(event.table, 0) + event.is_new
    world.saved[event.cause] = (*world.saved.get(event.cause, ()), event)
    world.saves[place] = (*world.saves.get(place, ())[:1], event)
    forget_first(world.saved, MESSAGE_LIMIT)
    forget_first(world.saves, MESSAGE_LIMIT)


def reply_channel(world: World, event: e.ReplyChannelOpened) -> None:
    if connection := world.connections.get(event.connection):
        connection.reply_channel = event.channel


def measured(world: World, event: e.ChannelMeasured) -> None:
    channel = world.channel_of(event.channel)
    untold.measured(world, channel, event)
    ghosts = max(event.length - event.live, 0)
    while len(channel.ghosts) > ghosts:
        del channel.ghosts[next(iter(channel.ghosts))]
    channel.unseen = max(event.live - len(channel.waiting), 0)
    channel.unseen_ghosts = ghosts - len(channel.ghosts)


def keys(world: World, event: e.KeysSeen) -> None:
    world.keys = event


HANDLERS: dict[type[e.Event], Callable[[World, Any], None]] = {
    e.MessageSent: sent,
    e.GhostsPassed: ghosts_passed,
    e.MessageRefused: refused,
    e.MessageSkipped: skipped,
    e.MessagesWiped: wiped,
    e.GroupAdded: group_added,
    e.GroupDiscarded: group_discarded,
    e.GroupEmpty: group_empty,
    e.RowSaved: row_saved,
    e.ReplyChannelOpened: reply_channel,
    e.ChannelMeasured: measured,
    e.KeysSeen: keys,
}

# What is said of one message, by its key.
STORY: dict[type[e.Event], Callable[[World, Message, Any], None]] = {
    e.MessageReceived: received,
    e.ConsumerStarted: started,
    e.ConsumerFinished: consumed,
    e.ConsumerFailed: consumed,
    e.MessageExpired: expired,
    e.MessageLost: lost,
}


def told(kind: type[e.Event], also: Callable[[World, Any], None] | None) -> Callable[[World, Any], None]:
    """Return what to do with an event of one message, wherever else it matters `also`."""
    story = STORY[kind]

    def handle(world: World, event: Any) -> None:
        message = world.own(event.key)
        if message is None:
            keep_early(world, event)
        else:
            story(world, message, event)
        if also:
            also(world, event)

    return handle


_EARLY = STORY | {e.MessageHeld: held_within_receive}  # those that may be told before the sending
