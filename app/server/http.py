# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP request: a message on `http.request`, and the response from its reply channel (asgi1_checklist §6)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from app.layer import RedisGone
from app.layer.receipts import Taken
from app.layer.refused import ChannelFull, Refused
from app.server.gates import Forgotten
from app.server.post import Letter
from app.server.response import Response
from app.server.scope import Receive, Scope, Send, connection_of, request_of
from app.server.upload import Gone, TooLarge, Upload

if TYPE_CHECKING:
    from app.server.bridge import Bridge

WAITING_LIMIT = 64 * 1024 * 1024  # bytes of a response that may wait for a client


class _Wiped(Exception):
    """Redis lost its data: no answer will come."""


class _Unfinished(Exception):
    """The client does not send its request to the end."""


class _TooSlow(Exception):
    """The client does not read its response."""


EXPLAINED = (Refused, RedisGone, Gone, TimeoutError, _Wiped, _Unfinished, _TooSlow)  # what a client can be told of


class Request:
    """A request on its way to a worker, and its response on its way back."""

    def __init__(self, bridge: Bridge, scope: Scope, receive: Receive, send: Send) -> None:
        self._bridge, self._options = bridge, bridge.options
        self.connection = connection_of(scope)
        self._request = request_of(scope, bridge.options)
        self._method, self._version = scope["method"], scope["http_version"]
        self._upload = Upload(receive, self._request["headers"], bridge.options.body_limit)
        self._response = Response(send, self._method, self._version)
        self._box: asyncio.Queue[Taken | Exception] = asyncio.Queue()
        self._box_size = 0

    async def serve(self) -> None:
        """Carry the request to a worker and its response back."""
        channel = self._bridge.replies.open(self)
        hearing: asyncio.Task[None] | None = None
        try:
            body_channel = await self._ask(channel)
            hearing = asyncio.create_task(self._hear(body_channel))
            await self._relay()
        except EXPLAINED as error:
            await self._explain(error)
            is_lost = isinstance(error, Gone)
        else:
            is_lost = False
        finally:
            self._bridge.replies.close(channel)
            self._lose_rest()
            if hearing:
                hearing.cancel()
        status, size = self._response.status or "-", self._response.size
        self._bridge.access.write(self._request, self._method, status, size)
        if hearing and (is_lost or self._options.tells_finished):
            await self._tell_disconnect(channel)

    # --- from the channel layer ---

    def take(self, taken: Taken) -> None:
        """A part of the response came."""
        self._box_size += len(taken.body)
        self._box.put_nowait(taken)
        if self._box_size > WAITING_LIMIT:
            self._box.put_nowait(_TooSlow())

    def wipe(self) -> None:
        """No response will come."""
        self._box.put_nowait(_Wiped())

    # --- to the channel layer ---

    async def _ask(self, channel: str) -> str:
        """Send the request; returns the channel that the rest of its body goes to, "" if there is none."""
        try:
            async with asyncio.timeout(self._options.http_timeout):
                body, has_more = await self._upload.part()
        except TimeoutError:
            raise _Unfinished from None
        message = {
            "reply_channel": channel,
            "http_version": self._version,
            "method": self._method,
            "body": body,
            **self._request,
        }
        if has_more:
            message["body_channel"] = await self._bridge.layer.new_channel("http.request.body?")
        await self._bridge.post.send(Letter("http.request", message, self.connection))
        return message.get("body_channel", "")

    async def _hear(self, body_channel: str) -> None:
        """Send the rest of the body, then wait until the client leaves; what goes wrong ends the wait for a reply."""
        try:
            has_more = bool(body_channel)
            while has_more:
                content, has_more = await self._upload.part()
                await self._send_part(body_channel, {"content": content, "more_content": has_more})
            await self._upload.until_gone()
        except (Gone, Refused, RedisGone) as error:
            if body_channel and not isinstance(error, RedisGone):
                await self._abandon(body_channel)
            self._box.put_nowait(error)

    async def _send_part(self, channel: str, message: dict[str, Any]) -> None:
        """Send a part of the body; a worker that reads more slowly than the client sends holds the client up."""
        await self._bridge.post.send(Letter(channel, message, self.connection), self._options.http_timeout)

    async def _abandon(self, channel: str) -> None:
        try:
            await self._send_part(channel, {"closed": True})
        except (Refused, RedisGone):
            return  # whoever reads the body gives up by itself (checklist §6: 60 s)

    async def _tell_disconnect(self, channel: str) -> None:
        """Send `http.disconnect`; where that fails, give up silently (checklist §4)."""
        message = {"reply_channel": channel, "path": self._request["path"]}
        try:
            await self._bridge.post.send(Letter("http.disconnect", message, self.connection))
        except (Refused, RedisGone):
            return

    # --- to the client ---

    async def _relay(self) -> None:
        """Pass the response on, part by part, unless it comes to another end first."""
        while not self._response.is_complete:
            reply = await self._bridge.gates.time.within(self._options.http_timeout, self._box.get)
            if isinstance(reply, Exception):
                raise reply
            self._box_size -= len(reply.body)
            self._bridge.replies.took(reply, self.connection)
            if problem := await self._response.take(reply.message or {}):
                self._bridge.replies.log(f"A reply to {self._method} {self._request['path']}: {problem}.", "error")

    def _lose_rest(self) -> None:
        while not self._box.empty():
            if isinstance(reply := self._box.get_nowait(), Taken):
                self._bridge.replies.lose(reply, "socket closed")

    async def _explain(self, error: Exception) -> None:
        """Answer with what went wrong. Too late for that, the response ends midway."""
        match error:
            case ChannelFull():
                status, text = 503, "Request queue full."
            case TooLarge():
                status, text = 413, str(error)
            case Refused():
                status, text = (413 if error.reason == "too large" else 503), str(error)
            case Forgotten():
                status, text = 503, f"{error} Try again."
            case RedisGone():
                status, text = 503, "The channel layer does not answer: Redis is down. Try again in a moment."
            case _Wiped():
                status, text = 503, "The channel layer lost its data, and this request with it. Try again."
            case _Unfinished():
                status, text = HTTPStatus.REQUEST_TIMEOUT, "The body of the request did not come in time."
            case TimeoutError():
                status, text = 503, f"No worker answered within {self._options.http_timeout:.0f} s."
            case _:  # nobody listens any more
                return
        await self._response.explain(status, text)
