# SPDX-License-Identifier: GPL-3.0-or-later
"""The WebSocket half of a connection: from the upgrade to the end, without a task or thread of its own."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from websockets.http11 import Request
from websockets.protocol import CONNECTING, OPEN

from app.server.tap import host_of
from app.server.wire import Wire

if TYPE_CHECKING:
    from app.server.door import Door
    from app.server.tap import Tap

EARLY_LIMIT = 64 * 1024  # bytes that may come before they may be read


class Listener(Protocol):
    """Whoever talks with the client; takes messages of `message_limit` bytes."""

    message_limit: int

    def opened(self) -> None:
        """A handshake came that may be accepted."""

    def received(self, data: str | bytes) -> None:
        """A message came."""

    def slowed(self, is_slow: bool) -> None:
        """The client reads too slowly, or reads again."""

    def closed(self, code: int) -> None:
        """The connection is gone; `code` says why, 1006 if nobody did."""


class WebSocketConnection(asyncio.Protocol):
    """One socket on its transport, heard by a tap, in uvicorn's set of connections."""

    def __init__(
        self, door: Door, tap: Tap, transport: asyncio.Transport, connections: set[Any], scope: dict[str, Any]
    ) -> None:
        options = self._options = door.options
        self._door, self._connections, self._transport, self.tap = door, connections, transport, tap
        self._now, self._frame_of = door.now, door.frames.of
        self._opened = self._heard = self._now()
        self._pinged = self._slow_since = self._ended = 0.0  # since when; 0: it is not
        self._early: bytearray | None = bytearray()  # what came before it may be read
        self._is_due = False  # to be flushed at the end of the turn
        listener = self._listener = door.listener(self, scope)
        self._wire = Wire(listener.received, listener.message_limit, options.subprotocols, options.has_deflate)
        connections.add(self)

    # --- the opening handshake ---

    def begin(self, head: bytes, rest: bytes) -> None:
        """Read the request; `rest` came in the same segment after it."""
        self._wire.receive_data(head)
        requests = [event for event in self._wire.events_received() if isinstance(event, Request)]
        if not requests:  # too long: it is answered already
            return self._flush()
        self._answer = self._wire.answer_to(requests[0])
        if self._answer.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._wire.send_response(self._answer)
            return self._flush()
        self._keep(rest)
        self._listener.opened()

    def accept(self, is_read: bool = True) -> None:
        """Answer with 101; what the client says is kept until `read`, unless it is read from now on."""
        self._wire.send_response(self._answer)
        self._flush_soon()
        if is_read:
            self.read()

    def read(self) -> None:
        """Read from now on."""
        early, self._early = self._early, None
        if early:
            self.resume_reading()
            self._wire.receive(bytes(early))
            self._flush()

    def refuse(self, status: int, text: str) -> None:
        """Answer the handshake with an HTTP error."""
        self._wire.send_response(self._wire.reject(status, text))
        self._flush_soon()

    # --- messages ---

    def send(self, data: str | bytes) -> None:
        """Send a message; nothing once the closing handshake has begun."""
        wire = self._wire
        if wire._state is not OPEN:  # the property would be one more call for each message
            return
        if not wire.extensions:
            wire.writes.append(self._frame_of(data))
        elif isinstance(data, str):
            wire.send_text(data.encode())
        else:
            wire.send_binary(data)
        if not self._is_due:
            self._flush_soon()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Begin the closing handshake; the reason is cut to what a control frame holds."""
        if self._wire.state is OPEN:
            self._wire.send_close(code, reason.encode()[:123].decode(errors="ignore"))
            self._ended = self._now()
            self._flush_soon()

    def pause_reading(self) -> None:
        """Take nothing more from the client for now."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    # --- asyncio.Protocol ---

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self.tap.passed("client", data)
        self._heard, self._pinged = self._now(), 0.0
        if self._early is not None:
            return self._keep(data)
        self._is_due = True  # whatever is said in answer leaves in one write
        self._wire.receive(data)
        self._flush()

    def eof_received(self) -> None:
        """The client will send no more."""
        self._wire.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.tap.closed(exc)
        self._connections.discard(self)
        self._wire.receive_eof()
        self._listener.closed(self._wire.last_code)

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._slow_since = self._now()
        self._listener.slowed(True)

    def resume_writing(self) -> None:
        """It reads again."""
        self._slow_since = 0.0
        self._listener.slowed(False)

    # --- once in a while ---

    def check(self, now: float) -> None:
        """Ping, or give up, when it is time (asgi1_checklist D-05, D-06)."""
        options = self._options
        if self._ended:
            if now - self._ended > options.close_timeout:
                self._transport.abort()
        elif self._slow_since and now - self._slow_since > options.write_timeout:
            self._drop("reads nothing")
        elif self._wire.state is not OPEN:
            return
        elif 0 <= options.websocket_timeout < now - self._opened:
            self.close()
        elif self._pinged and now - self._pinged > options.ping_timeout:
            self._drop("did not answer a ping")
        elif now - self._heard > options.ping_interval:
            self.ping()

    def ping(self, data: bytes = b"") -> None:
        """Ask the client whether it is there, if the socket is open and it has not been asked."""
        if self._wire.state is OPEN and not self._pinged:
            self._pinged = self._now()
            self._wire.send_ping(data)
            self._flush()

    def put_off(self, seconds: float, now: float) -> None:
        """So many seconds up to `now` do not count."""
        self._opened += seconds
        self._heard = min(self._heard + seconds, now)
        for name in ("_pinged", "_slow_since", "_ended"):
            if since := getattr(self, name):
                setattr(self, name, min(since + seconds, now))

    def shutdown(self) -> None:
        """uvicorn is about to end."""
        self.leave(1012, "the server ends")

    @property
    def local_host(self) -> str:
        """The address at which the client reached us."""
        return host_of(self._transport)

    def leave(self, code: int, reason: str) -> None:
        """End the connection, in whatever state it is."""
        if self._wire.state is CONNECTING:
            self._transport.close()
        self.close(code, reason)

    # --- inside ---

    def _keep(self, data: bytes) -> None:
        assert self._early is not None
        self._early += data
        if len(self._early) > EARLY_LIMIT:
            self.pause_reading()

    def _flush_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._door.turn.at_end(self._flush)

    def _flush(self) -> None:
        self._is_due = False
        wire = self._wire
        if not wire.writes:
            return
        data = b"".join(wire.writes)
        wire.writes.clear()
        if data and not self._transport.is_closing():
            if self._slow_since and self._transport.get_write_buffer_size() > self._options.backlog_limit:
                return self._drop("reads too slowly")
            self.tap.passed("server", data)
            self._transport.write(data)
        if wire.eof_sent:
            self._finish()

    def _finish(self) -> None:
        """All is said; the client is to hang up first, so that it reads our last words (RFC 6455 §7.1.1)."""
        self._ended = self._now()
        if self._transport.is_closing():
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _drop(self, why: str) -> None:
        self._door.log(f"{self.tap.connection} was dropped: its client {why}.")
        self._transport.abort()
