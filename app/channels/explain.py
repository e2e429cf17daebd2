# SPDX-License-Identifier: GPL-3.0-or-later
"""What a routing does with a message, route by route: the matching of app/channels/routing.py, with somebody listening.

Whether a route matches is what its own `match` returns. Why not is told by the same `found_by` that it asks.
"""

from __future__ import annotations

import inspect
import re
from typing import Any, NamedTuple

from app.channels.how_far import how_far
from app.channels.message import Message
from app.channels.routing import Filters, Found, Match, Route, Router, dotted_name, found_by, include, route
from app.events import FilterTried, RouteOutcome, RouteTried

SHOWN = 2000  # characters of a value


class Explained(NamedTuple):
    """The routes in their order, and the answer of the router itself."""

    routes: tuple[RouteTried, ...]
    match: Match | None
    number: int  # of the route that matched, from 1; 0: none did


def explain(router: Router, message: Message) -> Explained:
    """Return what became of each route; those after the first that matches are not tried."""
    tried: list[RouteTried] = []
    match, number = None, 0
    for place, one in enumerate(router.routes, 1):
        if match is not None:
            tried.append(_untried(one, place > router.own))
            continue
        match = one.match(message)
        tried.append(_tried(one, message, match, place > router.own))
        number = place if match else 0
    return Explained(tuple(tried), match, number)


def problem_of(match: Match, message: Message) -> str:
    """Return why the consumer cannot be called so, "" when it can."""
    consumer, kwargs = match
    try:
        inspect.signature(consumer).bind(message, **kwargs)
    except TypeError as error:
        return str(error)
    except ValueError:  # of something built in nobody knows
        return ""
    return ""


def _tried(one: Route, message: Message, match: Match | None, is_default: bool) -> RouteTried:
    kwargs = {} if match is None else match[1]
    consumer = "" if match is None else dotted_name(match[0])
    outcome: RouteOutcome
    if isinstance(one, include) and type(one).match is include.match:
        return _include_tried(one, message, match, is_default)
    if not (isinstance(one, route) and type(one).match is route.match):  # somebody's own kind: it knows why
        channels = tuple(sorted(one.channel_names()))
        outcome = "matched" if match else "no match"
        return RouteTried(
            kind="own", consumer=consumer or dotted_name(one), channels=channels, outcome=outcome, kwargs=kwargs
        )
    filters: tuple[FilterTried, ...]
    if message.channel.name not in one.channels:
        outcome, filters = "other channel", _untried_filters(one.filters)
    else:
        filters, _ = _filters(one.filters, message)
        outcome = "matched" if match else "filter failed"
    return RouteTried(
        kind="route",
        consumer=dotted_name(one.consumer),
        channels=tuple(sorted(one.channels)),
        outcome=outcome,
        filters=filters,
        kwargs=kwargs,
        is_default=is_default,
    )


def _include_tried(one: include, message: Message, match: Match | None, is_default: bool) -> RouteTried:
    filters, found = _filters(one.filters, message, cuts=True)
    inner: tuple[RouteTried, ...]
    outcome: RouteOutcome
    if found is None:
        outcome, inner = "filter failed", tuple(_untried(each, False) for each in one.routing.routes)
    else:
        outcome, inner = "matched" if match else "no match", explain(one.routing, one.inner(message, found)).routes
    return RouteTried(
        kind="include",
        consumer="",
        channels=tuple(sorted(one.channel_names())),
        outcome=outcome,
        filters=filters,
        inner=inner,
        kwargs={} if match is None else match[1],
        is_default=is_default,
    )


def _untried(one: Route, is_default: bool) -> RouteTried:
    is_include = isinstance(one, include)
    return RouteTried(
        kind="include" if is_include else "route" if isinstance(one, route) else "own",
        consumer=dotted_name(one.consumer) if isinstance(one, route) else "" if is_include else dotted_name(one),
        channels=tuple(sorted(one.channel_names())),
        outcome="not tried",
        filters=_untried_filters(getattr(one, "filters", {})),
        inner=tuple(_untried(each, False) for each in one.routing.routes) if isinstance(one, include) else (),
        is_default=is_default,
    )


def _filters(filters: Filters, message: Message, cuts: bool = False) -> tuple[tuple[FilterTried, ...], Found | None]:
    """Return how each filter went, and what they found; `cuts` says that the found part is cut off for inner routes."""
    tried: dict[str, FilterTried] = {one.key: one for one in _untried_filters(filters)}

    def note(key: str, value: Any, match: re.Match[str] | None) -> None:
        is_there = key in message
        tried[key] = _filter(key, filters[key], value, match, cuts) if is_there else _missing(key, filters[key])

    found = found_by(filters, message, note)
    return tuple(tried.values()), found


def _missing(key: str, pattern: re.Pattern[str]) -> FilterTried:
    return FilterTried(key=key, pattern=pattern.pattern, outcome="missing")


def _filter(key: str, pattern: re.Pattern[str], value: Any, match: re.Match[str] | None, cuts: bool) -> FilterTried:
    said = pattern.pattern
    if not isinstance(value, str):
        return FilterTried(key=key, pattern=said, value=repr(value)[:SHOWN], outcome="not text")
    if match is None:
        fits, fitted = how_far(pattern, value)
        return FilterTried(
            key=key, pattern=said, value=value[:SHOWN], outcome="failed", pattern_fitted=fits, fitted=fitted
        )
    return FilterTried(
        key=key,
        pattern=said,
        value=value[:SHOWN],
        outcome="matched",
        pattern_fitted=len(said),
        fitted=match.end(),
        groups=match.groupdict(),
        rest=value[match.end() :][:SHOWN] if cuts else None,
    )


def _untried_filters(filters: Filters) -> tuple[FilterTried, ...]:
    return tuple(FilterTried(key=key, pattern=one.pattern, outcome="not tried") for key, one in filters.items())
