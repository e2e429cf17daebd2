# SPDX-License-Identifier: GPL-3.0-or-later
"""An `http.request` message as Django's request, and Django's response as messages."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponseBase

from app.channels.exceptions import RequestAborted, RequestTimeout, ResponseLater
from app.channels.message import Message
from app.channels.outbox import outbox_for

CHUNK = 512 * 1024  # bytes of content in one message, as Channels 1.x
BODY_TIMEOUT = 60  # seconds for the whole of a slow upload

Header = tuple[bytes, bytes]


class AsgiRequest(ASGIRequest):
    """Django's request with what Channels 1.x adds to it, for views that know of messages."""

    ResponseLater, RequestTimeout, RequestAborted = ResponseLater, RequestTimeout, RequestAborted

    def __init__(self, message: Message) -> None:
        body = b"".join(_body_of(message))
        scope = {**message.content, "headers": list(_repaired(message.get("headers", []), len(body)))}
        for key, default in (("http_version", "1.1"), ("method", "GET"), ("query_string", b"")):
            scope.setdefault(key, default)
        super().__init__(scope, BytesIO(body))
        self.message, self.reply_channel = message, message.reply_channel
        for name in ("channel_session", "http_session"):
            if hasattr(message, name):
                setattr(self, name, getattr(message, name))


def request_of(message: Message) -> AsgiRequest:
    """Return the request; a body that comes in parts is waited for.

    Raises:
        RequestTimeout, RequestAborted: it did not come.
        UnicodeDecodeError: the query string is not text.
    """
    return AsgiRequest(message)


def messages_of(response: HttpResponseBase, has_body: bool = True) -> Generator[dict[str, Any], None, None]:
    """Yield the messages for a reply channel; `has_body` is False for an answer to HEAD."""
    start = {"status": response.status_code, "headers": list(_headers_of(response))}
    if not has_body:
        yield {**start, "content": b"", "more_content": False}
        return
    if response.streaming:
        for part in response.streaming_content:
            for chunk in _chunks(part):
                yield {**start, "content": chunk, "more_content": True}
                start = {}
        yield {**start, "content": b"", "more_content": False}
        return
    *first, last = _chunks(response.content) or [b""]
    for chunk in first:
        yield {**start, "content": chunk, "more_content": True}
        start = {}
    yield {**start, "content": last, "more_content": False}


def _body_of(message: Message) -> Iterator[bytes]:
    yield message.get("body", b"")
    channel, end = message.get("body_channel"), time.monotonic() + BODY_TIMEOUT
    while channel:
        taken = outbox_for(message.channel_layer)[0].take(channel, block=True)
        if taken is None or taken.message is None:
            if time.monotonic() > end:
                raise RequestTimeout
            continue
        part = taken.message
        if part.get("closed"):
            raise RequestAborted
        yield part["content"]
        if not part.get("more_content"):
            return


def _repaired(headers: Iterable[Header], length: int) -> Iterator[Header]:
    """Yield headers as Django needs them: it joins Cookie headers with a comma, and sees no body without a length."""
    cookies, has_length = [], False
    for name, value in headers:
        if name == b"cookie":
            cookies.append(value)
        else:
            has_length = has_length or name == b"content-length"
            yield name, value
    if cookies:
        yield b"cookie", b"; ".join(cookies)  # RFC 9113 §8.2.3
    if length and not has_length:
        yield b"content-length", str(length).encode()


def _headers_of(response: HttpResponseBase) -> Iterator[Header]:
    for name, value in response.items():
        yield name.lower().encode("ascii"), value.encode("latin-1")
    for cookie in response.cookies.values():
        yield b"set-cookie", cookie.output(header="").strip().encode("ascii")


def _chunks(content: bytes) -> list[bytes]:
    return [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]
