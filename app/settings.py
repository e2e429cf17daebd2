# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults with their units, and what the command line may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PREFIX = "asgi:"
STATS_PREFIX = "asgi-meta:"
EVENT_LIMIT = 50_000  # events kept in the store; older ones are folded into its base state
BODY_LIMIT = 64 * 1024 * 1024  # bytes of messages' bodies kept in the store's events, and as many in its state
FRAME_LIMIT = 1_000_000  # rows of the live frame index
SPOOL_LIMIT = 512 * 1024 * 1024  # bytes of the live session kept for looking at
INBOX_LIMIT = 200_000  # events waiting for the window before the inbox must drop
TICK = 0.033  # seconds between two pumps of the inbox


# Which pages may open a socket: our own, those of our hosts whatever their port, any (app/server/hosts.py).
OriginCheck = Literal["origin", "hosts", "none"]


@dataclass(frozen=True)
class Duty:
    """Which of its routing's channels a worker listens to: those that match a glob of `only` and none of `exclude`.

    An empty `only` means all of them.
    """

    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """The options of Channels 1.x's `runworker` and of our workers for it."""
        named = (("--only-channels", self.only), ("--exclude-channels", self.exclude))
        return tuple(f"{option}={glob}" for option, globs in named for glob in globs)


@dataclass(frozen=True)
class Faults:
    """What goes wrong on purpose, by globs of channels (the first that matches counts).

    `drop`: the share of messages, 0 to 1, that is thrown away; `delay`: the most seconds that a send takes longer. The
    same `seed` and the same sends give the same story.
    """

    drop: Mapping[str, float] = field(default_factory=dict)
    delay: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    @property
    def options(self) -> tuple[str, ...]:
        """The options of workers and interface server for it."""
        named = (("--drop", self.drop), ("--delay", self.delay))
        options = tuple(f"{option}={glob}={value:g}" for option, values in named for glob, value in values.items())
        return (*options, f"--seed={self.seed}") if options else ()


@dataclass(frozen=True)
class Settings:
    """What one run of the live system is set up with.

    `expiry` and `group_expiry` are seconds, `capacity` is messages a channel; `redis` is a URL or a path to a server
    program, empty for the private one; `data` is a folder for the demo's database, empty for a temporary one.
    `receive` is how workers take messages (docs/channel-layer.md), `consumer_seconds` how long a line keeps the chat.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 3
    expiry: int = 60
    group_expiry: int = 86400
    capacity: int = 100
    receive: Literal["atomic", "classic"] = "atomic"
    consumer_seconds: float = 0.0
    prefix: str = PREFIX
    redis: str = ""
    data: str = ""
    django_settings: str = "app.demo.settings"
    routing: str = "app.demo.routing.channel_routing"  # empty: the one that CHANNEL_LAYERS names
    project: str = ""  # the folder of somebody's own Django project
    faults: Faults = Faults()
    origin_check: OriginCheck = "origin"
    certfile: str = ""  # PEM: the pages are at https
    keyfile: str = ""  # its key, where that is a file of its own
    has_deflate: bool = False  # offer permessage-deflate (RFC 7692)
    has_echo: bool = False  # the raw echo at /_scope/echo, for tests of the protocol
