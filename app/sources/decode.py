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
from app.sources.ways import Ways
from app.wire.connection import Gap
from app.wire.frames import BINARY, TEXT, Frame
from app.wire.handshake import Handshake
from app.wire.messages import WebSocketMessage

_DIRECTIONS: tuple[Direction, Direction] = ("client", "server")


class Rows:
    """Which rows of the index make up the message that each direction is putting together."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[int]] = {}

    def add(self, connection: str, frame: Frame, row: int) -> None:
        """Take the next frame."""
        if frame.opcode > BINARY:
            return
        rows = self._rows.setdefault((connection, frame.direction), [])
        if frame.opcode in (TEXT, BINARY):
            rows.clear()
        rows.append(row)

    def take(self, connection: str, direction: str) -> tuple[int, ...]:
        """Return the rows of the message that has ended."""
        return tuple(self._rows.pop((connection, direction), ()))


class WireDecoder:
    """Decodes every connection; frames become rows of `index`, live, in a replay and in a capture alike."""

    def __init__(self, index: FrameIndex) -> None:
        self.index = index
        self._connections: dict[str, TimedConnection] = {}
        self._rows = Rows()
        self._ways = Ways()
        self._uncounted: set[tuple[str, str]] = set()  # directions in which messages may have passed unseen

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
            self._connections[event.connection] = TimedConnection()
        elif isinstance(event, ConnectionClosed):
            return [*self.close(event), event]
        elif measured := self._ways.feed(event):
            return [event, measured]
        return [event]

    def decode(self, run: BytesSeen, data: bytes) -> list[Event]:
        """Return the events derived from a byte run whose bytes already have their place in the spool."""
        connection = self._connections.get(run.connection)
        if connection is None:
            connection = self._connections[run.connection] = TimedConnection()
        return self._events(run, connection.receive(run.direction, run.offset, data, run.t))

    def close(self, event: ConnectionClosed) -> list[Event]:
        """Return what the end of a connection completes, and forget the connection."""
        events: list[Event] = []
        connection = self._connections.pop(event.connection, None)
        for direction in _DIRECTIONS if connection else ():
            assert connection is not None
            events += self._events(event, connection.eof(direction, event.t))
            self._uncounted.discard((event.connection, direction))
            self._rows.take(event.connection, direction)
        self.index.spool.close_connection(event.connection)
        return events

    def _events(self, at: BytesSeen | ConnectionClosed, values: Timed) -> list[Event]:
        events: list[Event] = []
        for time, value in values:
            say = Say(time, at.source, at.connection)
            if isinstance(value, Frame):
                self._frame(say, value, events)
            elif isinstance(value, WebSocketMessage):
                is_counted = (at.connection, value.direction) not in self._uncounted
                for told in say.message(value, self._rows.take(at.connection, value.direction), is_counted):
                    events.append(told)
                    if isinstance(told, WebSocketMessageSeen):
                        self._ways.see(told)
            elif isinstance(value, Handshake):
                events.append(say.handshake(value))
            elif isinstance(value, Gap):
                events.append(say.gap(value))
                if value.length and value.confidence < 1:
                    self._uncounted.add((at.connection, value.direction))
        return events

    def _frame(self, say: Say, frame: Frame, events: list[Event]) -> None:
        rules = tuple(violation.rule for violation in frame.violations)
        row = self.index.append(
            say.t, say.connection, frame.direction, frame.first, frame.second, frame.header_size,
            frame.payload_length, frame.offset, rules, frame.is_complete,
        )  # fmt: skip
        self._rows.add(say.connection, frame, row)
        if frame.is_complete:
            events.append(say.frame(frame, row, rules))


class Say(NamedTuple):
    """Puts a decoded value into the words of an event."""

    t: float
    source: str
    connection: str

    def frame(self, frame: Frame, row: int, rules: tuple[str, ...]) -> FrameSeen:
        """A frame was seen whole."""
        return FrameSeen(
            t=self.t, source=self.source, connection=self.connection, direction=_direction(frame.direction), row=row,
            opcode=frame.opcode, fin=frame.fin, length=frame.payload_length, masked=frame.masked, violations=rules,
        )  # fmt: skip

    def message(self, message: WebSocketMessage, rows: tuple[int, ...], is_counted: bool = True) -> Iterator[Event]:
        """A message was completed by the last of `rows`; where others may have passed unseen it has no number."""
        yield WebSocketMessageSeen(
            t=self.t, source=self.source, connection=self.connection, direction=_direction(message.direction),
            n=message.n if is_counted else 0, opcode=message.opcode, length=len(message.data), rows=rows,
        )  # fmt: skip
        if message.direction == "server" and message.opcode == TEXT and (welcome := _welcomed(message.data)):
            name, newest = welcome
            yield ClientNamed(t=self.t, source=self.source, connection=self.connection, name=name, newest=newest)

    def handshake(self, handshake: Handshake) -> HandshakeSeen:
        """A request for a WebSocket was answered."""
        return HandshakeSeen(
            t=self.t, source=self.source, connection=self.connection, target=handshake.target,
            status=handshake.status, method=handshake.method, key=handshake.key, accept=handshake.accept,
            subprotocol=handshake.subprotocol, origin=handshake.origin, is_cross_origin=handshake.is_cross_origin,
            has_cookie=handshake.has_cookie,
            violations=tuple(violation.rule for violation in handshake.violations),
        )  # fmt: skip

    def gap(self, gap: Gap) -> GapSeen:
        """Bytes were not seen."""
        return GapSeen(
            t=self.t, source=self.source, connection=self.connection, direction=_direction(gap.direction),
            offset=gap.offset, length=gap.length, confidence=gap.confidence,
        )  # fmt: skip


def _direction(direction: str) -> Direction:
    return "client" if direction == "client" else "server"


def _welcomed(data: bytes) -> tuple[str, str] | None:
    """Return the name the demo greets a page with, and the row of the newest line of its history ("" without one).

    It says {"type": "welcome", "username": NAME, "history": [{"id": ROW, …}, …]}; None for any other message.
    """
    if not data.startswith(b"{") or b'"welcome"' not in data[:64]:
        return None
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    name, history = content.get("username"), content.get("history")
    if content.get("type") != "welcome" or not isinstance(name, str) or not name:
        return None
    newest = history[-1] if isinstance(history, list) and history else {}
    return name, str(newest.get("id", "")) if isinstance(newest, dict) else ""
