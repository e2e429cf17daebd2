# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions for consumers: one that belongs to a socket, and the one of the browser that opened it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import CreateError
from django.http import parse_cookie

from app.channels.exceptions import ConsumeLater
from app.channels.message import Message
from app.channels.routing import Consumer


def session_key(reply_channel: str) -> str:
    """Return the key of a socket's session, as Channels 1.1.2 and later make it."""
    return "chn" + hashlib.sha1(reply_channel.encode()).hexdigest()[:29]


def channel_session(consumer: Consumer) -> Consumer:
    """Give the consumer `message.channel_session`, which lasts as long as the socket and is saved if it was changed.

    Raises (when called):
        ConsumeLater: another consumer is making this socket's session at the same moment.
    """

    @functools.wraps(consumer)
    def with_session(message: Message, *args: Any, **kwargs: Any) -> Any:
        if hasattr(message, "channel_session"):
            return consumer(message, *args, **kwargs)
        session = _session_of(message)
        message.channel_session = session
        try:
            return consumer(message, *args, **kwargs)
        finally:
            if session.modified and not session.is_empty():
                session.save()

    return with_session


def http_session(consumer: Consumer) -> Consumer:
    """Give the consumer `message.http_session`, read by the session cookie; None when there is none."""

    @functools.wraps(consumer)
    def with_session(message: Message, *args: Any, **kwargs: Any) -> Any:
        if not hasattr(message, "http_session"):
            key = parse_cookie(_cookies(message)).get(settings.SESSION_COOKIE_NAME)
            session = _store()(key) if key else None
            message.http_session = session if session is not None and session.exists(key) else None
        return consumer(message, *args, **kwargs)

    return with_session


def _session_of(message: Message) -> Any:
    if message.reply_channel is None:
        raise ValueError("channel_session needs a message with a reply_channel.")
    key = session_key(message.reply_channel.name)
    session = _store()(key)
    if not session.exists(key):
        try:
            session.save(must_create=True)
        except CreateError as error:
            raise ConsumeLater("The session is being made by another worker.") from error
    return session


def _store() -> Callable[..., Any]:
    engine = getattr(settings, "CHANNEL_SESSION_ENGINE", settings.SESSION_ENGINE)
    if engine.endswith("signed_cookies"):
        raise ValueError("channel_session needs sessions that are kept on the server, not in signed cookies.")
    store: Callable[..., Any] = import_module(engine).SessionStore
    return store


def _cookies(message: Message) -> str:
    values = [value.decode("latin-1") for name, value in message.get("headers", []) if name == b"cookie"]
    return "; ".join(values)
