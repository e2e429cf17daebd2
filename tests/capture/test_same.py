# SPDX-License-Identifier: GPL-3.0-or-later
"""The two steps of the decoder agree with the one-step decoder of live traffic, however the segments come."""

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.capture.contents import check, message_at
from app.capture.reader import CaptureReader
from app.events import BytesSeen, ConnectionClosed
from app.frame_index import FrameIndex
from app.sources.decode import WireDecoder
from app.wire.connection import Connection
from app.wire.frames import Frame
from app.wire.messages import WebSocketMessage
from app.wire.scan import Outline, Outliner
from tests.capture.packets import ACK, SYN, A, B, ethernet, ip4, pcap, tcp
from tests.wire.peer import frame, request, response

_OPCODES = st.sampled_from([0, 1, 1, 1, 2, 2, 3, 8, 9, 10])
_FRAME = st.tuples(
    _OPCODES, st.sampled_from([0x80, 0x80, 0x80, 0x00, 0xC0, 0xA0]), st.binary(max_size=200),
    st.sampled_from([b"", b"abcd", b"abcd", b"\0\0\0\0", b"wxyz"]),
)  # fmt: skip
_FRAMES = st.lists(_FRAME, min_size=1, max_size=12)
_SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def streams(client, server):
    return {
        "client": request() + b"".join(frame(bits | code, data, key) for code, bits, data, key in client),
        "server": response() + b"".join(frame(bits | code, data, key) for code, bits, data, key in server),
    }


def segments(data, draw):
    places = sorted({0, len(data), *(draw.randrange(len(data)) for _ in range(draw.randrange(12)))})
    return [(start, end) for start, end in pairwise(places)]


def packets(said, draw, disorder):
    """Segments of both directions after the handshakes, shuffled within a window and some of them twice."""
    ends, base = {"client": (A, B), "server": (B, A)}, {"client": 2**32 - 50, "server": 7}
    made = [(d, 0, b"", SYN | (ACK if d == "server" else 0)) for d in ("client", "server")]
    rest = []
    heads = {"client": len(request()), "server": len(response())}
    for direction in ("client", "server"):
        made.append((direction, 0, said[direction][: heads[direction]], ACK))
        for start, end in (
            segments(said[direction][heads[direction] :], draw) if len(said[direction]) > heads[direction] else ()
        ):
            piece = said[direction][heads[direction] + start : heads[direction] + end]
            rest.append((direction, heads[direction] + start, piece, ACK))
            if draw.random() < 0.2 * disorder:
                back = min(draw.randrange(20), heads[direction] + start)
                piece = said[direction][heads[direction] + start - back : heads[direction] + end]
                rest.append((direction, heads[direction] + start - back, piece, ACK))
    if disorder:
        rest = [segment for _, segment in sorted((i + draw.uniform(0, 4 * disorder), segment)
                                                 for i, segment in enumerate(rest))]  # fmt: skip
    for i, (direction, offset, data, flags) in enumerate(made + rest):
        sequence = base[direction] + offset + (0 if flags & SYN else 1)
        packet = ethernet(ip4(*ends[direction], tcp(*ends[direction], sequence % 2**32, data, flags)))
        yield 100.0 + i / 100, packet


def captured(path, found):
    path.write_bytes(pcap(found))
    reader = CaptureReader(path)
    for _ in reader.batches():
        pass
    return reader


def live(said):
    index = FrameIndex()
    decoder = WireDecoder(index)
    for direction, data in said.items():
        decoder.feed(BytesSeen(t=0.0, source="server", connection="c1", direction=direction, offset=0,
                               length=len(data), data=data))  # fmt: skip
    decoder.feed(ConnectionClosed(t=0.0, source="server", connection="c1"))
    return index


def columns(index):
    rows = [index.row(i) for i in index.rows]
    return sorted((r.direction, r.offset, r.first, r.second, r.length, r.violations, r.is_complete, index.raw(r.row))
                  for r in rows)  # fmt: skip


@given(client=_FRAMES, server=_FRAMES, seed=st.integers(0, 2**32), disorder=st.integers(0, 2))
@_SETTINGS
def test_that_scan_and_check_name_the_violations_that_the_live_decoder_names(tmp_path, client, server, seed, disorder):
    said = streams(client, server)
    reader = captured(tmp_path / "capture.pcap", packets(said, random.Random(seed), disorder))
    check(reader.index, reader.agreed)
    assert columns(reader.index) == columns(live(said))
    reader.close()


