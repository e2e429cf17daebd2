# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of RFC 6455 for one socket: websockets' sans-I/O protocol, told to hand on each message as it ends."""

from __future__ import annotations

import codecs
import http
import logging
from collections.abc import Callable, Generator, Sequence

from websockets.exceptions import InvalidHeader, ProtocolError
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.streams import StreamReader
from websockets.typing import Subprotocol

from app.server.frames import only_message

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
        self.reader = _Reader()
        self.parser = self.parse()
        next(self.parser)
        self._take = take
        self._parts: list[str | bytes] = []
        self._decode: Callable[[bytes, bool], str] | None = None  # of the text message that is not finished yet

    def receive(self, data: bytes) -> None:
        """Take bytes from the client; the usual case, a message in one frame in one segment, goes a short way."""
        if self._state is OPEN and self.current_size is None and not self.reader.buffer and not self.extensions:
            message = only_message(data)
            if message is not None and len(data) < (self.max_message_size or len(data)):
                return self._take(message)
        self.receive_data(data)

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


class _Reader(StreamReader):
    """websockets' own, which also minds that lengths are in their shortest form (RFC 6455 §5.2)."""

    _reads = 0  # since the frame began
    _code = 0  # its 7 bits of length

    def at_eof(self) -> Generator[None, None, bool]:
        """The protocol asks this before each frame."""
        self._reads = 0
        return super().at_eof()

    def read_exact(self, n: int) -> Generator[None, None, bytearray]:
        """The first read of a frame is its first two bytes; after 126 and 127 the second is its length."""
        data = yield from super().read_exact(n)
        self._reads += 1
        if self._reads == 1:
            self._code = data[1] & 127
        elif self._reads == 2 and self._code > 125:
            length = int.from_bytes(data, "big")
            if not (length > 125 if self._code == 126 else 65535 < length < 2**63):
                raise ProtocolError("the length is not in its shortest form")
        return data
