# SPDX-License-Identifier: GPL-3.0-or-later
"""The consumers for what a routing leaves open: Django's views, accept every socket, and do nothing."""

from __future__ import annotations

from app.channels.message import Message
from app.channels.routing import Consumer, Route, Router, Routing, route


def accept(message: Message) -> None:
    """Accept a connection nobody else decided on: a handshake must be answered (ASGI 1.x)."""
    if message.reply_channel:
        message.reply_channel.send({"accept": True})


def ignore(message: Message) -> None:
    """Do nothing."""


def router_with_defaults(routing: Routing, views: Consumer | None = None) -> Router:
    """Return a router that always listens to the four channels of the web.

    Args:
        routing: the application's; its routes go first.
        views: the consumer of `http.request`, if there is one.
    """
    router = Router(routing)
    more: list[Route] = [
        route("websocket.connect", accept),
        route(["websocket.receive", "websocket.disconnect"], ignore),
    ]
    if views is not None:
        more.insert(0, route("http.request", views))
    router.routes += more
    return router
