# SPDX-License-Identifier: GPL-3.0-or-later
"""What both faces of the layer share: the arguments, and the operations as steps that a face takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from app.layer.crypto import seal_of
from app.layer.groups import Groups
from app.layer.hosts import Host, options, servers_of
from app.layer.keys import Keys
from app.layer.messages import SIZE_LIMIT
from app.layer.receiving import Command, Receiving
from app.layer.refused import ChannelFull, MessageTooLarge
from app.layer.resilience import Resilience
from app.layer.rules import Rules, check_amounts, checked_patterns
from app.layer.sending import Sending
from app.layer.shards import Ring
from app.layer.statistics import Statistics
from app.layer.upkeep import Upkeep


class Core:
    """The arguments of asgi_redis 1.4.3 in its order, then ours.

    Args:
        expiry: seconds after which an unread message is gone; may be changed at any time.
        hosts: one Redis or several (shards), each a URL (`redis://`, `rediss://`, `unix://`), (host, port), or
            {"sentinels": [(host, port), ...], "master_name": service}.
        prefix: what the keys of bodies, queues and groups begin with.
        group_expiry: seconds after which a membership that is not renewed is gone.
        capacity: messages a channel may hold.
        channel_capacity: capacities of channels by pattern, the first match counts: a str is a glob, a compiled
            regular expression is matched at the beginning of the name.
        symmetric_encryption_keys: the first encrypts bodies, all decrypt them.
        stats_prefix: what the keys of counters begin with.
        connection_kwargs: passed on to redis-py.
        services: with it, `hosts` are Sentinels and each service is a shard.
        message_limit: bytes that a message may have as JSON.
        receive: "atomic", or "classic": pop, GET and DEL are three commands, as in asgi_redis.
        resilience: drops and delays messages on purpose.
        strict_spec: a process-specific channel whose message expired unread leaves its groups, as ASGI 1.x asks and
            asgi_redis does not do; it costs a trip or two more for each message to such a channel.
    """

    ChannelFull: ClassVar[type[ChannelFull]] = ChannelFull
    MessageTooLarge: ClassVar[type[MessageTooLarge]] = MessageTooLarge
    extensions: ClassVar[list[str]] = ["groups", "flush", "statistics", "async"]

    def __init__(  # noqa: PLR0913, PLR0917 - the arguments of asgi_redis
        self,
        expiry: int = 60,
        hosts: Sequence[Host] | None = None,
        prefix: str = "asgi:",
        group_expiry: int = 86400,
        capacity: int = 100,
        channel_capacity: Mapping[str | re.Pattern[str], int] | None = None,
        symmetric_encryption_keys: Sequence[str] | None = None,
        stats_prefix: str = "asgi-meta:",
        connection_kwargs: Mapping[str, Any] | None = None,
        *,
        services: Sequence[str] | None = None,
        message_limit: int = SIZE_LIMIT,
        receive: Literal["atomic", "classic"] = "atomic",
        resilience: Resilience | None = None,
        strict_spec: bool = False,
    ) -> None:
        if not isinstance(prefix, str) or not isinstance(stats_prefix, str):
            raise ValueError("prefix and stats_prefix must be str.")
        if receive not in ("atomic", "classic"):
            raise ValueError(f'receive must be "atomic" or "classic", not {receive!r}.')
        check_amounts(expiry=expiry, group_expiry=group_expiry, capacity=capacity, message_limit=message_limit)
        self._options = options(connection_kwargs)
        self._servers = servers_of(hosts, services, self._options)
        self.rules = Rules(
            expiry=expiry,
            group_expiry=group_expiry,
            capacity=capacity,
            channel_capacity=checked_patterns(channel_capacity or {}),
            message_limit=message_limit,
            is_classic=receive == "classic",
            resilience=resilience,
            strict_spec=strict_spec,
            keys=Keys(prefix, stats_prefix),
            ring=Ring(len(self._servers)),
            seal=seal_of(symmetric_encryption_keys),
        )
        self._sending, self._receiving = Sending(self.rules), Receiving(self.rules)
        self._groups, self._statistics = Groups(self.rules), Statistics(self.rules)
        self._upkeep = Upkeep(self.rules, self._options["client_name"])

    def capacity_of(self, channel: str) -> int:
        """Return how many messages the channel may hold; everything under one `prefix!` shares it."""
        return self.rules.capacity_of(channel)

    @property
    def expiry(self) -> int:
        """Seconds after which an unread message is gone."""
        return self.rules.expiry

    @expiry.setter
    def expiry(self, seconds: int) -> None:
        self.rules.expiry = seconds

    @property
    def group_expiry(self) -> int:
        """Seconds after which a membership that is not renewed is gone."""
        return self.rules.group_expiry

    @property
    def capacity(self) -> int:
        """Messages a channel may hold, where `channel_capacity` says nothing else."""
        return self.rules.capacity

    @capacity.setter
    def capacity(self, messages: int) -> None:
        self.rules.capacity = messages

    @property
    def resilience(self) -> Resilience | None:
        """What is dropped and delayed on purpose, if anything."""
        return self.rules.resilience

    @resilience.setter
    def resilience(self, mode: Resilience | None) -> None:
        self.rules.resilience = mode

    @property
    def sends_one_by_one(self) -> bool:
        """Whether every send travels alone, of a list too: what fails on purpose is decided of each."""
        return self.rules.is_one_by_one

    @property
    def between(self) -> Callable[[Command, str, str], None] | None:
        """Called after each command of a classic receive: with what was done, the queue, and the message's key."""
        return self._receiving.between

    @between.setter
    def between(self, call: Callable[[Command, str, str], None] | None) -> None:
        self._receiving.between = call

    @property
    def channel_capacity(self) -> Mapping[str | re.Pattern[str], int]:
        """Capacities by pattern."""
        return self.rules.channel_capacity

    @property
    def prefix(self) -> str:
        """What the keys of bodies, queues and groups begin with."""
        return self.rules.keys.prefix

    @property
    def stats_prefix(self) -> str:
        """What the keys of counters begin with."""
        return self.rules.keys.stats_prefix

    @property
    def unreadable_count(self) -> int:
        """How many bodies were passed over because they are no messages."""
        return self._receiving.unreadable_count

    def __str__(self) -> str:
        return f"{type(self).__name__}(hosts={[server.url for server in self._servers]})"
