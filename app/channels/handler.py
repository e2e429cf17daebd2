# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's views as the consumer of `http.request`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Any
from urllib.parse import urlparse

from django.apps import apps
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.core import signals
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.urls import set_script_prefix

from app.channels.exceptions import RequestAborted, RequestTimeout, ResponseLater
from app.channels.message import Message
from app.channels.outbox import outbox_for
from app.channels.requests import AsgiRequest, messages_of, request_of

__all__ = ["AsgiHandler", "AsgiRequest", "DjangoViews", "ViewConsumer"]

Replies = Generator[dict[str, Any], None, None]  # the messages of an answer

PATIENCE = 60.0  # seconds that a response waits for room in a full reply channel


class _NoAnswer(HttpResponse):
    """What a view that raised ResponseLater gives the middleware; it is never sent."""


class AsgiHandler(BaseHandler):
    """Answers a message with a view: called with it, it returns the messages of the answer."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()

    def __call__(self, message: Message) -> Replies:
        """Yield the messages for the reply channel; none when the answer comes later or nobody waits for it."""
        set_script_prefix(message.get("root_path", "") or "/")
        signals.request_started.send(sender=type(self), scope=message.content)
        try:
            response = self.respond(message)
        except RequestAborted:
            return
        response._handler_class = type(self)  # the sender of request_finished
        try:
            if not isinstance(response, _NoAnswer):
                yield from self.encode_response(response, message.get("method", "GET").upper() != "HEAD")
        finally:
            response.close()  # also sends request_finished

    @staticmethod
    def encode_response(response: HttpResponseBase, has_body: bool = True) -> Replies:
        """Yield a response as messages: for a consumer that answers `http.request` itself, or later."""
        return messages_of(response, has_body)

    def respond(self, message: Message) -> HttpResponseBase:
        """Return the view's response; raises RequestAborted."""
        try:
            request = request_of(message)
        except UnicodeDecodeError:
            return HttpResponseBadRequest()
        except RequestTimeout:
            return HttpResponse("408 Request Timeout (upload too slow)", status=408, content_type="text/plain")
        return self.respond_to(request)

    def respond_to(self, request: AsgiRequest) -> HttpResponseBase:
        """Return the view's response to a request."""
        response: HttpResponseBase = self.get_response(request)
        return response

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super()._get_response(request)
        except ResponseLater:  # before Django takes it for an error
            return _NoAnswer()
        return response

    def process_exception_by_middleware(self, exception: Exception, request: HttpRequest) -> Any:
        """Ask the middleware what it makes of a view's exception; ResponseLater is none of its business."""
        if isinstance(exception, ResponseLater):
            raise exception
        return super().process_exception_by_middleware(exception, request)


class DjangoViews(AsgiHandler):
    """The consumer: the project's views and, when `django.contrib.staticfiles` is installed, static files."""

    def __init__(self) -> None:
        super().__init__()
        self._static = _StaticFiles() if apps.is_installed("django.contrib.staticfiles") else None

    def __call__(self, message: Message) -> None:  # type: ignore[override]  # a consumer returns nothing
        """Answer one request."""
        _send_all(super().__call__, message)

    def is_static(self, path: str) -> bool:
        """Whether a static file is asked for."""
        return self._static is not None and self._static.is_for(path)

    def respond_to(self, request: AsgiRequest) -> HttpResponseBase:
        """Return a static file below their address, else the view's response."""
        if self._static and self.is_static(request.path):
            return self._static.respond(request)
        return super().respond_to(request)


class ViewConsumer:
    """The consumer by the name it has in Channels 1.x, without static files."""

    handler_class = AsgiHandler

    def __init__(self) -> None:
        self.handler = self.handler_class()

    def __call__(self, message: Message) -> None:
        """Answer one request."""
        _send_all(self.handler, message)


class _StaticFiles(StaticFilesHandlerMixin, BaseHandler):
    """Its get_response serves only files, so it is an object of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.base_url = urlparse(self.get_base_url())
        self._respond = convert_exception_to_response(self.get_response)  # a path that leads out is a 400, not nothing

    def respond(self, request: HttpRequest) -> HttpResponseBase:
        """Return a file, or what tells why there is none."""
        response: HttpResponseBase = self._respond(request)
        return response

    def is_for(self, path: str) -> bool:
        """Whether the path is below STATIC_URL."""
        return bool(self._should_handle(path))


def _send_all(handler: Callable[[Message], Replies], message: Message) -> None:
    """Send the messages of an answer as they are made."""
    assert message.reply_channel is not None, "the interface server gives every request a reply channel"
    outbox, _ = outbox_for(message.channel_layer)
    with closing(handler(message)) as replies:  # the request is finished also when one finds no room
        for reply in replies:
            outbox.send_patiently(message.reply_channel.name, reply, PATIENCE)
