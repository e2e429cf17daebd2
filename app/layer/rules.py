# SPDX-License-Identifier: GPL-3.0-or-later
"""What a channel layer is set up with."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.layer.crypto import NoSeal, Seal
from app.layer.keys import Keys
from app.layer.messages import SIZE_LIMIT
from app.layer.names import queue_of
from app.layer.resilience import Resilience
from app.layer.shards import Ring

GROUP_SLICE = 2000  # members served by one script; more than these would block Redis for too long


@dataclass
class Rules:
    """`expiry` (seconds) and the default `capacity` (messages) may be changed at any time, the others may not."""

    expiry: int = 60
    group_expiry: int = 86400
    capacity: int = 100
    channel_capacity: Mapping[str | re.Pattern[str], int] = field(default_factory=dict)
    message_limit: int = SIZE_LIMIT
    group_slice: int = GROUP_SLICE
    is_classic: bool = False
    strict_spec: bool = False
    resilience: Resilience | None = None
    keys: Keys = field(default_factory=lambda: Keys("asgi:", "asgi-meta:"))
    ring: Ring = field(default_factory=lambda: Ring(1))
    seal: Seal = field(default_factory=NoSeal)

    @property
    def is_one_by_one(self) -> bool:
        """Whether every send travels alone: what fails on purpose, and what is noted, is so of each."""
        return self.resilience is not None or self.strict_spec

    def capacity_of(self, channel: str) -> int:
        """Return how many messages the channel may hold; everything under one `prefix!` shares it."""
        special = self.special_capacity_of(queue_of(channel))
        return self.capacity if special is None else special

    def special_capacity_of(self, queue: str) -> int | None:
        """Return the same where a pattern says it, None where the default applies."""
        for pattern, capacity in self.channel_capacity.items():
            found = fnmatch.fnmatchcase(queue, pattern) if isinstance(pattern, str) else pattern.match(queue)
            if found:
                return capacity
        return None


def check_amounts(**amounts: int) -> None:
    """Refuse what is no amount.

    Raises:
        ValueError: one is no whole number, or too small.
    """
    for name, amount in amounts.items():
        least = 0 if name == "capacity" else 1
        if not isinstance(amount, int) or amount < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, not {amount!r}.")


def checked_patterns(given: Mapping[str | re.Pattern[str], int]) -> Mapping[str | re.Pattern[str], int]:
    """Return capacities by glob or regular expression, in their order.

    Raises:
        ValueError: they are none.
    """
    is_map = isinstance(given, Mapping)
    if not is_map or not all(isinstance(k, str | re.Pattern) and isinstance(n, int) for k, n in given.items()):
        raise ValueError(f"channel_capacity must be a dict from a glob or a compiled pattern to an int, not {given!r}.")
    return dict(given)
