# SPDX-License-Identifier: GPL-3.0-or-later
"""One TCP connection: bytes of both directions in, the handshake, frames, messages and gaps out.

A direction is in one of five phases. It starts by *searching*: for a request or an answer at its very beginning, or,
when the capture began too late, for frames. *HTTP* passes over ordinary requests until one asks for a WebSocket; the
client then *waits* for the answer, and after status 101 both directions carry *frames*. What is none of this is
*other* traffic and passes by.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from app.wire import http1, sync
from app.wire.cutter import Cutter
from app.wire.deflate import Deflate
from app.wire.frames import Frame
from app.wire.handshake import Handshake, handshake_of
from app.wire.http1 import Body, Request, Response
from app.wire.messages import WebSocketMessage
from app.wire.scan import Outline
from app.wire.side import Frames, FramesFactory, Phase, Side


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes from `offset` on were not seen or not understood; after them decoding goes on.

    `confidence` (0 to 1) says how sure it is that a frame begins there: 1 where lengths told it, 0 at the end of the
    stream. A gap of length 0 at offset 0 marks a connection that was already open.
    """

    direction: str
    offset: int
    length: int
    confidence: float


Value = Handshake | Frame | Outline | WebSocketMessage | Gap


class Connection:
    """Decodes one connection; a bad peer never makes it raise.

    Args:
        is_whole: whether it is seen from its very beginning, so that only a handshake can lead to frames.
        frames: makes what finds the frames of one direction.
        is_websocket: whether we are told that it carries frames, so that less evidence will do.
    """

    def __init__(self, is_whole: bool = False, frames: FramesFactory = Cutter, is_websocket: bool = False) -> None:
        phase = Phase.HTTP if is_whole and not is_websocket else Phase.SEARCHING
        self._client = Side("client", phase)
        self._server = Side("server", phase)
        self._requests: deque[Request] = deque()  # not answered yet
        self._is_websocket = is_websocket
        self._make_frames = frames
        self._deflate: Deflate | None = None
        self._answer: Response | None = None  # a 101 whose request was not seen yet
        self._is_handshake_known = False

    @property
    def is_other(self) -> bool:
        """Whether neither direction will give anything more."""
        return self._client.phase is Phase.OTHER and self._server.phase is Phase.OTHER

    @property
    def is_websocket(self) -> bool:
        """Whether a handshake succeeded or frames were found."""
        return self._is_websocket

    def used(self, direction: str) -> int:
        """Return the offset of the first byte that was not yet used for a value or passed over."""
        return self._side(direction).offset

    def frames(self, direction: str) -> Frames | None:
        """Return what takes the bytes of a direction that is in frames; it may be fed directly (see `moved_to`)."""
        side = self._side(direction)
        return side.frames if side.phase is Phase.FRAMES else None

    def moved_to(self, direction: str, offset: int) -> None:
        """The bytes up to `offset` were given to `frames` directly."""
        self._side(direction).offset = offset

    def pass_over(self, direction: str, length: int) -> bool:
        """Return whether the next bytes are of an HTTP body, whatever they say; they are then used up."""
        side = self._side(direction)
        if side.phase is not Phase.HTTP or side.buffer or not side.body.skip(length):
            return False
        side.offset += length
        return True

    def receive(self, direction: str, data: bytes) -> list[Value]:
        """Take the next bytes of one direction; returns what they complete."""
        side = self._side(direction)
        if side.phase is Phase.OTHER:
            side.offset += len(data)
            return []
        if self.pass_over(direction, len(data)):
            return []
        side.buffer += data
        return self._run(side)

    def skip(self, direction: str, length: int) -> list[Value]:
        """The next `length` bytes of one direction were not seen."""
        side = self._side(direction)
        end = side.offset + len(side.buffer) + length
        values: list[Value] = []
        if side.phase is Phase.FRAMES and side.frames:
            gap = side.offset - side.frames.unused
            is_inside, cut = side.frames.skip(length)
            values += cut
            if is_inside:
                values.append(Gap(direction, end - length, length, 1.0))
            else:
                self._search(side, gap)
                side.frames.lose_track()
        elif side.phase is Phase.HTTP and not side.buffer and side.body.skip(length):
            pass
        elif side.phase is Phase.SEARCHING:
            self._search(side, side.gap)
        elif side.phase is not Phase.OTHER:
            self._search(side, side.offset)
        side.buffer.clear()
        side.offset = end
        return values

    def eof(self, direction: str) -> list[Value]:
        """One direction has ended; returns what is left, such as a frame that was not finished."""
        side = self._side(direction)
        if side.has_ended:
            return []
        side.has_ended = True
        values = self._run(side)
        if side.phase is Phase.FRAMES and side.frames:
            values += side.frames.end()
        elif side.phase is Phase.SEARCHING and self._is_websocket:
            length = side.offset + len(side.buffer) - side.gap
            values += [Gap(direction, side.gap, length, 0.0)] if length else []
        if side is self._server and self._answer is not None:
            values.append(handshake_of(None, self._answer))
            self._answer = None
        return values

    def _side(self, direction: str) -> Side:
        return self._client if direction == "client" else self._server

    def _run(self, side: Side) -> list[Value]:
        values: list[Value] = []
        while True:
            phase, size = side.phase, len(side.buffer)
            if phase is Phase.FRAMES:
                assert side.frames is not None
                if size:
                    values += side.frames.take(side.buffer, side.offset)
                    side.drop(size)
                return values
            if phase is Phase.SEARCHING:
                self._find(side, values)
            elif phase is Phase.HTTP:
                self._read_http(side, values)
            elif phase is Phase.OTHER:
                side.drop(size)
            if side.phase is phase and len(side.buffer) == size:
                return values

    # --- HTTP ---

    def _read_http(self, side: Side, values: list[Value]) -> None:
        if not side.body.is_done:
            side.drop(side.body.take(side.buffer, 0))
            return
        # RFC 9112 §2.2: an empty line before a request is ignored.
        while side.buffer[:2] == b"\r\n":
            side.drop(2)
        if not side.buffer:
            return
        end = side.buffer.find(b"\r\n\r\n", 0, http1.HEAD_LIMIT)
        if end >= 0:
            head = bytes(side.buffer[:end])
            side.drop(end + 4)
            self._read_head(side, head, values)
        elif not http1.may_be_head(side.buffer, side.direction):
            side.phase = Phase.OTHER

    def _read_head(self, side: Side, head: bytes, values: list[Value]) -> None:
        if side is self._client and (request := http1.parse_request(head)):
            self._requested(request, values)
        elif side is self._server and (response := http1.parse_response(head)):
            self._answered(response, values)
        else:
            side.phase = Phase.OTHER

    def _requested(self, request: Request, values: list[Value]) -> None:
        if self._answer is not None and request.is_upgrade:
            values.append(handshake_of(request, self._answer))
            self._answer = None
            self._start_frames(self._client)
            return
        self._requests.append(request)
        self._client.body = http1.body_of(request)
        if request.is_upgrade:
            self._client.phase = Phase.WAITING

    def _answered(self, response: Response, values: list[Value]) -> None:
        if response.is_interim:
            return
        request = self._requests.popleft() if self._requests else None
        is_websocket = response.status == 101 and (
            response.has_token("upgrade", "websocket") or (request is not None and request.is_upgrade)
        )
        if is_websocket or (request is not None and request.is_attempt):
            handshake = handshake_of(request, response)
            if request is None:
                self._answer = response
            else:
                values.append(handshake)
            if is_websocket:
                self._open(handshake)
                values += self._run(self._client)
                return
        self._server.body = http1.body_of(response, request.method if request else "")
        if self._client.phase is Phase.WAITING and not any(request.is_upgrade for request in self._requests):
            self._client.phase = Phase.HTTP
            values += self._run(self._client)

    def _open(self, handshake: Handshake) -> None:
        self._is_websocket = self._is_handshake_known = True
        self._deflate = handshake.deflate
        self._start_frames(self._server)
        if self._answer is None and self._client.phase in (Phase.WAITING, Phase.HTTP):
            self._start_frames(self._client)

    # --- frames ---

    def _start_frames(self, side: Side) -> None:
        side.phase = Phase.FRAMES
        if side.frames is None:
            side.frames = self._make_frames(side.direction, self._deflate, self._is_handshake_known)

    def _search(self, side: Side, gap: int) -> None:
        side.phase, side.gap, side.cursor = Phase.SEARCHING, gap, 0

    def _find(self, side: Side, values: list[Value]) -> None:
        """Find where HTTP or frames begin in what was seen since a gap, or since the capture began."""
        is_known = self._is_websocket
        may_be_http = side.frames is None or (side is self._client and self._answer is not None)
        start = None if not may_be_http else http1.STARTS[side.direction].search(side.buffer)
        found = sync.find(side.buffer, side.cursor, side.direction == "client", is_known, side.has_ended)
        place = found.position if isinstance(found, sync.Sync) else found
        if start is not None and start.start() <= place:
            side.drop(start.start())
            side.phase, side.body = Phase.HTTP, Body()
        elif isinstance(found, sync.Sync):
            side.drop(place)
            self._found(side, found, values)
        elif place >= sync.REACH:
            side.drop(min(sync.REACH, len(side.buffer)) if is_known else 0)
            side.cursor = 0
            side.phase = side.phase if is_known else Phase.OTHER
        else:
            side.cursor = place

    def _found(self, side: Side, found: sync.Sync, values: list[Value]) -> None:
        values.append(Gap(side.direction, side.gap, side.offset - side.gap, found.confidence))
        self._is_websocket = True
        self._start_frames(side)
        assert side.frames is not None
        side.frames.lose_track()
