# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions for consumers: one that belongs to a socket, and the one of the browser that opened it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import CreateError
from django.http import QueryDict, parse_cookie

from app.channels.exceptions import ConsumeLater
from app.channels.message import Message
from app.channels.ordering import enforce_ordering, requeue_messages, wait_channel_name
from app.channels.routing import Consumer
from app.layer.names import session_key

__all__ = [
    "channel_and_http_session",
    "channel_session",
    "enforce_ordering",
    "http_session",
    "requeue_messages",
    "session_for_reply_channel",
    "session_key",
    "wait_channel_name",
]

HTTP_KEY = "http_session_key"  # where a socket's session keeps the key of the browser's


def session_for_reply_channel(reply_channel: str) -> Any:
    """Return the session of a socket, which may not be there yet."""
    return _store()(session_key(reply_channel))


def channel_session(consumer: Consumer) -> Consumer:
    """Give the consumer `message.channel_session`, which lasts as long as the socket and is saved if it was changed.

    Raises (when called):
        ConsumeLater: another consumer is making this socket's session at the same moment.
    """

    @functools.wraps(consumer)
    def with_session(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if hasattr(message, "channel_session"):
            return consumer(*args, **kwargs)
        session = message.channel_session = _session_of(message)
        try:
            return consumer(*args, **kwargs)
        finally:
            if session.modified and not session.is_empty():
                session.save()

    return with_session


def http_session(consumer: Consumer) -> Consumer:
    """Give the consumer `message.http_session`, or None: it is never made here, but saved if it was changed.

    It is named by the GET parameter `session_key`, else by the session cookie.
    """

    @functools.wraps(consumer)
    def with_session(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if hasattr(message, "http_session"):
            return consumer(*args, **kwargs)
        session = message.http_session = _existing(_http_key(message))
        try:
            return consumer(*args, **kwargs)
        finally:
            if session is not None and session.modified and not session.is_empty():
                session.save()

    return with_session


def channel_and_http_session(consumer: Consumer) -> Consumer:
    """Give the consumer both sessions, the browser's also for frames, which have no cookies: its key is remembered."""

    @http_session
    @functools.wraps(consumer)
    def remember(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if message.http_session is not None:
            message.channel_session[HTTP_KEY] = message.http_session.session_key
        return consumer(*args, **kwargs)

    @channel_session
    @functools.wraps(consumer)
    def with_sessions(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if not hasattr(message, "http_session") and (key := message.channel_session.get(HTTP_KEY)):
            message.http_session = _existing(key)
        return remember(*args, **kwargs)

    return with_sessions


def message_of(args: tuple[Any, ...]) -> Message:
    """Return the message among a consumer's arguments: the first, or that behind a method's `self` or `cls`."""
    return next(arg for arg in args[:2] if isinstance(arg, Message))


def _session_of(message: Message) -> Any:
    if message.reply_channel is None:
        raise ValueError("channel_session needs a message with a reply_channel.")
    session = session_for_reply_channel(message.reply_channel.name)
    if not session.exists(session.session_key):
        try:
            session.save(must_create=True)
        except CreateError as error:
            raise ConsumeLater("The session is being made by another worker.") from error
    return session


def _existing(key: str | None) -> Any:
    session = _store()(key) if key else None
    return session if session is not None and session.exists(key) else None


def _store() -> Callable[..., Any]:
    engine = getattr(settings, "CHANNEL_SESSION_ENGINE", settings.SESSION_ENGINE)
    if engine.endswith("signed_cookies"):
        raise ValueError("channel_session needs sessions that are kept on the server, not in signed cookies.")
    store: Callable[..., Any] = import_module(engine).SessionStore
    return store


def _http_key(message: Message) -> str | None:
    asked = QueryDict(message.get("query_string", b"")).get("session_key")
    return asked or parse_cookie(_cookies(message)).get(settings.SESSION_COOKIE_NAME)


def _cookies(message: Message) -> str:
    values = [value.decode("latin-1") for name, value in message.get("headers", []) if name == b"cookie"]
    return "; ".join(values)
