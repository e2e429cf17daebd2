# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of RFC 6455 in the interface server: the essence of Autobahn's cases, without Autobahn."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Close

from app.server.frames import frame_of, only_message
from app.server.wire import Wire

HEAD = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
KEY = bytes.fromhex("37fa213d")


def masked(first, payload=b"", key=KEY, length=None):
    """A client's frame; `first` is FIN, RSV and opcode; `length` forces a length field of 2 or 8 bytes."""
    size = len(payload)
    length = length or (0 if size < 126 else 2 if size < 65536 else 8)
    code = {0: size, 2: 126, 8: 127}[length]
    body = bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))
    return bytes([first, 128 | code]) + (size.to_bytes(length, "big") if length else b"") + key + body


class Opened:
    """A wire after its handshake, which echoes."""

    def __init__(self, limit=1000):
        self.messages = []
        self.wire = Wire(self.take, limit, (), False)
        self.wire.receive_data(HEAD)
        (request,) = self.wire.events_received()
        self.wire.send_response(self.wire.answer_to(request))
        self.wire.data_to_send()

    def take(self, message):
        self.messages.append(message)
        self.wire.writes.append(frame_of(message))

    def hear(self, *pieces):
        for piece in pieces:
            if not self.wire.eof_sent:
                self.wire.receive(piece)
        return b"".join(self.wire.data_to_send())

    @property
    def close_code(self):
        return self.wire.close_sent.code if self.wire.close_sent else None


TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
HELLO = masked(TEXT, b"Hello")
CLOSE_1000 = masked(CLOSE, struct.pack("!H", 1000))

