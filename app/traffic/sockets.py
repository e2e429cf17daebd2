# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets between clients and the interface server: the bytes that the tap saw, in TCP packets made for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app import events as e
from app.capture.synthetic import Talk
from app.traffic.known import Known
from app.wire.frames import opcode_name

Made = tuple[float, bytes, str]  # time, packet, comment

_METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"OPTIONS ", b"PATCH ")
UNSEEN = "this connection was open before the session's first event: its beginning is not in this file"


class Sockets:
    """Every TCP connection of a session."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._ends: dict[str, tuple[str, str]] = {}
        self._talks: dict[str, Talk] = {}
        self._answering: dict[str, str] = {}  # what the next bytes from the server answer

    def take(self, event: e.Event, derived: Iterable[e.Event]) -> Iterator[Made]:
        """Yield the packets of an event; `derived` is what its bytes meant."""
        if isinstance(event, e.ConnectionOpened):
            self._ends[event.connection] = event.client, event.server
        elif isinstance(event, e.BytesSeen) and event.data and event.connection in self._ends:
            yield from self._bytes(event, list(derived))
        elif isinstance(event, e.ConnectionClosed) and (talk := self._talks.pop(event.connection, None)):
            who, packets = self.known.name_of(event.connection), talk.closing("client")
            comment = f"the connection of {who} is closed" + (f": {event.reason}" if event.reason else "")
            yield from ((event.t, packet, comment if packet is packets[0] else "") for packet in packets)

    def _bytes(self, event: e.BytesSeen, derived: list[e.Event]) -> Iterator[Made]:
        talk, comment = self._talks.get(event.connection), self._comment(event, derived)
        if talk is None:
            talk = self._talks[event.connection] = Talk(*self._ends[event.connection])
            if event.offset == 0:
                opened = f"{self.known.name_of(event.connection)} connects to the interface server"
                packets = talk.opening()
                yield from ((event.t, packet, opened if packet is packets[0] else "") for packet in packets)
            else:
                comment = f"{UNSEEN}; {comment}".rstrip("; ")
        talk.skip_to(event.direction, event.offset)
        packets = talk.data(event.direction, event.data)
        # On the last segment, where what it is about is complete.
        yield from ((event.t, packet, comment if packet is packets[-1] else "") for packet in packets)

    def _comment(self, event: e.BytesSeen, derived: list[e.Event]) -> str:
        said = [self._request(event)] if event.direction == "client" else []
        for one in derived:
            if isinstance(one, e.HandshakeSeen):
                who = self.known.name_of(event.connection)
                said.append(f"opening handshake of {who}: {one.method} {one.target} was answered with {one.status}")
            elif isinstance(one, e.WebSocketMessageSeen) and one.direction == "client":
                said.append(self.known.from_client(one.connection, one.n))
            elif isinstance(one, e.WebSocketMessageSeen):
                said.append(self.known.to_client(one.connection, one.n, one.t))
            elif isinstance(one, e.FrameSeen):
                said.append(_frame(one))
            elif isinstance(one, e.GapSeen) and one.length:
                said.append(f"{one.length} bytes before these were not seen")
        return "; ".join(filter(None, said))

    def _request(self, event: e.BytesSeen) -> str:
        keys = self.known.requests.get(event.connection)
        if not keys or not event.data.startswith(_METHODS):
            return ""
        key = keys.popleft()
        known = self.known
        return f"this request became {known.short(key)} on {known.sent[key].channel}: {known.story(key)}"


def _frame(event: e.FrameSeen) -> str:
    broken = f"a frame that breaks {', '.join(event.violations)} of RFC 6455" if event.violations else ""
    if event.opcode >= 8:
        return f"{opcode_name(event.opcode)}: it never leaves the interface server{'; ' * bool(broken)}{broken}"
    return broken or ("" if event.fin else "a fragment: more follows")