@given(server=_FRAMES, cuts=st.lists(st.integers(0, 3000), max_size=8))
@_SETTINGS
def test_that_a_stream_cut_anywhere_gives_the_same_outlines(server, cuts):
    said = streams([], server)
    whole, pieces = Connection(frames=Outliner), Connection(frames=Outliner)
    expected, found = [], []
    for connection, out, places in ((whole, expected, []), (pieces, found, cuts)):
        connection.receive("client", said["client"])
        data = said["server"]
        marks = sorted({0, len(data), *(place for place in places if place < len(data))})
        for start, end in pairwise(marks):
            out += connection.receive("server", data[start:end])
        out += connection.eof("server")
    outlines = [value for value in expected if isinstance(value, Outline)]
    assert len(outlines) == len(server)
    assert [value for value in found if isinstance(value, Outline)] == outlines


@given(server=_FRAMES, start=st.integers(0, 400), lost=st.integers(1, 300))
@_SETTINGS
def test_that_after_a_hole_both_steps_go_on_where_the_live_decoder_does(server, start, lost):
    said = streams([], server)
    data = said["server"]
    start = min(len(response()) + start, len(data) - 1)
    lost = min(lost, len(data) - start)
    results = []
    for connection in (Connection(), Connection(frames=Outliner)):
        connection.receive("client", said["client"])
        values = connection.receive("server", data[:start]) + connection.skip("server", lost)
        values += connection.receive("server", data[start + lost :]) + connection.eof("server")
        results.append([
            (v.offset, v.first, v.second, v.is_complete) for v in values if isinstance(v, Frame | Outline)
        ])  # fmt: skip
    assert results[0] == results[1]


def test_that_messages_are_read_back_with_those_before_them(tmp_path):
    server = [(1, 0, b"Hel", b""), (9, 0x80, b"!", b""), (0, 0x80, b"lo", b""), (2, 0x80, b"x", b"")]
    reader = captured(tmp_path / "capture.pcap", packets(streams([], server), random.Random(1), 0))
    messages = [message_at(reader.index, reader.agreed, row) for row in range(4)]
    assert [(m.n, m.data) if m else None for m in messages] == [(1, b"Hello"), None, (1, b"Hello"), (2, b"x")]
    assert all(isinstance(message, WebSocketMessage) for message in messages if message)
    reader.close()


def test_that_checking_tells_how_far_it_is_and_can_be_stopped(tmp_path):
    server = [(1, 0x80, b"\xff", b"")] * 5
    reader = captured(tmp_path / "capture.pcap", packets(streams([], server), random.Random(1), 0))
    assert not any(reader.index.violations(row) for row in range(5))
    assert check(reader.index, reader.agreed, lambda done, total: False) == 0
    told = []
    assert check(reader.index, reader.agreed, lambda done, total: told.append((done, total)) is None) == 5
    assert told == [(0, 5), (5, 5)]
    assert reader.index.violations(4) == ("WS-10",)
    assert check(reader.index, reader.agreed) == 0
    reader.close()


@pytest.mark.parametrize("is_told", [True, False])
def test_that_the_user_may_say_what_a_stream_is(tmp_path, is_told):
    said = frame(0x82, b"\0\0\0")  # too little to be sure of
    found = [(1.0, ethernet(ip4(B, A, tcp(B, A, 5, said))))]
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(found))
    counts = []
    for told in (None, {0: is_told}):
        reader = CaptureReader(path, told)
        for _ in reader.batches():
            pass
        counts.append(len(reader.index))
        reader.close()
    assert counts == [0, int(is_told)]


def test_that_a_stream_told_to_be_none_gives_nothing(tmp_path):
    path = tmp_path / "capture.pcap"
    said = streams([], [(1, 0x80, b"Hello", b"")])
    path.write_bytes(pcap(packets(said, random.Random(1), 0)))
    reader = CaptureReader(path, {0: False})
    assert [note for notes in reader.batches() for note in notes] == []
    assert len(reader.index) == 0
    reader.close()
