# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets only for our own pages: any page may open a WebSocket to any host, and the browser adds our cookies."""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from app.channels import Message
from app.channels.exceptions import DenyConnection
from app.channels.routing import Consumer

SCHEMES = ("http://", "https://")


def same_site(consumer: Consumer) -> Consumer:
    """Refuse a handshake (403) whose Origin is not the host it came to, or whose host is not ours (RFC 6455 §10.2).

    Without an Origin no browser asks, and so there are no cookies to abuse: it is let in.
    """

    @functools.wraps(consumer)
    def checked(message: Message, *args: Any, **kwargs: Any) -> Any:
        headers = {name: value.decode("latin-1").lower() for name, value in message.get("headers", [])}
        origin, host = headers.get(b"origin"), headers.get(b"host", "")
        is_foreign = origin not in [f"{scheme}{host}" for scheme in SCHEMES] or not _is_ours(host)
        if origin is not None and is_foreign and settings.ORIGIN_CHECK == "origin":  # a lesson may do without
            raise DenyConnection
        return consumer(message, *args, **kwargs)

    return checked


def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and bool(validate_host(domain, settings.ALLOWED_HOSTS))