# Autobahn's groups: what comes, which messages it is, what is answered, and the close code that is sent.
CASES = {
    "1 frames": [
        ("an empty text", [masked(TEXT)], [""], b"\x81\x00", None),
        ("125 bytes", [masked(TEXT, b"*" * 125)], ["*" * 125], b"\x81\x7d" + b"*" * 125, None),
        ("126 bytes", [masked(BINARY, b"\xfe" * 126)], [b"\xfe" * 126], b"\x82\x7e\0\x7e" + b"\xfe" * 126, None),
        ("a byte at a time", [bytes([b]) for b in HELLO], ["Hello"], b"\x81\x05Hello", None),
        ("two in a segment", [HELLO + masked(BINARY, b"\0")], ["Hello", b"\0"], b"\x81\x05Hello\x82\x01\0", None),
    ],
    "2 pings and pongs": [
        ("ping", [masked(PING, b"x")], [], b"\x8a\x01x", None),
        ("ping of 125 bytes", [masked(PING, b"\xfe" * 125)], [], b"\x8a\x7d" + b"\xfe" * 125, None),
        ("ping of 126 bytes", [masked(PING, b"\xfe" * 126)], [], None, 1002),
        ("unsolicited pong", [masked(PONG, b"x"), HELLO], ["Hello"], b"\x81\x05Hello", None),
    ],
    "3 reserved bits": [
        (f"first byte {first:#x}", [masked(first, b"x")], [], None, 1002) for first in (0x91, 0xA1, 0xC1, 0xF1, 0xC9)
    ],
    "4 opcodes": [
        (f"opcode {opcode}", [masked(0x80 | opcode)], [], None, 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    ],
    "5 fragments": [
        ("two", [masked(0x01, b"Hel"), masked(0x80, b"lo")], ["Hello"], b"\x81\x05Hello", None),
        (
            "a ping inside is answered before",
            [masked(0x01, b"a") + masked(PING, b"p") + masked(0x80, b"b")],
            ["ab"],
            b"\x8a\x01p\x81\x02ab",
            None,
        ),
        ("of nothing", [masked(0x01), masked(0x00), masked(0x80)], [""], b"\x81\x00", None),
        ("binary", [masked(0x02, b"\xff"), masked(0x80, b"\xfe")], [b"\xff\xfe"], b"\x82\x02\xff\xfe", None),
        ("a ping in fragments", [masked(0x09, b"a")], [], None, 1002),
        ("a continuation of nothing", [masked(0x80, b"x")], [], None, 1002),
        ("a continuation after the end", [HELLO, masked(0x80, b"x")], ["Hello"], None, 1002),
        ("a new message inside one", [masked(0x01, b"a"), HELLO], [], None, 1002),
    ],
    "6 UTF-8": [
        ("cut in a letter", [masked(0x01, b"\xce"), masked(0x80, b"\xba")], ["κ"], b"\x81\x02\xce\xba", None),
        ("not UTF-8", [masked(TEXT, b"\xc3\x28")], [], None, 1007),
        ("a surrogate", [masked(TEXT, b"\xed\xa0\x80")], [], None, 1007),
        ("beyond U+10FFFF", [masked(TEXT, b"\xf4\x90\x80\x80")], [], None, 1007),
        ("not UTF-8 in the first fragment: fails at once", [masked(0x01, b"\xc3\x28")], [], None, 1007),
        ("a letter not finished", [masked(0x01, b"a"), masked(0x80, b"\xce")], [], None, 1007),
    ],
    "7 closing": [
        ("1000", [CLOSE_1000], [], b"\x88\x02\x03\xe8", 1000),
        ("an empty one", [masked(CLOSE)], [], b"\x88\x00", 1005),
        ("one byte", [masked(CLOSE, b"x")], [], None, 1002),
        ("a reason", [masked(CLOSE, b"\x03\xe8" + b"*" * 123)], [], b"\x88\x7d\x03\xe8" + b"*" * 123, 1000),
        ("a reason that is no UTF-8", [masked(CLOSE, b"\x03\xe8\xc3\x28")], [], None, 1007),
        (
            "7.1.5: inside a message",
            [masked(0x01, b"a"), CLOSE_1000, masked(0x80, b"b")],
            [],
            b"\x88\x02\x03\xe8",
            1000,
        ),
        ("a message after it", [CLOSE_1000 + HELLO], [], b"\x88\x02\x03\xe8", 1000),
        ("an answer goes before", [HELLO + CLOSE_1000], ["Hello"], b"\x81\x05Hello\x88\x02\x03\xe8", 1000),
        *((f"{c}", [masked(CLOSE, struct.pack("!H", c))], [], None, c) for c in (1001, 1003, 1011, 3000, 4999)),
        *(
            (f"{c}", [masked(CLOSE, struct.pack("!H", c))], [], None, 1002)
            for c in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
        ),
    ],
    "9 limits": [
        ("a message too big", [masked(TEXT, b"x" * 1001)], [], None, 1009),
        ("too big in fragments", [masked(0x01, b"x" * 600), masked(0x80, b"x" * 600)], [], None, 1009),
        ("as big as may be", [masked(TEXT, b"x" * 1000)], ["x" * 1000], None, None),
    ],
    "masks and lengths": [
        ("WS-02: not masked", [b"\x81\x05Hello"], [], None, 1002),
        ("WS-09: 2 bytes for less than 126", [masked(TEXT, b"Hello", length=2)], [], None, 1002),
        ("WS-09: 8 bytes for less than 65536", [masked(TEXT, b"Hello", length=8)], [], None, 1002),
        ("WS-09: top bit", [b"\x81\xff\x80" + bytes(7) + KEY], [], None, 1002),
        ("a mask of zeros", [masked(TEXT, b"Hello", b"\0\0\0\0")], ["Hello"], b"\x81\x05Hello", None),
    ],
}


@pytest.mark.parametrize(
    ("comes", "messages", "answer", "code"),
    [pytest.param(*case[1:], id=f"{group}: {case[0]}") for group, cases in CASES.items() for case in cases],
)
def test_that_every_group_of_autobahn_is_kept(comes, messages, answer, code):
    opened = Opened()
    said = opened.hear(*comes)
    assert opened.messages == messages
    assert opened.close_code == code
    if answer is not None:
        assert said == answer
    if code is not None:
        assert opened.wire.eof_sent
        if answer is None:
            assert Close.parse(said[said.rindex(b"\x88") + 2 :]).code == code


FRAMES = st.lists(
    st.one_of(
        st.text(max_size=200).map(lambda text: (masked(TEXT, text.encode()), text)),
        st.binary(max_size=200).map(lambda data: (masked(BINARY, data), data)),
        st.binary(max_size=125).map(lambda data: (masked(PING, data), None)),
    ),
    max_size=8,
)


@given(FRAMES, st.lists(st.integers(0, 2000), max_size=8))
def test_that_a_stream_cut_anywhere_gives_the_same_messages(frames, cuts):
    stream = b"".join(frame for frame, _ in frames)
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    opened = Opened()
    opened.hear(*(stream[a:b] for a, b in pairwise(places)))
    assert opened.messages == [message for _, message in frames if message is not None]


@given(st.one_of(st.text(), st.binary(max_size=70_000)))
def test_that_the_short_way_sees_what_the_long_way_sees(message):
    first, payload = (TEXT, message.encode()) if isinstance(message, str) else (BINARY, message)
    frame = masked(first, payload)
    assert only_message(frame) in (message, None)
    assert (only_message(frame) is None) == (len(payload) > 65535)
    for damaged in (frame[:-1], frame + b"x", bytes([frame[0] & 127]) + frame[1:], frame[:1]):
        assert only_message(damaged) is None


def test_that_lengths_of_frames_are_in_their_shortest_form():
    for size, head in ((0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)):
        frame = frame_of(b"x" * size)
        assert len(frame) == head + size
