# SPDX-License-Identifier: GPL-3.0-or-later
"""From byte runs to what they mean: observed events in, the same without their bytes and the derived ones out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from app.capture.timed import Timed, TimedConnection
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
from app.wire.connection import Gap
from app.wire.frames import BINARY, TEXT, Frame
from app.wire.handshake import Handshake
from app.wire.messages import WebSocketMessage

_MOST = 2**62  # the longest length a row can hold; a frame may claim more
_DIRECTIONS: tuple[Direction, Direction] = ("client", "server")


class _Stream:
    """One connection being decoded."""

    def __init__(self, is_whole: bool = False) -> None:
        self.connection = TimedConnection(is_whole)
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
        return self._events(stream, run, stream.connection.receive(run.direction, run.offset, data, run.t))

    def close(self, event: ConnectionClosed) -> list[Event]:
        """Return what the end of a connection completes, and forget the connection."""
        events: list[Event] = []
        stream = self._streams.pop(event.connection, None)
        for direction in _DIRECTIONS if stream else ():
            assert stream is not None
            events += self._events(stream, event, stream.connection.eof(direction, event.t))
        return events

    def is_other(self, connection: str) -> bool:
        """Return whether a connection was found to carry something else than WebSockets."""
        stream = self._streams.get(connection)
        return stream is not None and stream.connection.is_other

    def _events(self, stream: _Stream, at: BytesSeen | ConnectionClosed, values: Timed) -> list[Event]:
        events: list[Event] = []
        for time, value in values:
            say = _Say(time, at.source, at.connection)
            if isinstance(value, Frame):
                self._frame(stream, say, value, events)
            elif isinstance(value, WebSocketMessage):
                rows = stream.rows[value.direction]
                events += say.message(value, tuple(rows))
                rows.clear()
            elif isinstance(value, Handshake):
                events.append(say.handshake(value))
            else:
                events.append(say.gap(value))
        return events

    def _frame(self, stream: _Stream, say: _Say, frame: Frame, events: list[Event]) -> None:
        rules = tuple(violation.rule for violation in frame.violations)
        row = self.index.append(
            say.t, say.connection, frame.direction, frame.first, frame.second, frame.header_size,
            min(frame.payload_length, _MOST), frame.offset, rules, frame.is_complete,
        )  # fmt: skip
        if row < 0:
            return
        rows = stream.rows[frame.direction]
        if frame.opcode in (TEXT, BINARY):
            rows.clear()
        if frame.opcode <= BINARY:
            rows.append(row)
        if frame.is_complete:
            events.append(say.frame(frame, row, rules))


class _Say(NamedTuple):
    """Puts a decoded value into the words of an event."""

    t: float
    source: str
    connection: str

    def frame(self, frame: Frame, row: int, rules: tuple[str, ...]) -> FrameSeen:
        return FrameSeen(
            t=self.t, source=self.source, connection=self.connection, direction=_direction(frame.direction), row=row,
            opcode=frame.opcode, fin=frame.fin, length=frame.payload_length, violations=rules,
        )  # fmt: skip

    def message(self, message: WebSocketMessage, rows: tuple[int, ...]) -> Iterator[Event]:
        yield WebSocketMessageSeen(
            t=self.t, source=self.source, connection=self.connection, direction=_direction(message.direction),
            n=message.n, opcode=message.opcode, length=len(message.data), rows=rows,
        )  # fmt: skip
        if message.direction == "server" and message.opcode == TEXT and (name := _welcomed(message.data)):
            yield ClientNamed(t=self.t, source=self.source, connection=self.connection, name=name)

    def handshake(self, handshake: Handshake) -> HandshakeSeen:
        return HandshakeSeen(
            t=self.t, source=self.source, connection=self.connection, target=handshake.target,
            status=handshake.status, key=handshake.key, accept=handshake.accept, subprotocol=handshake.subprotocol,
            violations=tuple(violation.rule for violation in handshake.violations),
        )  # fmt: skip

    def gap(self, gap: Gap) -> GapSeen:
        return GapSeen(
            t=self.t, source=self.source, connection=self.connection, direction=_direction(gap.direction),
            offset=gap.offset, length=gap.length, confidence=gap.confidence,
        )  # fmt: skip


def _direction(direction: str) -> Direction:
    return "client" if direction == "client" else "server"


def _welcomed(data: bytes) -> str:
    """Return the name the demo greets a page with: {"type": "welcome", "username": NAME}; "" in any other message."""
    if not data.startswith(b"{") or b'"welcome"' not in data[:64]:
        return ""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    name = content.get("username") if content.get("type") == "welcome" else ""
    return name if isinstance(name, str) else ""
