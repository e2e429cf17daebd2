# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP/1.1 half of a connection: uvicorn's, with a tap, limits, and our WebSocket half behind the upgrade.

These are internals of uvicorn: it is pinned exactly.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.server.connection import WebSocketConnection
from app.server.tap import EXTENSION, TappedTransport, host_of

if TYPE_CHECKING:
    from app.server.door import Door


class _Refusal(Exception):
    """A request is turned away before it is a request."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class HttpConnection(HttpToolsProtocol):
    """One connection, from its beginning to its end or to its upgrade."""

    raw: asyncio.Transport

    def __init__(self, door: Door, **uvicorn: Any) -> None:
        super().__init__(**uvicorn)
        self._door = door
        self._head_size = 0
        self._head_since = 0.0  # when a head began that is not complete; 0: none
        self._slow_since = 0.0
        self._upgrade_waits: bytes | None = None

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.tap = self._door.new_tap()
        self.tap.opened(transport)
        self.raw = transport
        super().connection_made(TappedTransport(transport, self.tap))  # type: ignore[arg-type]
        self._head_since = self._door.now()

    def data_received(self, data: bytes) -> None:
        self.tap.passed("client", data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
            if self._head_since:
                self._measure(len(data))
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, _Refusal) else _Refusal(400, "Invalid HTTP request received."))
        except _Refusal as refusal:
            self._refuse(refusal)

    def connection_lost(self, exc: Exception | None) -> None:
        self.tap.closed(exc)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self._slow_since = self._door.now()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._slow_since = 0.0
        super().resume_writing()

    # --- the parser's callbacks ---

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_since, self._head_size = self._door.now(), 0
        self.scope["extensions"] = {EXTENSION: {"connection": self.tap.connection}}

    def on_headers_complete(self) -> None:
        self._head_since = 0.0
        self._head_size = 0
        self._measure(len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers))
        if self.parser.get_http_version() == "1.1" and [name for name, _ in self.headers].count(b"host") != 1:
            raise _Refusal(400, "An HTTP/1.1 request has one Host header (RFC 9112 §3.2).")
        if refusal := self._door.hosts.refusal(self.headers):
            raise _Refusal(*refusal)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._upgrade_waits is not None and not self.transport.is_closing():
            self._upgrade(self._upgrade_waits)

    # --- the room ---

    @property
    def local_host(self) -> str:
        """The address at which the client reached us."""
        return host_of(self.raw)

    def leave(self, code: int, reason: str) -> None:
        """End the connection, after the answer that is being given; `code` and `reason` are for sockets."""
        self.shutdown()

    # --- limits ---

    def check(self, now: float) -> None:
        """Give up on a client that does not finish its request, or does not read its answer."""
        if self._head_since and now - self._head_since > self._door.options.handshake_timeout:
            if self._head_size:
                self._refuse(_Refusal(408, "The request did not come in time."))
            else:
                self.transport.close()
        elif self._slow_since and now - self._slow_since > self._door.options.write_timeout:
            self.transport.abort()

    def put_off(self, seconds: float, now: float) -> None:
        """So many seconds up to `now` do not count."""
        if self._head_since:
            self._head_since = min(self._head_since + seconds, now)
        if self._slow_since:
            self._slow_since = min(self._slow_since + seconds, now)

    def timeout_keep_alive_handler(self) -> None:
        if not self._door.time.stands_still:
            return super().timeout_keep_alive_handler()
        again = self.timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, again)

    def _measure(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self._door.options.header_limit:
            raise _Refusal(431, f"The head of the request is larger than {self._door.options.header_limit} bytes.")

    def _refuse(self, refusal: _Refusal) -> None:
        """Answer and hang up; while an answer to another request is due only hang up."""
        self._head_since = 0.0
        is_due = self.cycle is not None and not self.cycle.response_complete
        is_of_this = is_due and self.cycle.more_body and not self.cycle.response_started and not self.pipeline
        if not is_due or is_of_this:
            body = f"{refusal}\n".encode()
            head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[refusal.status] + head % len(body) + body)
        self.transport.close()

    # --- the upgrade ---

    def _should_upgrade_to_ws(self) -> bool:
        return True

    def _upgrade(self, rest: bytes) -> None:
        """Let the WebSocket half go on; `rest` came in the same segment as the handshake."""
        if not self._should_upgrade():
            return  # to something we do not speak: it was an ordinary request
        if _has_body(self.headers):
            return self._refuse(_Refusal(400, "An opening handshake has no body (RFC 6455 §4.1)."))
        if self.cycle is not None and not self.cycle.response_complete:
            self._upgrade_waits = rest
            return self.flow.pause_reading()
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        method = self.scope["method"].encode()
        lines = [b"%b: %b\r\n" % header for header in self.headers]
        version = self.scope["http_version"].encode()
        head = b"".join([method, b" ", self.url, b" HTTP/", version, b"\r\n", *lines, b"\r\n"])
        connection = WebSocketConnection(self._door, self.tap, self.raw, self.connections, self._socket_scope())
        self.raw.set_protocol(connection)
        connection.begin(head, rest)

    def _socket_scope(self) -> dict[str, Any]:
        url = httptools.parse_url(self.url)
        return {
            **self.scope,
            "type": "websocket",
            "scheme": "wss" if self.scheme == "https" else "ws",
            "path": unquote(url.path.decode("ascii")),
            "query_string": url.query or b"",
        }


def _has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name == b"transfer-encoding" or (name == b"content-length" and size != b"0") for name, size in headers)
