# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection: any cut of its bytes, gaps, streams that began before we looked, and other protocols."""

import itertools
import random
import time
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.wire.connection import Connection, Gap
from tests.wire.peer import frame, frames, messages, opened, request, response, rules

TALK = b'\x815{"type": "chat", "username": "bob", "message": "123"}'
OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


def in_pieces(connection, direction, data, cuts):
    values = []
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(places):
        values += connection.receive(direction, data[start:end])
    return values


def traffic():
    """Frames of all kinds from the server: good, broken, compressed, fragmented."""
    compressor = zlib.compressobj(wbits=-15)
    packed = [(compressor.compress(t) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4] for t in (b"Hello there", b"Hello")]
    return b"".join(
        [
            frame(0x81, b"Hello"), frame(0x89, b"ping"), frame(0xC1, packed[0]), frame(0x01, b"gr\xc3"), frame(0x8A),
            frame(0x80, b"\xbc\xc3\x9f"), frame(0x83, b"?"), frame(0x82, bytes(300)), frame(0xC1, packed[1]),
            frame(0x81, b"m", b"abcd"), frame(0x82, bytes(70000)), frame(0x88, b"\x03\xe8"), frame(0x81, b"late")[:4],
        ]
    )  # fmt: skip


@given(cuts=st.lists(st.integers(0, 2000), max_size=40))
def test_that_any_cut_of_a_stream_gives_the_same_values(cuts):
    data = response(OFFER) + traffic()
    whole, cut = Connection(), Connection()
    expected = whole.receive("client", request(OFFER)) + whole.receive("server", data) + whole.eof("server")
    assert len(frames(expected)) == 13
    assert cut.receive("client", request(OFFER)) + in_pieces(cut, "server", data, cuts) + cut.eof("server") == expected


@given(cuts=st.lists(st.integers(0, 500), max_size=40), start=st.integers(0, 60), is_whole=st.booleans())
def test_that_any_cut_of_a_stream_joined_midway_gives_the_same_values(cuts, start, is_whole):
    data = (frame(0x81, b"a sentence of some length that begins too early") + TALK * 3 + frame(0x82, bytes(200)))[
        start:
    ]
    whole, cut = Connection(is_whole), Connection(is_whole)
    expected = whole.receive("server", data) + whole.eof("server")
    assert in_pieces(cut, "server", data, cuts) + cut.eof("server") == expected


@example(data=b"\x00\x7f\x00\x00\x00\x00\x04\x00\x00\x01\x00", cuts=[10], direction="c")  # longer than what is held
@given(data=st.binary(max_size=400), cuts=st.lists(st.integers(0, 400), max_size=10), direction=st.sampled_from("cs"))
def test_that_no_bytes_make_it_raise(data, cuts, direction):
    name = {"c": "client", "s": "server"}[direction]
    whole, cut = opened(), opened()
    expected = whole.receive(name, data) + whole.eof(name)
    assert in_pieces(cut, name, data, cuts) + cut.eof(name) == expected
    lone = Connection()
    lone.receive(name, data)
    lone.skip(name, 10)
    lone.receive(name, data)
    lone.eof(name)


@given(data=st.lists(st.sampled_from([b"GET / HTTP/1.1\r\n", b"\r\n", b"Content-Length: 3\r\n", b"HTTP/1.1 101 x\r\n",
                                      b"Upgrade: websocket\r\n", b"transfer-encoding: chunked\r\n", b"0\r\n", b"f",
                                      b"HTTP/1.1 200 OK\r\n", b"\x81\x01a"]), max_size=12),
       cuts=st.lists(st.integers(0, 200), max_size=8))  # fmt: skip
def test_that_odd_http_never_makes_it_raise_whatever_the_cut(data, cuts):
    for direction in ("client", "server"):
        whole, cut = Connection(is_whole=True), Connection(is_whole=True)
        text = b"".join(data)
        expected = whole.receive(direction, text) + whole.eof(direction)
        assert in_pieces(cut, direction, text, cuts) + cut.eof(direction) == expected


def test_that_offsets_count_from_the_first_byte_of_the_stream():
    values = opened().receive("server", TALK + TALK)
    assert [value.offset for value in frames(values)] == [len(response()), len(response()) + len(TALK)]


def test_that_the_packet_of_the_talk_is_recognised_without_a_handshake():
    connection = Connection()
    gap, chat, message = connection.receive("server", TALK) + connection.eof("server")
    assert (gap.offset, gap.length) == (0, 0)
    assert gap.confidence > 0.99
    assert (chat.fin, chat.opcode, chat.masked, chat.payload_length) == (True, 1, False, 53)
    assert message.data.startswith(b'{"type": "chat"')
    assert connection.is_websocket


def test_that_a_stream_joined_in_the_middle_of_a_frame_is_found_again():
    connection = Connection()
    values = connection.receive("client", frame(0x81, b"x" * 90, b"abcd")[40:])
    values += connection.receive("client", frame(0x81, b"one", b"efgh") + frame(0x81, b"two and more", b"ijkl"))
    gap, *rest = values + connection.eof("client")
    assert (gap.offset, gap.length) == (0, 56)
    assert 0.5 < gap.confidence <= 1
    assert [message.data for message in messages(rest)] == [b"one", b"two and more"]


