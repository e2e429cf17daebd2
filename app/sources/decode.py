# SPDX-License-Identifier: GPL-3.0-or-later
"""From byte runs to what they mean: observed events in, the same without their bytes and the derived ones out."""

from __future__ import annotations

import json

from app.events import (
    BytesSeen,
    ClientNamed,
    ConnectionClosed,
    ConnectionOpened,
    Direction,
    Event,
    FrameSeen,
    GapSeen,
    HandshakeSeen,
    WebSocketMessageSeen,
)
from app.frame_index import FrameIndex
from app.wire.connection import Connection, Gap, Value
from app.wire.frames import TEXT, Frame
from app.wire.handshake import Handshake
from app.wire.messages import WebSocketMessage

_MOST = 2**62  # the longest length a row can hold; a frame may claim more
_DIRECTIONS: tuple[Direction, Direction] = ("client", "server")


class _Stream:
    """One connection being decoded."""

    def __init__(self, is_whole: bool = False) -> None:
        self.decoder = Connection(is_whole)
        self.expected = {"client": 0, "server": 0}  # the offset of the next byte run
        self.rows: dict[str, list[int]] = {"client": [], "server": []}  # of the message that is being put together


class WireDecoder:
    """Decodes every connection; frames become rows of `index`, live, in a replay and in a capture alike."""

    def __init__(self, index: FrameIndex) -> None:
        self.index = index
        self._streams: dict[str, _Stream] = {}

    def feed(self, event: Event) -> list[Event]:
        """Take an observed event; returns it, without its bytes, and the events derived from it.

        The bytes go into the spool of the index. Events that are not about connections come back as they are.
        """
        if isinstance(event, BytesSeen):
            self.index.spool.add(event.connection, event.direction, event.offset, event.data)
            seen = BytesSeen(
                t=event.t, source=event.source, connection=event.connection, direction=event.direction,
                offset=event.offset, length=event.length,
            )  # fmt: skip
            return [seen, *self.decode(event, event.data)]
        if isinstance(event, ConnectionOpened):
            self.open(event.connection)
        elif isinstance(event, ConnectionClosed):
            return [*self.close(event), event]
        return [event]

    def open(self, connection: str, is_whole: bool = False) -> None:
        """Begin a connection; `is_whole` says that its first bytes are those of the TCP stream."""
        self._streams[connection] = _Stream(is_whole)

    def decode(self, run: BytesSeen, data: bytes) -> list[Event]:
        """Return the events derived from a byte run whose bytes already have their place in the spool."""
        stream = self._streams.get(run.connection)
        if stream is None:
            stream = self._streams[run.connection] = _Stream()
        values: list[Value] = []
        missing = run.offset - stream.expected[run.direction]
        if missing > 0:
            values += stream.decoder.skip(run.direction, missing)
        elif missing < 0:
            data = data[-missing:]  # seen before
        stream.expected[run.direction] = max(run.offset + run.length, stream.expected[run.direction])
        values += stream.decoder.receive(run.direction, data)
        return self._events(stream, run, values)

    def end(self, run: BytesSeen) -> list[Event]:
        """One direction of a connection has ended; `run` is an empty run at its end."""
        stream = self._streams.get(run.connection)
        return [] if stream is None else self._events(stream, run, stream.decoder.eof(run.direction))

    def close(self, event: ConnectionClosed) -> list[Event]:
        """Return what the end of a connection completes, and forget the connection."""
        events: list[Event] = []
        stream = self._streams.pop(event.connection, None)
        for direction in _DIRECTIONS if stream else ():
            assert stream is not None
            values = stream.decoder.eof(direction)
            events += self._events(stream, event, values)
        return events

    def is_other(self, connection: str) -> bool:
        """Return whether a connection was found to carry something else than WebSockets."""
        stream = self._streams.get(connection)
        return stream is not None and stream.decoder.is_other

    def _events(self, stream: _Stream, at: BytesSeen | ConnectionClosed, values: list[Value]) -> list[Event]:
        events: list[Event] = []
        for value in values:
            if isinstance(value, Frame):
                self._frame(stream, at, value, events)
            elif isinstance(value, WebSocketMessage):
                _message(stream, at, value, events)
            elif isinstance(value, Handshake):
                events.append(_handshake(at, value))
            else:
                events.append(_gap(at, value))
        return events

    def _frame(self, stream: _Stream, at: BytesSeen | ConnectionClosed, frame: Frame, events: list[Event]) -> None:
        rules = tuple(violation.rule for violation in frame.violations)
        row = self.index.append(
            at.t, at.connection, frame.direction, frame.first, frame.second, frame.header_size,
            min(frame.payload_length, _MOST), frame.offset, rules, frame.is_complete,
        )  # fmt: skip
        if row < 0:
            return
        rows = stream.rows[frame.direction]
        if frame.opcode in (1, 2):
            rows.clear()
        if frame.opcode <= 2:
            rows.append(row)
        if frame.is_complete:
            events.append(
                FrameSeen(
                    t=at.t, source=at.source, connection=at.connection, direction=_direction(frame.direction), row=row,
                    opcode=frame.opcode, fin=frame.fin, length=frame.payload_length, violations=rules,
                )
            )  # fmt: skip


def _direction(direction: str) -> Direction:
    return "client" if direction == "client" else "server"


def _message(stream: _Stream, at: BytesSeen | ConnectionClosed, message: WebSocketMessage, events: list[Event]) -> None:
    events.append(
        WebSocketMessageSeen(
            t=at.t, source=at.source, connection=at.connection, direction=_direction(message.direction), n=message.n,
            opcode=message.opcode, length=len(message.data), rows=tuple(stream.rows[message.direction]),
        )
    )  # fmt: skip
    stream.rows[message.direction].clear()
    if message.direction == "server" and message.opcode == TEXT and (name := _welcomed(message.data)):
        events.append(ClientNamed(t=at.t, source=at.source, connection=at.connection, name=name))


def _welcomed(data: bytes) -> str:
    """Return the name the demo greets a page with: {"type": "welcome", "username": NAME}; "" in any other message."""
    if not data.startswith(b"{") or b'"welcome"' not in data[:64]:
        return ""
    try:
        content = json.loads(data)
    except ValueError:
        return ""
    name = content.get("username") if content.get("type") == "welcome" else ""
    return name if isinstance(name, str) else ""


def _handshake(at: BytesSeen | ConnectionClosed, handshake: Handshake) -> HandshakeSeen:
    return HandshakeSeen(
        t=at.t, source=at.source, connection=at.connection, target=handshake.target, status=handshake.status,
        key=handshake.key, accept=handshake.accept, subprotocol=handshake.subprotocol,
        violations=tuple(violation.rule for violation in handshake.violations),
    )  # fmt: skip


def _gap(at: BytesSeen | ConnectionClosed, gap: Gap) -> GapSeen:
    return GapSeen(
        t=at.t, source=at.source, connection=at.connection, direction=_direction(gap.direction), offset=gap.offset,
        length=gap.length, confidence=gap.confidence,
    )  # fmt: skip
