# SPDX-License-Identifier: GPL-3.0-or-later
"""From which pages a socket may be opened: a browser sends cookies along, but says truthfully who asks (Origin)."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.http.request import validate_host

from app.channels.exceptions import DenyConnection
from app.channels.message import Message
from app.channels.routing import Consumer
from app.channels.sessions import message_of

THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"]


class BaseOriginValidator:
    """A decorator for consumers of `websocket.connect`; subclasses say which origin is valid."""

    def __init__(self, func: Consumer) -> None:
        functools.update_wrapper(self, func)
        self.func = func

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the consumer, or refuse the connection."""
        message = message_of(args)
        origin = self.get_origin(message)
        if origin is None or not self.validate_origin(message, origin):
            return self.process_invalid_origin(message)
        return self.func(*args, **kwargs)

    def get_origin(self, message: Message) -> str | None:
        """Return the Origin header; None when it is missing or not ASCII."""
        values = [value for name, value in message.get("headers", []) if name == b"origin"]
        try:
            return values[0].decode("ascii") if values else None
        except UnicodeDecodeError:
            return None

    def validate_origin(self, message: Message, origin: str) -> bool:
        """Return whether a page of this origin may connect."""
        raise NotImplementedError

    def process_invalid_origin(self, message: Message) -> Any:
        """Refuse the connection."""
        raise DenyConnection


class AllowedHostsOnlyOriginValidator(BaseOriginValidator):
    """Pages of ALLOWED_HOSTS may connect; with DEBUG and none named, those of this machine."""

    def validate_origin(self, message: Message, origin: str) -> bool:
        """Return whether the origin's host is allowed."""
        allowed = settings.ALLOWED_HOSTS
        if settings.DEBUG and not allowed:
            allowed = THIS_MACHINE
        try:
            host = urlparse(origin).hostname
        except ValueError:  # no address at all
            return False
        return host is not None and validate_host(f"[{host}]" if ":" in host else host, allowed)


allowed_hosts_only = AllowedHostsOnlyOriginValidator
