# SPDX-License-Identifier: GPL-3.0-or-later
"""Django's views as the consumer of `http.request`."""

from __future__ import annotations

from urllib.parse import urlparse

from django.apps import apps
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin
from django.core import signals
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.urls import set_script_prefix

from app.channels.exceptions import RequestAborted, RequestTimeout
from app.channels.message import Message
from app.channels.outbox import outbox_for
from app.channels.requests import messages_of, request_of

PATIENCE = 60.0  # seconds that a response waits for room in a full reply channel


class DjangoViews(BaseHandler):
    """Answers requests with the project's views and, when `django.contrib.staticfiles` is installed, static files."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()
        self._static = _StaticFiles() if apps.is_installed("django.contrib.staticfiles") else None

    def __call__(self, message: Message) -> None:
        """Answer one request."""
        assert message.reply_channel is not None, "the interface server gives every request a reply channel"
        set_script_prefix(message.get("root_path", "") or "/")
        signals.request_started.send(sender=type(self), scope=message.content)
        try:
            response = self._respond(message)
        except RequestAborted:
            return
        outbox, _ = outbox_for(message.channel_layer)
        try:
            for reply in messages_of(response, has_body=message["method"].upper() != "HEAD"):
                outbox.send_patiently(message.reply_channel.name, reply, PATIENCE)
        finally:
            response.close()  # also sends request_finished

    def _respond(self, message: Message) -> HttpResponseBase:
        try:
            request = request_of(message)
        except UnicodeDecodeError:
            return HttpResponseBadRequest()
        except RequestTimeout:
            return HttpResponse("408 Request Timeout (upload too slow)", status=408, content_type="text/plain")
        if self._static and self._static.is_for(request.path):
            response: HttpResponseBase = self._static.get_response(request)
        else:
            response = self.get_response(request)
        response._handler_class = type(self)  # the sender of request_finished
        return response


class _StaticFiles(StaticFilesHandlerMixin, BaseHandler):
    """Its get_response serves only files, so it is an object of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.base_url = urlparse(self.get_base_url())

    def is_for(self, path: str) -> bool:
        """Whether the path is below STATIC_URL."""
        return bool(self._should_handle(path))
