# SPDX-License-Identifier: GPL-3.0-or-later
"""The one script that writes many messages: the copies of a group send, or several sends at once."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Literal

from app.layer.resp import Word
from app.layer.rules import Rules
from app.layer.trips import Script, Trip, run

Source = Literal["group", "names", "bodies"]  # see lua/send_group.lua

NO_COPY = (b"", b"", b"", b"")  # every message comes with a body of its own

_SEND_GROUP = Script.named("send_group")


def oldest_membership(rules: Rules) -> int:
    """Return the time after which a channel must have joined a group to be a member of it still."""
    return int(time.time()) - rules.group_expiry


def send_all(
    rules: Rules,
    shard: int,
    source: Source,
    stem: str,
    copy: tuple[bytes, ...] = NO_COPY,
    queues: Iterable[str] = (),
    members: Iterable[Word] = (),
    group: str = "",
) -> Trip:
    """Return the trip; `queues` are those whose capacity may differ from the usual one."""
    capacities = {queue: rules.capacity_of(queue) for queue in set(queues)} if rules.channel_capacity else {}
    return run(
        shard, _SEND_GROUP, (group,) if group else (),
        source, rules.expiry, rules.capacity, rules.keys.prefix, rules.keys.stats_prefix, stem,
        oldest_membership(rules), rules.group_slice, *copy,
        len(capacities), *(word for pair in capacities.items() for word in pair), *members,
    )  # fmt: skip
