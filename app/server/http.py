# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP request: a message on `http.request`, and the response from its reply channel (asgi1_checklist §6)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from app.layer import RedisGone
from app.layer.refused import Refused
from app.server.scope import Receive, Scope, Send, connection_of, request_of

if TYPE_CHECKING:
    from app.layer.receipts import Taken
    from app.server.bridge import Bridge

    Box = asyncio.Queue[Taken]
    Ends = dict[asyncio.Task[Any], type[Exception]]

BODY_LIMIT = 768 * 1024  # bytes; a message is at most 1 MiB, measured as JSON


class _Gone(Exception):
    """The client went away."""


class _Wiped(Exception):
    """Redis lost its data: no answer will come."""


async def serve_request(bridge: Bridge, scope: Scope, receive: Receive, send: Send) -> None:
    """Carry one request to a worker and its response back."""
    connection = connection_of(scope)
    channel, box = bridge.replies.open()
    ends: Ends = {asyncio.create_task(bridge.replies.wiped.wait()): _Wiped}
    try:
        body = await _body(receive)
        await bridge.post("http.request", _message(scope, channel, body), connection)
        ends[asyncio.create_task(_until_gone(receive))] = _Gone
        await _relay(bridge, box, connection, ends, send)
    except Refused as refused:
        status, text = (503, "Request queue full.") if refused.reason == "full" else (413, str(refused))
        await _answer(send, status, text)
    except RedisGone:
        await _answer(send, 503, "The channel layer does not answer: Redis is down. Try again in a moment.")
    except TimeoutError:
        await _answer(send, 503, f"No worker answered within {bridge.http_timeout:.0f} s.")
    except _Wiped:
        await _answer(send, 503, "The channel layer lost its data, and this request with it. Try again.")
    except _Gone:
        await _tell_disconnect(bridge, scope, channel, connection)
    finally:
        for end in ends:
            end.cancel()
        bridge.replies.close(channel)


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _Gone
        body += event.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise _TooLarge(f"The request body is larger than {BODY_LIMIT} bytes.")
        if not event.get("more_body"):
            return body


class _TooLarge(Refused):
    reason = "too large"


def _message(scope: Scope, reply_channel: str, body: bytes) -> dict[str, Any]:
    return {
        "reply_channel": reply_channel,
        "http_version": scope["http_version"],
        "method": scope["method"],
        "body": body,
        **request_of(scope),
    }


async def _relay(bridge: Bridge, box: Box, connection: str, ends: Ends, send: Send) -> None:
    """Pass the response on, chunk by chunk, unless it comes to another end first."""
    taken = await _next(box, ends, bridge.http_timeout)
    bridge.took(taken, connection)
    reply = taken.message or {}
    await send({"type": "http.response.start", "status": reply["status"], "headers": _headers(reply)})
    while True:
        more = bool(reply.get("more_content"))
        await send({"type": "http.response.body", "body": reply.get("content", b""), "more_body": more})
        if not more:
            return
        try:
            taken = await _next(box, ends, bridge.http_timeout)
        except (TimeoutError, _Wiped):
            return  # too late for another answer: the server ends the connection in the middle of the response
        bridge.took(taken, connection)
        reply = taken.message or {}


async def _next(box: Box, ends: Ends, seconds: float) -> Taken:
    """Return the next reply; raises the error of whichever end comes first, or TimeoutError."""
    taking = asyncio.create_task(box.get())
    try:
        done, _ = await asyncio.wait((taking, *ends), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        taking.cancel()  # does nothing to one that is done
    if taking in done:
        return taking.result()
    raise next((error for end, error in ends.items() if end in done), TimeoutError)


def _headers(reply: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(bytes(name).lower(), bytes(value)) for name, value in reply.get("headers", [])]


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _tell_disconnect(bridge: Bridge, scope: Scope, channel: str, connection: str) -> None:
    """Send `http.disconnect`; where that fails, give up silently (asgi1_checklist §4)."""
    try:
        await bridge.post("http.disconnect", {"reply_channel": channel, "path": scope["path"]}, connection)
    except (Refused, RedisGone):
        return
