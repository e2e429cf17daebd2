# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain HTTP passed over without being read: most connections on a web server's port never become WebSockets.

Only what is beyond doubt is passed over: one request at a time, whole in a segment and without a body, and its answer
with a counted one. A refused WebSocket is such an answer too. At anything else app.wire.connection takes over, and is
given what it has to know.
"""

from __future__ import annotations

import re
from mmap import mmap

from app.capture.timed import TimedConnection
from app.wire.handshake import Handshake, handshake_of
from app.wire.http1 import Request, parse_request, parse_response
from app.wire.scan import Passing

_REQUEST = re.compile(rb"(?:GET|POST|PUT|DELETE|OPTIONS|PATCH) [^ \r\n]{1,60000} HTTP/1\.[01]\r\n").match
# 1xx, 204 and 304 have no body whatever they say, RFC 9112 §6.3.
_ANSWER = re.compile(rb"HTTP/1\.[01] (?:20[0-35-9]|30[0-35-9]|[45][0-9][0-9])(?: [^\r\n]*)?\r\n").match
_LENGTH = re.compile(rb"\ncontent-length:[ \t]*([0-9]{1,15})\r\n(?![ \t])").search

Piece = tuple[int, bytes]  # offset and bytes


class Plain:
    """The exchanges of one connection that is seen from its beginning; `refused` is the handshake that just failed.

    Args:
        answers: what of the server's bytes may pass: those of a counted body.
    """

    __slots__ = ("_answer", "_answers", "_asked", "_ends", "_left", "_request", "refused")

    def __init__(self, answers: Passing) -> None:
        self._request: Piece | None = None  # not answered yet, or not to the end
        self._asked: Request | None = None  # the same, if it asks for a WebSocket
        self.refused: Handshake | None = None
        self._answer: Piece | None = None  # the segment that the answer to it begins in
        self._left = 0  # bytes of the answer's body after that segment
        self._answers = answers
        self._ends = {"client": 0, "server": 0}

    def passes(self, direction: str, data: mmap, start: int, end: int, offset: int) -> bool:
        """Return whether the next bytes of one direction are beyond doubt; they are then used up."""
        if self._answers.left:
            passes = direction == "server" and self._passes_body(end - start)
        elif direction == "server":
            passes = self._request is not None and self._passes_answer(data[start:end], offset)
        else:
            passes = self._request is None and self._passes_request(data[start:end], offset)
        if passes:
            self._ends[direction] = offset + end - start
        return passes

    def hand_over(self, connection: TimedConnection, time: float) -> None:
        """Give a connection that has seen nothing yet what it needs to go on from here."""
        for direction, piece in (("client", self._request), ("server", self._answer)):
            connection.begin_at(direction, piece[0] if piece else self._ends[direction])
            if piece:
                connection.receive(direction, *piece, time)
        if passed := self._left - self._answers.left:
            connection.pass_over("server", passed)
        self._answers.left = 0

    def _passes_request(self, data: bytes, offset: int) -> bool:
        if not _REQUEST(data) or data.find(b"\r\n\r\n") != len(data) - 4:
            return False
        lower = data.lower()
        if b"content-length" in lower or b"transfer-encoding" in lower:
            return False
        if b"upgrade" in lower or b"sec-websocket-key" in lower:
            self._asked = parse_request(data[:-4])
            if self._asked is None or not self._asked.is_attempt:
                return False
        self._request = offset, data
        return True

    def _passes_answer(self, data: bytes, offset: int) -> bool:
        end = data.find(b"\r\n\r\n") + 4
        if end < 4 or not _ANSWER(data):
            return False
        lower = data[:end].lower()
        length = _LENGTH(lower)
        if length is None or b"upgrade" in lower or b"transfer-encoding" in lower:
            return False
        left = int(length[1]) - len(data) + end
        if left < 0:
            return False
        if self._asked and (response := parse_response(data[: end - 4])):
            self.refused, self._asked = handshake_of(self._asked, response), None
        self._answer, self._left, self._answers.left = (offset, data), left, left
        self._finish()
        return True

    def _passes_body(self, length: int) -> bool:
        if length > self._answers.left:
            return False
        self._answers.left -= length
        self._finish()
        return True

    def _finish(self) -> None:
        if not self._answers.left:
            self._request = self._answer = None
            self._left = 0