@pytest.mark.parametrize("direction", ["client", "server"])
@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n" + bytes(range(256)) * 4,
        bytes.fromhex("16030100c8010000c40303") + random.Random(1).randbytes(8000),
        b"220 mail ESMTP\r\nEHLO x\r\nMAIL FROM:<a@b>\r\n" * 50,
        b"*2\r\n$3\r\nGET\r\n$5\r\nhello\r\n" * 50,
        bytes(5000),
        b"\x82\x01a\x82\x01b" + b"\xff" * 50,
        b"\x00\x00\x00\x85\xffSMB" + bytes(200),
        b"\x82\x0c\x00\x01\x00\x07topic/a\x00" + b"\xc0\x00" * 9,  # MQTT: SUBSCRIBE, PINGREQ
        "<p>Всё, что с точки зрения сервера является сообщением.</p>".encode() * 100,
        random.Random(2).randbytes(65536),
        random.Random(3).randbytes(65536),
        b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n\x81\x02hi\x81\x02hi",
    ],
    ids=[
        "ssh",
        "tls",
        "smtp",
        "redis",
        "zeros",
        "two by chance",
        "smb",
        "mqtt",
        "russian",
        "random",
        "random 2",
        "http",
    ],
)
def test_that_no_frames_are_invented_in_other_traffic(direction, data):
    connection = Connection()
    assert frames(connection.receive(direction, data) + connection.eof(direction)) == []


def test_that_a_connection_seen_whole_without_a_handshake_has_no_frames():
    connection = Connection(is_whole=True)
    assert connection.receive("server", TALK * 3) + connection.receive("client", b"\x16\x03\x01") == []
    assert connection.is_other


def test_that_a_gap_inside_a_payload_is_bridged_with_certainty():
    connection = opened()
    long = frame(0x82, b"x" * 500)
    values = connection.receive("server", long[:100])
    values += connection.skip("server", 200)
    values += connection.receive("server", long[300:] + TALK)
    gap, cut, lost, chat, message = values
    assert gap == Gap("server", len(response()) + 100, 200, 1.0)
    assert not cut.is_complete
    assert cut.payload == b"x" * 96
    assert (lost.n, lost.problem) == (1, "bytes of it were not seen")
    assert (chat.payload_length, message.n) == (53, 2)


def test_that_after_a_gap_over_frames_decoding_finds_its_place():
    connection = opened()
    connection.receive("server", TALK + frame(0x82, b"y" * 50)[:20])
    values = connection.skip("server", 300) + connection.receive("server", b"y" * 30 + TALK + TALK)
    (gap,) = (value for value in values if isinstance(value, Gap))
    assert (gap.offset, gap.length) == (len(response()) + len(TALK) + 20, 300 + 30)
    assert 0 < gap.confidence <= 1
    assert [value.is_complete for value in frames(values)] == [False, True, True]
    assert [message.data for message in messages(values)][-1] == TALK[2:]


def test_that_a_gap_up_to_the_end_has_no_confidence():
    connection = opened()
    connection.receive("server", TALK)
    assert connection.skip("server", 77) == []
    assert connection.eof("server") == [Gap("server", len(response()) + len(TALK), 77, 0.0)]


def test_that_after_a_gap_a_continuation_is_not_blamed():
    connection = opened()
    connection.skip("server", 50)
    values = connection.receive("server", frame(0x80, b"the end of it") + TALK + TALK)
    assert all(found == [] for found in rules(values))


@pytest.mark.parametrize("lost", [1, 5, 30, 200])
def test_that_bytes_lost_before_the_upgrade_do_not_hide_the_websocket(lost):
    connection = Connection(is_whole=True)
    connection.receive("client", b"GET / HTTP/1.1\r\n\r\n" + request())
    connection.receive("server", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 50)
    connection.skip("server", lost)
    values = connection.receive("server", b"x" * max(50 - lost, 0) + response() + TALK)
    assert [message.data for message in messages(values)] == [TALK[2:]]


def test_that_reading_a_large_frame_byte_run_by_byte_run_stays_linear():
    def seconds(size):
        connection, data = opened(), frame(0x82, bytes(size))
        began = time.perf_counter()
        for start in range(0, len(data), 100):
            connection.receive("server", data[start : start + 100])
        return time.perf_counter() - began

    seconds(100_000)
    small, large = min(seconds(400_000) for _ in range(3)), min(seconds(3_200_000) for _ in range(3))
    assert large < 8 * small * 3


def test_that_an_unfinished_last_frame_is_shown_at_the_end():
    connection = opened()
    connection.receive("server", TALK[:20])
    (cut,) = connection.eof("server")
    assert (cut.payload_length, len(cut.payload), cut.is_complete) == (53, 18, False)
    assert connection.eof("server") == []
