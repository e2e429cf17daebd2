# SPDX-License-Identifier: GPL-3.0-or-later
"""What the routing does with a message, and which consumers the demo runs."""

from __future__ import annotations

from typing import Literal

import msgspec

from app.events.base import Event

FilterOutcome = Literal["matched", "failed", "missing", "not text", "not tried"]
RouteOutcome = Literal["matched", "other channel", "filter failed", "no match", "not tried"]


class FilterTried(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A filter of a route: the expression `pattern` on a message's `value` under `key`, which begins a match or not.

    So many characters of the value fit so many of the pattern (-1: nobody can say). Of an `include`, `rest` is what
    its inner routes see of the value.
    """

    key: str
    pattern: str
    outcome: FilterOutcome
    value: str = ""
    pattern_fitted: int = -1
    fitted: int = 0
    groups: dict[str, str | None] = {}
    rest: str | None = None


class RouteTried(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A route and what became of it; `inner` are the routes of an `include`, "own" is a kind of the application's.

    `consumer` is a dotted name. `is_default`: the framework added it behind the application's routes.
    """

    kind: Literal["route", "include", "own"]
    consumer: str
    channels: tuple[str, ...]
    outcome: RouteOutcome
    filters: tuple[FilterTried, ...] = ()
    inner: tuple[RouteTried, ...] = ()
    kwargs: dict[str, str | None] = {}
    is_default: bool = False


class RouteExplained(Event, frozen=True, kw_only=True, tag=True):
    """What the workers' routing does with a message: route number `number` (from 1) has it, 0: none.

    `consumer` would be called with `kwargs`, "" if there is no route; `problem` says why that call would fail.
    `is_listened`: some route is for the channel, so workers take messages from it at all. `view` is what Django's URLs
    make of a request that goes to its views. `key` is that of a message that was really sent, "" of one made up.
    """

    channel: str
    body: bytes
    consumer: str = ""
    kwargs: dict[str, str | None] = {}
    number: int = 0
    is_default: bool = False
    is_listened: bool = True
    problem: str = ""
    view: str = ""
    key: str = ""
    routes: tuple[RouteTried, ...] = ()


class ConsumersChecked(Event, frozen=True, kw_only=True, tag=True):
    """The text of a demo's module was loaded as a worker would; where not `is_good`, `error` says why.

    `module` is the one that was edited ("consumers"), `file` and `line` are where it went wrong ("", 0: nowhere).
    """

    is_good: bool
    module: str = ""
    error: str = ""
    file: str = ""
    line: int = 0


class ConsumersChanged(Event, frozen=True, kw_only=True, tag=True):
    """Workers that start from now on run this version: "shipped", "talk" or "edited".

    `texts` are the modules that differ from the shipped ones ("consumers", "routing" …).
    """

    version: str
    texts: dict[str, str] = {}
