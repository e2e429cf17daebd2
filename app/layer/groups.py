# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups: sorted sets of channel names; a group send is one script, or one for each slice of a large group."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from app.layer import messages, names
from app.layer.copies import oldest_membership, send_all
from app.layer.keys import key_of, new_key, new_stem
from app.layer.receipts import Copies, Sent, Slice
from app.layer.rules import Rules
from app.layer.strict import Unread
from app.layer.trips import Pause, Script, Steps, Trip, plain, run

_ADD, _CHANNELS = Script.named("group_add"), Script.named("group_channels")


class _Parts:
    """The message of one group send in the parts that copies are made of."""

    def __init__(self, message: Mapping[str, Any], rules: Rules) -> None:
        whole = messages.encode(message, limit=rules.message_limit)
        header, longer = messages.header(len(message)), messages.header(len(message) + 1)
        entries = whole[len(header) :]
        self.words = (header, entries, longer, messages.CHANNEL_ENTRY)
        self.told = Copies(whole, longer + entries + messages.CHANNEL_ENTRY, float(rules.expiry))


class Groups:
    """The operations on groups."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._unread = Unread(rules)

    def add(self, group: str, channel: str) -> Steps[None]:
        """Let a channel join a group, or renew its membership."""
        shard, key = self._where(group)
        yield run(shard, _ADD, (key,), names.check_channel(channel), time.time(), self._rules.group_expiry)

    def discard(self, group: str, channel: str) -> Steps[None]:
        """Let a channel leave a group, if it is in it."""
        shard, key = self._where(group)
        yield plain(shard, "ZREM", key, names.check_channel(channel))

    def channels(self, group: str) -> Steps[list[str]]:
        """Name the members, after those whose membership has run out have left."""
        return [member.decode() for member in (yield from self._members(group))]

    def post(self, group: str, message: Mapping[str, Any]) -> Steps[Copies]:
        """Send a message to every member, and say of each what became of its copy.

        One atomic script, if it can make the copies. Otherwise the members are read first, and each server gets them in
        slices, each of which is atomic: large groups, several servers, encryption, and the resilience mode.
        """
        rules, parts = self._rules, _Parts(message, self._rules)
        shard, key = self._where(group)
        if rules.ring.count > 1 or not rules.seal.is_open or rules.resilience or rules.strict_spec:
            return (yield from self._post_to((yield from self._members(group)), parts))
        # Only members whose capacity may differ have to be known beforehand.
        known = (yield from self._members(group)) if rules.channel_capacity else []
        stem = new_stem()
        queues = map(_queue_of, known)
        is_done, members, *skipped = yield send_all(rules, shard, "group", stem, parts.words, queues, group=key)
        if not is_done:
            return (yield from self._post_to(members, parts))
        parts.told.slices.append(Slice(stem, members, skipped[0]))
        return parts.told

    def _members(self, group: str) -> Steps[list[bytes]]:
        shard, key = self._where(group)
        yield from self._unread.leave(shard, key)
        return (yield run(shard, _CHANNELS, (key,), oldest_membership(self._rules)))  # type: ignore[no-any-return]

    def _post_to(self, members: Sequence[bytes], parts: _Parts) -> Steps[Copies]:
        told, size = parts.told, self._rules.group_slice
        kept = yield from self._without_dropped(members, told)
        trips = []
        for shard, those in self._by_shard(kept).items():
            for start in range(0, len(those), size):
                told.slices.append(Slice(new_stem(), those[start : start + size], []))
                trips.append(self._trip(shard, told.slices[-1], parts))
        for one in told.slices:
            yield from self._unread.note((key_of(one.stem, n), one.members[n - 1].decode()) for n in one.numbers)
        replies = (yield trips) if trips else ()
        for one, reply in zip(told.slices, replies, strict=True):
            if isinstance(reply, Exception):
                raise reply
            one.skipped.extend(reply[2])
            left_out = map(abs, one.skipped)
            yield from self._unread.strike((key_of(one.stem, n), one.members[n - 1].decode()) for n in left_out)
        return told

    def _trip(self, shard: int, one: Slice, parts: _Parts) -> Trip:
        queues = map(_queue_of, one.members) if self._rules.channel_capacity else ()
        if self._rules.seal.is_open:
            return send_all(self._rules, shard, "names", one.stem, parts.words, queues, one.members)
        words = [word for member in one.members for word in (member, self._sealed(member, parts.told))]
        return send_all(self._rules, shard, "bodies", one.stem, queues=queues, members=words)

    def _sealed(self, member: bytes, told: Copies) -> bytes:
        return self._rules.seal.close(messages.copy_for(member, told.whole, told.longer))

    def _by_shard(self, members: Sequence[bytes]) -> dict[int, Sequence[bytes]]:
        if self._rules.ring.count == 1:
            return {0: members}
        shards: dict[int, list[bytes]] = {}
        for member in members:
            shards.setdefault(self._rules.ring.for_send(_queue_of(member)), []).append(member)
        return dict(shards)

    def _without_dropped(self, members: Sequence[bytes], told: Copies) -> Steps[Sequence[bytes]]:
        """Apply the resilience mode: tell what it throws away, and wait as long as the slowest copy."""
        if self._rules.resilience is None:
            return members
        decisions = [self._rules.resilience.decide(_queue_of(member)) for member in members]
        for member, (is_dropped, _) in zip(members, decisions, strict=True):
            if is_dropped:
                body = messages.copy_for(member, told.whole, told.longer)
                told.dropped.append(Sent(new_key(), member.decode(), body, told.expiry, True))
        if longest := max((seconds for _, seconds in decisions), default=0.0):
            yield Pause(longest)
        return [member for member, (is_dropped, _) in zip(members, decisions, strict=True) if not is_dropped]

    def _where(self, group: str) -> tuple[int, str]:
        return self._rules.ring.of(names.check_group(group)), self._rules.keys.group(group)


def _queue_of(member: bytes) -> str:
    return names.queue_of(member.decode())
