# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is on the socket: Django's user for consumers, from the socket's session or the browser's."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

from django.contrib import auth

from app.channels.routing import Consumer
from app.channels.sessions import channel_and_http_session, channel_session, http_session, message_of

__all__ = [
    "channel_and_http_session_user_from_http",
    "channel_session",
    "channel_session_user",
    "channel_session_user_from_http",
    "http_session",
    "http_session_user",
    "transfer_user",
]

USER_KEYS = (auth.SESSION_KEY, auth.BACKEND_SESSION_KEY, auth.HASH_SESSION_KEY)


def transfer_user(from_session: Any, to_session: Any) -> None:
    """Copy who is logged in from one session to another; nobody stays nobody."""
    if auth.BACKEND_SESSION_KEY in from_session:
        for key in USER_KEYS:
            if key in from_session:
                to_session[key] = from_session[key]


def channel_session_user(consumer: Consumer) -> Consumer:
    """Give the consumer `message.user` from the socket's session, to which somebody has put it before."""

    @channel_session
    @functools.wraps(consumer)
    def with_user(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if not hasattr(message, "user"):
            message.user = _user_of(message.channel_session)
        return consumer(*args, **kwargs)

    return with_user


def http_session_user(consumer: Consumer) -> Consumer:
    """Give the consumer `message.user` from the browser's session; anonymous when there is none."""

    @http_session
    @functools.wraps(consumer)
    def with_user(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if not hasattr(message, "user"):
            message.user = _user_of(message.http_session)
        return consumer(*args, **kwargs)

    return with_user


def channel_session_user_from_http(consumer: Consumer) -> Consumer:
    """Give the connect's consumer the browser's user, and keep it in the socket's session for the frames to come."""

    @http_session_user
    @channel_session_user
    @functools.wraps(consumer)
    def transferring(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if message.http_session is not None:
            transfer_user(message.http_session, message.channel_session)
        return consumer(*args, **kwargs)

    return transferring


def channel_and_http_session_user_from_http(consumer: Consumer) -> Consumer:
    """Give the consumer both sessions and the browser's user, on the connect and on every frame."""

    @channel_and_http_session
    @functools.wraps(consumer)
    def transferring(*args: Any, **kwargs: Any) -> Any:
        message = message_of(args)
        if message.http_session is not None:
            transfer_user(message.http_session, message.channel_session)
        return with_user(*args, **kwargs)

    with_user = channel_session_user(consumer)
    return transferring


def _user_of(session: Any) -> Any:
    from django.contrib.auth.models import AnonymousUser

    # All that Django asks of a request here is its session.
    return AnonymousUser() if session is None else auth.get_user(SimpleNamespace(session=session))
