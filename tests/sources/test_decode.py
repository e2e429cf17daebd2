# SPDX-License-Identifier: GPL-3.0-or-later
"""Observed events in; the same without their bytes and the derived ones out."""

import pytest

from app import codec
from app.events import (
    BytesSeen,
    ClientNamed,
    ConnectionClosed,
    ConnectionOpened,
    FrameSeen,
    GapSeen,
    HandshakeSeen,
    LogLine,
    WebSocketMessageSeen,
)
from app.frame_index import FrameIndex
from app.sources.decode import WireDecoder
from app.spool import Spool
from tests.wire.peer import frame, request, response

WELCOME = frame(0x81, b'{"type": "welcome", "username": "bob"}')
HELLO = frame(0x81, b"Hello", b"abcd")


class Session:
    """Observed events of one connection, numbered and timed."""

    def __init__(self):
        self.events = [ConnectionOpened(t=1.0, source="server", connection="c1", client="a:1", server="b:2")]
        self.offsets = {"client": 0, "server": 0}

    def say(self, direction, data, lose=0):
        self.offsets[direction] += lose
        self.events.append(BytesSeen(t=1.0 + len(self.events), source="server", connection="c1", direction=direction,
                                     offset=self.offsets[direction], length=len(data), data=data))  # fmt: skip
        self.offsets[direction] += len(data)
        return self

    def upgrade(self):
        return self.say("client", request()).say("server", response())

    def close(self):
        self.events.append(ConnectionClosed(t=1.0 + len(self.events), source="server", connection="c1"))
        return self


def fed(events, index=None):
    decoder = WireDecoder(FrameIndex() if index is None else index)
    return decoder.index, [out for event in events for out in decoder.feed(event)]


def derived(events):
    kinds = (HandshakeSeen, FrameSeen, WebSocketMessageSeen, GapSeen, ClientNamed)
    return [event for event in events if isinstance(event, kinds)]


def test_that_bytes_go_to_the_spool_and_not_into_the_store():
    index, events = fed(Session().upgrade().say("client", HELLO).events)
    seen = [event for event in events if isinstance(event, BytesSeen)]
    assert [event.data for event in seen] == [b"", b"", b""]
    assert seen[2].length == len(HELLO)
    assert index.raw(0) == HELLO
    assert index.preview(0) == b"Hello"


def test_that_derived_events_follow_the_byte_run_that_completed_them():
    _, events = fed(Session().upgrade().say("client", HELLO[:4]).say("client", HELLO[4:]).events)
    assert [type(event).__name__ for event in events] == [
        "ConnectionOpened", "BytesSeen", "BytesSeen", "HandshakeSeen", "BytesSeen", "BytesSeen", "FrameSeen",
        "WebSocketMessageSeen",
    ]  # fmt: skip
    handshake, hello, message = derived(events)
    assert (handshake.target, handshake.status, handshake.t) == ("/chat", 101, 3.0)
    assert (hello.row, hello.opcode, hello.fin, hello.length, hello.t, hello.source) == (0, 1, True, 5, 5.0, "server")
    assert (message.n, message.length, message.rows, message.direction) == (1, 5, (0,), "client")


def test_that_a_message_names_the_rows_of_its_frames():
    data = frame(0x01, b"a") + frame(0x89) + frame(0x80, b"b") + frame(0x81, b"c")
    _, events = fed(Session().upgrade().say("server", data).events)
    assert [(e.n, e.rows) for e in events if isinstance(e, WebSocketMessageSeen)] == [(1, (0, 2)), (2, (3,))]


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (WELCOME, ["bob"]),
        (frame(0x81, b'{"username":"al","type":"welcome"}'), ["al"]),
        (frame(0x81, b'{"type": "chat", "username": "bob", "message": "welcome"}'), []),
        (frame(0x81, b'{"type": "welcome", "username": 5}'), []),
        (frame(0x81, b'{"type": "welcome"'), []),
        (frame(0x81, b'{"type": "welcome", "username": ' + b"[" * 100_000), []),
        (frame(0x82, b'{"type": "welcome", "username": "bob"}'), []),
    ],
)
def test_that_the_welcome_of_the_demo_names_the_client(data, names):
    _, events = fed(Session().upgrade().say("server", data).events)
    assert [event.name for event in events if isinstance(event, ClientNamed)] == names


def test_that_a_client_cannot_name_itself():
    data = frame(0x81, b'{"type": "welcome", "username": "root"}', b"abcd")
    _, events = fed(Session().upgrade().say("client", data).events)
    assert [event for event in events if isinstance(event, ClientNamed)] == []


def test_that_a_jump_of_the_offset_is_a_gap():
    session = Session().upgrade().say("server", WELCOME).say("server", WELCOME + WELCOME, lose=100)
    index, events = fed(session.events)
    (gap,) = (event for event in events if isinstance(event, GapSeen))
    assert (gap.direction, gap.offset, gap.length) == ("server", len(response()) + len(WELCOME), 100)
    assert [index.raw(i) for i in index.rows] == [WELCOME] * 3


def test_that_violations_are_in_the_row_and_in_the_event():
    index, events = fed(Session().upgrade().say("client", frame(0x83, b"x")).events)
    assert derived(events)[1].violations == index.row(0).violations == ("WS-02", "WS-06")


def test_that_what_is_left_at_the_end_comes_before_the_closing():
    index, events = fed(Session().upgrade().say("server", WELCOME[:9]).close().events)
    assert isinstance(events[-1], ConnectionClosed)
    assert not index.row(0).is_complete
    assert not any(isinstance(event, FrameSeen) for event in events)
    joined = Session().say("server", WELCOME).close()
    _, events = fed(joined.events)
    assert [type(event).__name__ for event in events[-5:]] == [
        "GapSeen", "FrameSeen", "WebSocketMessageSeen", "ClientNamed", "ConnectionClosed",
    ]  # fmt: skip
    assert events[-4].t == 2.0


def test_that_events_of_other_kinds_pass():
    line = LogLine(t=1.0, source="worker-1", text="hi")
    assert fed([line])[1] == [line]


def test_that_bytes_of_a_connection_whose_opening_was_dropped_are_decoded():
    _, events = fed(Session().upgrade().say("client", HELLO).events[1:])
    assert len(derived(events)) == 3


def test_that_a_full_index_lets_the_oldest_frames_fall_off():
    index, events = fed(Session().upgrade().say("server", WELCOME * 3).events, FrameIndex(limit=2))
    assert [event.row for event in events if isinstance(event, FrameSeen)] == [0, 1, 2]
    assert (index.start, index.end, index.dropped) == (1, 3, 1)


def test_that_a_frame_that_claims_more_than_a_row_can_hold_is_kept():
    data = b"\x82\x7f" + b"\xff" * 8 + b"abc"
    index, _ = fed(Session().upgrade().say("server", data).close().events)
    assert not index.row(0).is_complete
    assert index.row(0).violations == ("WS-09",)
    assert index.raw(0) == data


def test_that_a_replay_of_the_recorded_events_gives_equal_events(tmp_path):
    session = Session().upgrade().say("server", WELCOME).say("client", HELLO * 3).say("server", WELCOME[:20])
    session.say("server", WELCOME * 2, lose=300).say("server", frame(0x88)).close()
    first_index, first = fed(session.events)
    second_index, second = fed([codec.decode(codec.encode(event)) for event in session.events], FrameIndex(Spool()))
    assert first == second
    assert len(derived(first)) > 10
    assert [first_index.row(i) for i in range(len(first_index))] == [
        second_index.row(i) for i in range(len(second_index))
    ]
