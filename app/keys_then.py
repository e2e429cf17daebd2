# SPDX-License-Identifier: GPL-3.0-or-later
"""What was in Redis at a moment of the past, worked out from the events: the keys of messages, queues and groups.

Redis itself is looked at only while its keys are on the screen; what the channel layer did to it is told always, so its
keys can be named for any moment. Counters and keys of others cannot: nobody tells of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.entities import Channel, Message
from app.events import KeySeen, KeysSeen
from app.layer.describe import describe
from app.settings import PREFIX, Settings
from app.state import State

PREVIEW = 160  # characters
MARGIN = 1.0  # seconds that a queue outlives its newest message (asgi1_checklist §14)


def keys_then(state: State, now: float) -> KeysSeen:
    """Return the keys that there were at `now`, of which `state` is the state."""
    prefix = state.settings.prefix if state.settings else PREFIX
    keys = (*_queues(state, prefix, now), *_bodies(state, prefix, now), *_groups(state, prefix, now))
    return KeysSeen(t=now, source="events", keys=keys, total=len(keys))


def _queues(state: State, prefix: str, now: float) -> Iterator[KeySeen]:
    for channel in state.channels.values():
        size = len(channel.waiting) + len(channel.ghosts)
        if size:
            due = max([*channel.waiting.values(), *map(state.clock.at, channel.ghosts.values())])
            lifetime = (state.settings.expiry if state.settings else Settings.expiry) + MARGIN
            yield _key(prefix + channel.name, "queue", "list", size, due + MARGIN - state.clock.at(now), lifetime)


def _bodies(state: State, prefix: str, now: float) -> Iterator[KeySeen]:
    for channel in state.channels.values():
        for key in (*channel.waiting, *bodies_of(state, channel, now)):
            if message := state.messages.get(key):
                yield _body(message, prefix, state.left(message, now))


def bodies_of(state: State, channel: Channel, now: float) -> list[str]:
    """Return the keys of bodies whose places in the queue are gone, as long as they live."""
    then = state.clock.at(now)
    return [key for key, due in channel.bodies.items() if due > then]


def _body(message: Message, prefix: str, left: float) -> KeySeen:
    detail = describe(message.body)[:PREVIEW]
    return _key(prefix + message.key, "body", "string", len(message.body), left, message.expiry, detail)


def _groups(state: State, prefix: str, now: float) -> Iterator[KeySeen]:
    lifetime = float(Settings.group_expiry)
    for group, members in state.groups.items():
        left = lifetime - state.clock.between(max(members.values()), now)
        name = f"{prefix}:group:{group}"
        yield KeySeen(
            name=name, kind="group", type="zset", size=len(members), ttl=max(left, 0.0), lifetime=lifetime,
            members=tuple(members.items()),
        )  # fmt: skip


def _key(name: str, kind: str, type_: str, size: int, ttl: float, lifetime: float, detail: str = "") -> KeySeen:
    return KeySeen(name=name, kind=kind, type=type_, size=size, ttl=max(ttl, 0.0), detail=detail, lifetime=lifetime)


def compare(before: KeysSeen, after: KeysSeen) -> dict[str, str]:
    """Return what became of each key that differs between two moments: "new", "gone" or what it has now beside then."""
    old, new = ({key.name: key for key in keys.keys} for keys in (before, after))
    found = {name: "new" for name in new if name not in old} | {name: "gone" for name in old if name not in new}
    for name in old.keys() & new.keys():
        if old[name].size != new[name].size:
            found[name] = f"{old[name].size} → {new[name].size}"
    return found
