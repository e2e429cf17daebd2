# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel layer says it did, with the identity of each message, so that it can be followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, overload

import msgspec

from app.layer.keys import key_of
from app.layer.messages import copy_for


class Sent(msgspec.Struct, frozen=True):
    """A message is in its channel: `key` is the 32 hex digits of its body key, `expiry` in seconds from now.

    `body` is the message's msgpack (before encryption). `is_dropped`: the resilience mode threw it away instead.
    """

    key: str
    channel: str
    body: bytes
    expiry: float
    is_dropped: bool = False


class Skipped(msgspec.Struct, frozen=True):
    """A group member got no copy: its channel was full, or its key holds something of another type."""

    channel: str
    reason: Literal["full", "wrong type"] = "full"


class Slice(msgspec.Struct, frozen=True):
    """The copies that one script made, or left out: `skipped` are numbers of members, negative for a wrong type.

    Members count from 1. The key of a copy is `stem` and the member's number.
    """

    stem: str
    members: Sequence[bytes]
    skipped: list[int]

    @property
    def numbers(self) -> range:
        """The members' numbers."""
        return range(1, len(self.members) + 1)


class Copies(Sequence["Sent | Skipped"]):
    """What became of each member's copy of a group's message; worked out when somebody looks at it.

    `whole` is the message's body, `longer` the beginning of the body of a copy for a process-specific channel.
    """

    def __init__(self, whole: bytes, longer: bytes, expiry: float) -> None:
        self.whole, self.longer, self.expiry = whole, longer, expiry
        self.slices: list[Slice] = []
        self.dropped: list[Sent] = []  # thrown away by the resilience mode
        self._all: list[Sent | Skipped] = []

    def __len__(self) -> int:
        return len(self.dropped) + sum(len(one.members) for one in self.slices)

    @overload
    def __getitem__(self, place: int) -> Sent | Skipped: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Sent | Skipped]: ...
    def __getitem__(self, place: int | slice) -> Sent | Skipped | Sequence[Sent | Skipped]:
        if len(self._all) != len(self):
            self._all = [*self.dropped, *(copy for one in self.slices for copy in self._copies(one))]
        return self._all[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def _copies(self, one: Slice) -> Iterator[Sent | Skipped]:
        skipped = set(one.skipped)
        for number, member in enumerate(one.members, 1):
            if number in skipped or -number in skipped:
                yield Skipped(member.decode(), "full" if number in skipped else "wrong type")
            else:
                body = copy_for(member, self.whole, self.longer)
                yield Sent(key_of(one.stem, number), member.decode(), body, self.expiry)


class Taken(msgspec.Struct, frozen=True):
    """One look into a queue that was not empty.

    The last trip to Redis, which brought the body, `took` so many seconds; where the body came with the news that there
    is one, the command that deleted it did.
    `ghosts` are the keys of expired messages that were passed in `queue`. Then one of three:
    a message (`message` is a dict, `key` its identity, `channel` its full name); an unreadable body (`key`, but
    `message` is None, `body` as found); or nothing but ghosts (`key` is empty): look again.
    """

    queue: str
    channel: str
    key: str
    message: dict[str, Any] | None
    body: bytes = b""
    ghosts: tuple[str, ...] = ()
    took: float = 0.0
