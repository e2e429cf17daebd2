# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of RFC 6455 for one socket: websockets' sans-I/O protocol, told to hand on each message as it ends."""

from __future__ import annotations

import codecs
import http
import logging
from collections.abc import Callable, Sequence

from websockets.exceptions import InvalidHeader
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

_QUIET = logging.getLogger("app.server.wire")  # what it would log is told by the tap
_QUIET.setLevel(logging.ERROR)


class Wire(ServerProtocol):
    """One socket: bytes in, messages to `take`, bytes to send in `writes`.

    Messages are handed on in the middle of `receive_data`, so that what is sent in answer to one has its place among
    pongs and the answer to a close.
    """

    def __init__(self, take: Callable[[str | bytes], None], limit: int, protocols: tuple[str, ...], deflate: bool):
        super().__init__(
            max_size=limit,
            logger=_QUIET,
            extensions=[ServerPerMessageDeflateFactory()] if deflate else None,
            select_subprotocol=_first_of(protocols),
        )
        self._take = take
        self._parts: list[str | bytes] = []
        self._decode: Callable[[bytes, bool], str] | None = None  # of the text message that is not finished yet

    def recv_frame(self, frame: Frame) -> None:
        """Follow the protocol, then hand on the message if this is its last frame."""
        opcode = frame.opcode
        if opcode is Opcode.CLOSE:
            self.current_size = None  # websockets fails where a close interrupts a message; RFC 6455 §5.5 allows it
        super().recv_frame(frame)
        self.events.clear()
        if opcode is Opcode.TEXT and frame.fin:
            self._take(str(frame.data, "utf-8"))
        elif opcode is Opcode.BINARY and frame.fin:
            self._take(bytes(frame.data))
        elif opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._take_part(frame)

    @property
    def last_code(self) -> int:
        """The client's close code, else that with which we failed the connection, else 1006 (RFC 6455 §7.1.5)."""
        if self.close_rcvd:
            return self.close_rcvd.code
        has_failed = self.parser_exc is not None and not isinstance(self.parser_exc, EOFError)
        return self.close_sent.code if self.close_sent and has_failed else 1006

    def _take_part(self, frame: Frame) -> None:
        """Keep a fragment; text is checked as it comes, so that a message that is no UTF-8 fails at once (1007)."""
        if frame.opcode is Opcode.TEXT:
            self._decode = codecs.getincrementaldecoder("utf-8")().decode
        data = bytes(frame.data)
        self._parts.append(self._decode(data, frame.fin) if self._decode else data)
        if frame.fin:
            parts, self._parts = self._parts, []
            is_text, self._decode = self._decode is not None, None
            self._take("".join(parts) if is_text else b"".join(parts))  # type: ignore[arg-type]

    def answer_to(self, request: Request) -> Response:
        """Return the answer to a handshake; another version than 13 is answered with 426 (RFC 6455 §4.4)."""
        response = self.accept(request)
        error = self.handshake_exc
        if isinstance(error, InvalidHeader) and error.name.lower() == "sec-websocket-version":
            response = self.reject(http.HTTPStatus.UPGRADE_REQUIRED, "This server speaks WebSocket version 13 only.\n")
            response.headers["Sec-WebSocket-Version"] = "13"
        return response


def _first_of(
    protocols: tuple[str, ...],
) -> Callable[[ServerProtocol, Sequence[Subprotocol]], Subprotocol | None]:
    """Agree to the first subprotocol the client offers that we know, or to none (asgi1_checklist D-07)."""

    def select(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((name for name in offered if name in protocols), None)

    return select
