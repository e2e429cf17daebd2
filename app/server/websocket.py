# SPDX-License-Identifier: GPL-3.0-or-later
"""One WebSocket: connect, receive and disconnect messages out, Send / Close / Accept messages in (checklist §7)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from app.events import ReplyChannelOpened
from app.layer import RedisGone
from app.layer.refused import Refused
from app.server.scope import Receive, Scope, Send, connection_of, request_of

if TYPE_CHECKING:
    from app.layer.receipts import Taken
    from app.server.bridge import Bridge

TRY_AGAIN_LATER = 1013  # RFC 6455 registry: the channel layer is full or away
SERVICE_RESTART = 1012  # Redis lost its data; groups are gone, so the socket would be deaf (S-11)
REPLY_KEYS = {
    "text": str | None,
    "bytes": bytes | None,
    "close": int | None,  # a bool, or a close code
    "accept": bool | None,
}


class Socket:
    """A WebSocket between its handshake and its end; counts data messages of both directions from 1."""

    def __init__(self, bridge: Bridge, scope: Scope, receive: Receive, send: Send) -> None:
        self._bridge = bridge
        self._scope = scope
        self._receive = receive
        self._send = send
        self._connection = connection_of(scope)
        self._channel, self._box = bridge.replies.open()
        self._wiped = bridge.replies.wiped
        self._accepted = asyncio.Event()
        self._ended = False
        self._received = 0
        self._sent = 0

    async def serve(self) -> None:
        """Live from the opening handshake to the end."""
        await self._receive()  # websocket.connect
        self._say_channel()
        tasks: list[asyncio.Task[Any]] = []
        try:
            if await self._post("websocket.connect", self._connect_message()):
                tasks = [
                    asyncio.create_task(work)
                    for work in (self._pass_replies(), self._limit_handshake(), self._leave_when_wiped())
                ]
                await self._pass_frames()
        finally:
            for task in tasks:
                task.cancel()
            self._bridge.replies.close(self._channel)

    def _say_channel(self) -> None:
        self._bridge.say(
            ReplyChannelOpened(t=time.time(), source="server", connection=self._connection, channel=self._channel)
        )

    def _connect_message(self) -> dict[str, Any]:
        return {"reply_channel": self._channel, "order": 0, **request_of(self._scope)}

    async def _post(self, channel: str, message: dict[str, Any], n: int = 0) -> bool:
        """Send on the layer; a layer that is full or away ends the socket."""
        try:
            await self._bridge.post(channel, message, self._connection, n)
        except Refused as refused:
            await self._end(TRY_AGAIN_LATER, str(refused))
        except RedisGone:
            await self._end(TRY_AGAIN_LATER, "the channel layer does not answer")
        else:
            return True
        return False

    async def _pass_frames(self) -> None:
        """From the client to the layer, until the socket closes."""
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                break
            self._received += 1
            message = {"reply_channel": self._channel, "path": self._scope["path"], "order": self._received}
            kind = "bytes" if event.get("bytes") is not None else "text"
            if not await self._post("websocket.receive", {**message, kind: event[kind]}, self._received):
                break
        self._ended = True
        await self._tell_disconnect(event.get("code") or 1005)

    async def _tell_disconnect(self, code: int) -> None:
        message = {
            "reply_channel": self._channel,
            "code": code,
            "path": self._scope["path"],
            "order": self._received + 1,
        }
        with contextlib.suppress(Refused, RedisGone):  # give up silently (checklist §4)
            await self._bridge.post("websocket.disconnect", message, self._connection)

    async def _pass_replies(self) -> None:
        """From the layer to the client, until the socket closes; what comes after is lost."""
        while True:
            taken: Taken = await self._box.get()
            if self._ended:
                return self._bridge.replies.lose(taken, "socket closed")
            reply = taken.message or {}
            data = reply.get("text"), reply.get("bytes")
            if problem := self._problem(reply):
                self._bridge.replies.log(f"A reply to {self._channel} was ignored: {problem}.", "error")
            has_data = not problem and any(data) and not (reply.get("accept") is False and not self._is_open)
            if has_data:
                self._sent += 1
            self._bridge.took(taken, self._connection, self._sent if has_data else 0)
            if not problem:
                with contextlib.suppress(OSError):  # the client left meanwhile; `_pass_frames` hears of it
                    await self._obey(reply, has_data)

    @property
    def _is_open(self) -> bool:
        return self._accepted.is_set()

    @staticmethod
    def _problem(reply: dict[str, Any]) -> str:
        unknown = reply.keys() - REPLY_KEYS
        if unknown:
            return f"unknown key {', '.join(sorted(unknown))}; expected text, bytes, close or accept"
        if reply.get("text") is not None and reply.get("bytes") is not None:
            return "both text and bytes are set; at most one may be"
        for key, kinds in REPLY_KEYS.items():
            if not isinstance(reply.get(key), kinds):
                return f"{key} is {reply[key]!r:.80}"
        return ""

    async def _obey(self, reply: dict[str, Any], has_data: bool) -> None:
        """The decision table of checklist §7."""
        close = reply.get("close")
        if not self._is_open:
            if reply.get("accept") is False or (close and not has_data and not reply.get("accept")):
                await self._end()
                return
            if reply.get("accept") or has_data:
                await self._send({"type": "websocket.accept"})
                self._accepted.set()
        if has_data:
            kind = "text" if reply.get("text") is not None else "bytes"
            await self._send({"type": "websocket.send", kind: reply[kind]})
        if close:
            await self._end(1000 if close is True else int(close))

    async def _limit_handshake(self) -> None:
        """Reject with 403 when no consumer answers in time."""
        try:
            await asyncio.wait_for(self._accepted.wait(), self._bridge.connect_timeout)
        except TimeoutError:
            await self._end()

    async def _leave_when_wiped(self) -> None:
        await self._wiped.wait()
        await self._end(SERVICE_RESTART, "the channel layer lost its data")

    async def _end(self, code: int = 1000, reason: str = "") -> None:
        """Close; before the handshake is done that is a refusal: 503 where the layer is at fault, else 403."""
        if self._ended:
            return
        self._ended = True
        if not self._is_open and code == TRY_AGAIN_LATER:
            await self._refuse(503, reason)
        else:
            await self._send({"type": "websocket.close", "code": code, "reason": reason[:120]})

    async def _refuse(self, status: int, reason: str) -> None:
        body = f"{reason or 'refused'}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await self._send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": body})
