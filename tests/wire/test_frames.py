# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames from literal bytes; the examples of RFC 6455 §5.7 first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.frames import opcode_name, parse_frame
from tests.wire.peer import frame

HELLO = bytes.fromhex("810548656c6c6f")
MASKED_HELLO = bytes.fromhex("818537fa213d7f9f4d5158")


def test_that_the_unmasked_hello_of_the_rfc_is_read():
    hello = parse_frame(HELLO, "server")
    assert (hello.fin, hello.opcode, hello.masked, hello.payload_length) == (True, 1, False, 5)
    assert hello.payload_data == b"Hello"
    assert hello.is_complete
    assert not hello.is_control


def test_that_a_masked_frame_shows_its_masking_key():
    hello = parse_frame(MASKED_HELLO, "client")
    assert hello.masked
    assert hello.masking_key == bytes.fromhex("37fa213d")
    assert hello.payload == bytes.fromhex("7f9f4d5158")
    assert hello.payload_data == b"Hello"


def test_that_the_fragments_of_the_rfc_are_read():
    first, second = parse_frame(bytes.fromhex("010348656c"), "server"), parse_frame(bytes.fromhex("80026c6f"), "server")
    assert (first.fin, first.opcode, first.payload_data) == (False, 1, b"Hel")
    assert (second.fin, second.opcode, second.payload_data) == (True, 0, b"lo")


def test_that_ping_and_pong_of_the_rfc_are_read():
    ping = parse_frame(bytes.fromhex("890548656c6c6f"), "server")
    pong = parse_frame(bytes.fromhex("8a8537fa213d7f9f4d5158"), "client")
    assert (ping.opcode_name, ping.payload_data, ping.is_control) == ("PING", b"Hello", True)
    assert (pong.opcode_name, pong.payload_data, pong.is_control) == ("PONG", b"Hello", True)


@pytest.mark.parametrize(
    ("header", "size", "header_size"),
    [("827e0100", 256, 4), ("827f0000000000010000", 65536, 10), ("827e007e", 126, 4), ("827d", 125, 2)],
)
def test_that_all_three_lengths_are_read(header, size, header_size):
    binary = parse_frame(bytes.fromhex(header) + bytes(size), "server")
    assert (binary.payload_length, binary.header_size, binary.size) == (size, header_size, size + header_size)
    assert binary.is_complete


def test_that_a_close_frame_tells_its_code_and_reason():
    close = parse_frame(frame(0x88, b"\x03\xe8bye", b"\x01\x02\x03\x04"), "client")
    assert (close.close_code, close.close_reason) == (1000, "bye")
    assert parse_frame(b"\x88\x00", "server").close_code is None
    assert parse_frame(b"\x88\x01\x03", "server").close_code is None
    assert parse_frame(HELLO, "server").close_code is None


def test_that_a_frame_cut_short_is_not_complete():
    cut = parse_frame(MASKED_HELLO[:-2], "client")
    assert not cut.is_complete
    assert cut.payload_data == b"Hel"
    assert parse_frame(MASKED_HELLO[:5], "client") is None
    assert parse_frame(b"\x81", "client") is None
    assert parse_frame(b"", "client") is None


def test_that_a_reserved_opcode_has_a_name():
    assert opcode_name(3) == "0x3"
    assert opcode_name(15) == "0xF"
    assert opcode_name(8) == "CLOSE"


def test_that_known_violations_come_with_their_words():
    hello = parse_frame(HELLO, "client", violations=("WS-02",))
    assert [(v.rule, v.section, v.close_code) for v in hello.violations] == [("WS-02", "5.1", 1002)]


def test_that_the_fields_of_the_masked_hello_are_those_of_the_rfc():
    fields = parse_frame(MASKED_HELLO, "client").fields()
    assert [(f.name, f.bit_offset, f.bit_length, f.value) for f in fields] == [
        ("fin", 0, 1, 1), ("rsv1", 1, 1, 0), ("rsv2", 2, 1, 0), ("rsv3", 3, 1, 0), ("opcode", 4, 4, 1),
        ("mask", 8, 1, 1), ("payload_length", 9, 7, 5), ("masking_key", 16, 32, 0x37FA213D),
        ("payload_data", 48, 40, 0x7F9F4D5158),
    ]  # fmt: skip
    assert fields[-1].text == "Hello"


@given(
    first=st.integers(0, 255),
    payload=st.binary(max_size=300) | st.integers(65530, 65540).map(bytes),
    key=st.sampled_from([b"", b"\x01\x02\x03\x04", b"\x00\x00\x00\x00"]),
    form=st.sampled_from([None, 2, 8]),
    cut=st.integers(0, 20),
)
def test_that_fields_tile_the_frame_exactly(first, payload, key, form, cut):
    length = None
    if form is not None and len(payload) < 0x10000:
        length = (b"\x7e" if form == 2 else b"\x7f") + len(payload).to_bytes(form, "big")
    data = frame(first, payload, key, length)
    data = data[: max(len(data) - cut, len(data) - len(payload))]
    parsed = parse_frame(data, "client")
    assert parsed.raw == data
    at, bits = 0, ""
    for field in parsed.fields():
        assert field.bit_offset == at
        assert field.bit_length > 0
        bits += format(field.value, f"0{field.bit_length}b")
        at += field.bit_length
    assert at == 8 * len(data)
    assert int(bits, 2) == int.from_bytes(data, "big")


@given(payload=st.binary(max_size=70), key=st.binary(min_size=4, max_size=4))
def test_that_unmasking_is_byte_by_byte_xor_with_the_key(payload, key):
    parsed = parse_frame(frame(0x82, payload, key), "client")
    assert parsed.payload_data == payload
    assert parsed.unmasked(3) == payload[:3]
