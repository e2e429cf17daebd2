# SPDX-License-Identifier: GPL-3.0-or-later
"""From a message to the consumer that handles it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from app.channels.message import Message

Consumer = Callable[..., Any]
Match = tuple[Consumer, dict[str, Any]]
Filters = Mapping[str, re.Pattern[str]]
Found = dict[str, re.Match[str]]
Tell = Callable[[str, Any, re.Match[str] | None], None]


class Route(Protocol):
    """What a routing is made of."""

    def match(self, message: Message) -> Match | None:
        """Return the consumer for the message and its keyword arguments; None if this is not for it."""

    def channel_names(self) -> set[str]:
        """Return the channels it may have something for."""


Routing = str | Mapping[str, Consumer | str] | Iterable[Route]


class Router:
    """A routing to ask: the first of its routes that matches wins. `own` of them are the application's, the first."""

    def __init__(self, routing: Routing) -> None:
        self.routes = _routes(routing)
        self.own = len(self.routes)

    @property
    def channels(self) -> set[str]:
        """The channels to listen to."""
        return set().union(*(route.channel_names() for route in self.routes))

    def match(self, message: Message) -> Match | None:
        """Return the consumer for a message and its keyword arguments; None if there is none."""
        for route in self.routes:
            if match := route.match(message):
                return match
        return None


class route:
    """Messages of these channels whose values match all filters go to this consumer.

    Args:
        channels: a channel's name, or several.
        consumer: a callable, or its dotted name.
        filters: a message key each, with the regular expression its value must match from the beginning;
            named groups become keyword arguments of the consumer.
    """

    def __init__(self, channels: str | Sequence[str], consumer: Consumer | str, **filters: str) -> None:
        self.channels = {channels} if isinstance(channels, str) else set(channels)
        self.consumer: Consumer = imported(consumer)
        self.filters = _compiled(filters)

    def match(self, message: Message) -> Match | None:
        """Return the consumer and its keyword arguments, or None."""
        if message.channel.name not in self.channels:
            return None
        if not self.filters:
            return self.consumer, {}
        found = found_by(self.filters, message)
        return None if found is None else (self.consumer, arguments_of(found))

    def channel_names(self) -> set[str]:
        """Return the channels it is for."""
        return self.channels

    def __repr__(self) -> str:
        filters = "".join(f", {key}={pattern.pattern!r}" for key, pattern in self.filters.items())
        return f"route({sorted(self.channels)}, {dotted_name(self.consumer)}{filters})"


class route_class(route):
    """Messages of the channels that a consumer class names, if their values match all filters, go to it.

    Raises:
        ValueError: the class names no channels.
    """

    def __init__(self, consumer: Any, **filters: str) -> None:
        consumer = imported(consumer)
        names = getattr(consumer, "channel_names", None)
        if names is None:
            raise ValueError(f"{dotted_name(consumer)} has no channel_names(); is it a consumer class?")
        super().__init__(sorted(names()), consumer, **filters)


class include:
    """Another routing, for messages that match these filters; the matched part is cut off before it sees the value."""

    def __init__(self, routing: Routing, **filters: str) -> None:
        self.routing = Router(routing)
        self.filters = _compiled(filters)

    def match(self, message: Message) -> Match | None:
        """Return the inner routing's consumer, with the named groups of both; the inner one's win."""
        found = found_by(self.filters, message)
        if found is None:
            return None
        match = self.routing.match(self.inner(message, found))
        return match and (match[0], {**arguments_of(found), **match[1]})

    @staticmethod
    def inner(message: Message, found: Found) -> Message:
        """Return the message as the inner routing sees it: a copy without the parts that were found."""
        inner = Message(dict(message.content), message.channel.name, message.channel_layer)
        for key, part in found.items():
            inner[key] = message[key][part.end() :]
        return inner

    def channel_names(self) -> set[str]:
        """Return the channels of the inner routing."""
        return self.routing.channels


def imported(what: Any) -> Any:
    """Return what a dotted name means; anything but a str is returned as it is.

    Raises:
        ImportError: there is no such thing.
    """
    if not isinstance(what, str):
        return what
    module, _, name = what.rpartition(".")
    if not module:
        raise ImportError(f"{what!r} is no dotted name of a consumer or routing.")
    found = importlib.import_module(module)  # an AttributeError within it is its own
    try:
        return getattr(found, name)
    except AttributeError as error:
        raise ImportError(f"Module {module!r} has no {name!r}.") from error


def dotted_name(consumer: Any) -> str:
    """Return a consumer's name for people: `core.consumers.ws_connect`."""
    named = consumer if hasattr(consumer, "__qualname__") else type(consumer)
    return f"{named.__module__}.{named.__qualname__}"


def _routes(routing: Routing) -> list[Route]:
    routing = imported(routing)
    if isinstance(routing, Mapping):
        return [route(channel, consumer) for channel, consumer in routing.items()]
    return list(routing)  # type: ignore[arg-type]  # imported() returns Any, never a str


def _compiled(filters: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    result = {key: re.compile(expression) for key, expression in filters.items()}
    for key, pattern in result.items():
        if len(pattern.groupindex) != pattern.groups:
            raise ValueError(f"The filter {key}={pattern.pattern!r} has an unnamed group; write (?P<name>…) or (?:…).")
    return result


def found_by(filters: Filters, message: Message, tell: Tell | None = None) -> Found | None:
    """Return what each filter found, or None when one found nothing: those after it are not tried then.

    What is no text matches nothing. `tell` is called with each filter that is tried, the value it was tried on, and
    what it found (app/channels/explain.py); a worker has none.
    """
    found = {}
    for key, pattern in filters.items():
        value = message.get(key)
        if isinstance(value, bytes):
            value = value.decode("ascii", "replace")
        match = pattern.match(value) if isinstance(value, str) else None
        if tell is not None:
            tell(key, value, match)
        if match is None:
            return None
        found[key] = match
    return found


def arguments_of(found: Found) -> dict[str, Any]:
    """Return the named groups, which become keyword arguments."""
    return {name: value for match in found.values() for name, value in match.groupdict().items()}
