# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups: sorted sets of channel names; a group send is one script, or one for each slice of a large group."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from app.layer import messages, names
from app.layer.copies import key_of, new_stem, oldest_membership, send_all
from app.layer.receipts import Sent, Skipped
from app.layer.resp import Word
from app.layer.rules import Rules
from app.layer.trips import Pause, Script, Steps, plain, run

Copies = tuple[Sent | Skipped, ...]

_ADD, _CHANNELS = Script.named("group_add"), Script.named("group_channels")


class _Copies:
    """The message of one group send, and the copy that each member gets."""

    def __init__(self, message: Mapping[str, Any], rules: Rules) -> None:
        self._whole = messages.encode(message, limit=rules.message_limit)
        self.header, self.longer = messages.header(len(message)), messages.header(len(message) + 1)
        self.entries = self._whole[len(self.header) :]
        self._longer_start = self.longer + self.entries + messages.CHANNEL_ENTRY
        self.words = (self.header, self.entries, self.longer, messages.CHANNEL_ENTRY)
        self._rules = rules

    def body(self, member: bytes) -> bytes:
        return self._longer_start + messages.NAME_HEADS[len(member)] + member if b"!" in member else self._whole

    def sealed(self, members: Iterable[bytes]) -> list[Word]:
        return [one for member in members for one in (member, self._rules.seal.close(self.body(member)))]

    def receipts(self, stem: str, members: Sequence[bytes], skipped: Sequence[int]) -> list[Sent | Skipped]:
        """Return what became of each member's copy; `skipped` are their numbers from 1."""
        expiry, body = float(self._rules.expiry), self.body
        copies: list[Sent | Skipped] = [
            Sent(key_of(stem, number), member.decode(), body(member), expiry)
            for number, member in enumerate(members, 1)
        ]
        for number in skipped:
            place = abs(number) - 1
            copies[place] = Skipped(members[place].decode(), "full" if number > 0 else "wrong type")
        return copies


class Groups:
    """The operations on groups."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

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
        rules, copies = self._rules, _Copies(message, self._rules)
        shard, key = self._where(group)
        if rules.ring.count > 1 or not rules.seal.is_open or rules.resilience:
            return (yield from self._post_to((yield from self._members(group)), copies))
        # Only members whose capacity may differ have to be known beforehand.
        known = (yield from self._members(group)) if rules.channel_capacity else []
        stem = new_stem()
        queues = map(_queue_of, known)
        is_done, members, *skipped = yield send_all(rules, shard, "group", stem, copies.words, queues, group=key)
        if is_done:
            return tuple(copies.receipts(stem, members, skipped[0]))
        return (yield from self._post_to(members, copies))

    def _members(self, group: str) -> Steps[list[bytes]]:
        shard, key = self._where(group)
        return (yield run(shard, _CHANNELS, (key,), oldest_membership(self._rules)))  # type: ignore[no-any-return]

    def _post_to(self, members: Sequence[bytes], copies: _Copies) -> Steps[Copies]:
        told: list[Sent | Skipped] = []
        kept = yield from self._without_dropped(members, copies, told)
        for shard, those in self._by_shard(kept).items():
            for start in range(0, len(those), self._rules.group_slice):
                told += yield from self._post_slice(shard, those[start : start + self._rules.group_slice], copies)
        return tuple(told)

    def _post_slice(self, shard: int, members: Sequence[bytes], copies: _Copies) -> Steps[list[Sent | Skipped]]:
        stem = new_stem()
        queues = map(_queue_of, members) if self._rules.channel_capacity else ()
        if self._rules.seal.is_open:
            trip = send_all(self._rules, shard, "names", stem, copies.words, queues, members)
        else:
            trip = send_all(self._rules, shard, "bodies", stem, queues=queues, members=copies.sealed(members))
        _, _, skipped = yield trip
        return copies.receipts(stem, members, skipped)

    def _by_shard(self, members: Sequence[bytes]) -> dict[int, Sequence[bytes]]:
        if self._rules.ring.count == 1:
            return {0: members}
        shards: dict[int, list[bytes]] = {}
        for member in members:
            shards.setdefault(self._rules.ring.for_send(_queue_of(member)), []).append(member)
        return dict(shards)

    def _without_dropped(
        self, members: Sequence[bytes], copies: _Copies, told: list[Sent | Skipped]
    ) -> Steps[Sequence[bytes]]:
        """Apply the resilience mode: tell what it throws away, and wait as long as the slowest copy."""
        if self._rules.resilience is None:
            return members
        decisions = [self._rules.resilience.decide(_queue_of(member)) for member in members]
        for member, (is_dropped, _) in zip(members, decisions, strict=True):
            if is_dropped:
                (sent,) = copies.receipts(new_stem(), [member], ())
                told.append(msgspec.structs.replace(sent, is_dropped=True))
        if longest := max((seconds for _, seconds in decisions), default=0.0):
            yield Pause(longest)
        return [member for member, (is_dropped, _) in zip(members, decisions, strict=True) if not is_dropped]

    def _where(self, group: str) -> tuple[int, str]:
        return self._rules.ring.of(names.check_group(group)), self._rules.keys.group(group)


def _queue_of(member: bytes) -> str:
    return names.queue_of(member.decode())
