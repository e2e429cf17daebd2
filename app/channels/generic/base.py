# SPDX-License-Identifier: GPL-3.0-or-later
"""A consumer as a class: a method for each channel (asgi1_checklist §12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from app.channels.message import Message
from app.channels.routing import route_class


class BaseConsumer:
    """A new instance handles each message; what the consumer remembers is in sessions and models.

    `method_mapping` names the method for each channel. The two flags put the decorators of those names around it.
    """

    method_mapping: ClassVar[Mapping[str, str]] = {}
    channel_session = False
    channel_session_user = False

    def __init__(self, message: Message, **kwargs: Any) -> None:
        self.message = message
        self.kwargs = kwargs
        self.dispatch(message, **kwargs)

    @classmethod
    def channel_names(cls) -> set[str]:
        """Return the channels it is for."""
        return set(cls.method_mapping)

    @classmethod
    def as_route(cls, attrs: Mapping[str, Any] | None = None, **filters: str) -> route_class:
        """Return a route to this consumer, or to a subclass with these attributes."""
        consumer = cls
        if attrs is not None:
            if not isinstance(attrs, Mapping):
                raise TypeError(f"attrs must be a dict of class attributes, not {attrs!r}.")
            consumer = type(cls.__name__, (cls,), {"__module__": cls.__module__, **attrs})
        return route_class(consumer, **filters)

    def dispatch(self, message: Message, **kwargs: Any) -> Any:
        """Handle the message."""
        return self.get_handler(message, **kwargs)(message, **kwargs)

    def get_handler(self, message: Message, **kwargs: Any) -> Callable[..., Any]:
        """Return the method for the message's channel, decorated; override it to add decorators."""
        handler: Callable[..., Any] = getattr(self, self.method_mapping[message.channel.name])
        if self.channel_session_user:
            from app.channels.auth import channel_session_user

            return channel_session_user(handler)
        if self.channel_session:
            from app.channels.sessions import channel_session

            return channel_session(handler)
        return handler
