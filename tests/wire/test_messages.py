# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket messages: fragments, UTF-8 across them, numbers, permessage-deflate."""

import zlib

import pytest

from app.wire import deflate
from app.wire.deflate import Deflate, InflateError, Inflater, parse_deflate
from tests.wire.peer import frame, frames, messages, opened, rules

OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


def squeezed(compressor, data):
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def test_that_fragments_with_a_ping_between_them_make_one_message():
    data = bytes.fromhex("010348656c") + bytes.fromhex("8900") + bytes.fromhex("80026c6f")
    values = opened().receive("server", data)
    (message,) = messages(values)
    assert (message.n, message.opcode, message.data, message.frames) == (1, 1, b"Hello", 2)
    assert [value.opcode for value in frames(values)] == [1, 9, 0]
    assert values[-1] is message


def test_that_messages_are_counted_by_direction_and_control_frames_are_not():
    connection = opened()
    data = frame(0x81, b"a") + frame(0x89) + frame(0x82, b"b") + frame(0x01, b"c") + frame(0x80)
    assert [message.n for message in messages(connection.receive("server", data))] == [1, 2, 3]
    assert [m.n for m in messages(connection.receive("client", frame(0x81, b"a", b"key1")))] == [1]


def test_that_utf8_may_be_cut_inside_a_letter():
    text = "Grüße".encode()
    for cut in range(len(text)):
        values = opened().receive("server", frame(0x01, text[:cut]) + frame(0x80, text[cut:]))
        assert rules(values) == [[], []]
        assert messages(values)[0].data == text


def test_that_text_that_ends_inside_a_letter_is_named_at_its_last_frame():
    values = opened().receive("server", frame(0x01, b"a") + frame(0x80, b"\xc3"))
    assert rules(values) == [[], ["WS-10"]]
    assert [violation.rule for violation in messages(values)[0].violations] == ["WS-10"]


def test_that_the_compressed_hello_of_the_rfc_inflates():
    # RFC 7692 §7.2.3.1 and §7.2.3.2: the second one uses the window of the first.
    data = bytes.fromhex("c107f248cdc9c90700") + bytes.fromhex("c105f200110000")
    first, second = messages(opened(OFFER).receive("server", data))
    assert (first.data, second.data) == (b"Hello", b"Hello")
    assert first.compressed


def test_that_a_compressed_message_in_fragments_inflates():
    # RFC 7692 §7.2.3.1
    (message,) = messages(opened(OFFER).receive("server", bytes.fromhex("4103f248cd8004c9c90700")))
    assert (message.data, message.frames) == (b"Hello", 2)


def test_that_blocks_with_bfinal_and_without_compression_inflate():
    # RFC 7692 §7.2.3.4, §7.2.3.3
    (final,) = messages(opened(OFFER).receive("server", bytes.fromhex("c108f348cdc9c9070000")))
    (stored,) = messages(opened(OFFER).receive("server", bytes.fromhex("c10b000500faff48656c6c6f00")))
    assert final.data == stored.data == b"Hello"


def test_that_without_context_takeover_each_message_stands_alone():
    answer = OFFER.replace("deflate", "deflate; server_no_context_takeover")
    data = b"".join(frame(0xC1, squeezed(zlib.compressobj(wbits=-15), b"again and again")) for _ in range(3))
    assert [message.data for message in messages(opened(answer).receive("server", data))] == [b"again and again"] * 3


@pytest.mark.parametrize("bits", range(9, 16))
def test_that_smaller_windows_inflate(bits):
    answer = OFFER.replace("deflate", f"deflate; server_max_window_bits={bits}")
    compressor = zlib.compressobj(wbits=-bits)
    text = bytes(range(256)) * 300
    data = frame(0xC2, squeezed(compressor, text)) + frame(0xC2, squeezed(compressor, text))
    assert [message.data for message in messages(opened(answer).receive("server", data))] == [text, text]


def test_that_an_uncompressed_message_may_stand_between_compressed_ones():
    compressor = zlib.compressobj(wbits=-15)
    data = frame(0xC1, squeezed(compressor, b"one")) + frame(0x81, b"two") + frame(0xC1, squeezed(compressor, b"three"))
    assert [(m.data, m.compressed) for m in messages(opened(OFFER).receive("server", data))] == [
        (b"one", True), (b"two", False), (b"three", True),
    ]  # fmt: skip


def test_that_a_message_that_inflates_too_far_is_stopped():
    inflater = Inflater(limit=1000)
    assert inflater.inflate(squeezed(zlib.compressobj(wbits=-15), bytes(1000))) == bytes(1000)
    with pytest.raises(InflateError, match="more than 1000 bytes"):
        inflater.inflate(squeezed(zlib.compressobj(wbits=-15), bytes(1001)))


def test_that_a_bomb_costs_no_more_than_the_limit():
    bomb = squeezed(zlib.compressobj(wbits=-15), bytes(deflate.LIMIT + 1))
    assert len(bomb) < 20_000
    (message,) = messages(opened(OFFER).receive("server", frame(0xC2, bomb)))
    assert message.data == b""
    assert "more than" in message.problem


def test_that_broken_deflate_data_is_a_problem_and_the_next_message_is_read():
    data = frame(0xC1, b"\xff\xff\xff") + frame(0xC1, squeezed(zlib.compressobj(wbits=-15), b"fine"))
    first, second = messages(opened(OFFER).receive("server", data))
    assert first.problem == "the compressed data is broken"
    assert (second.data, second.problem, second.n) == (b"fine", "", 2)


def test_that_a_message_that_needs_what_was_not_seen_says_so():
    compressor = zlib.compressobj(wbits=-15)
    lost = frame(0xC1, squeezed(compressor, b"a rather long sentence that comes twice"))
    later = frame(0xC1, squeezed(compressor, b"a rather long sentence that comes twice"))
    connection = opened(OFFER)
    connection.skip("server", len(lost))
    (message,) = messages(connection.receive("server", later + frame(0x89) * 8) + connection.eof("server"))
    assert message.problem == "it needs earlier messages"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("permessage-deflate", Deflate()),
        ("permessage-deflate; client_max_window_bits=9", Deflate(client_bits=9)),
        ('permessage-deflate; server_max_window_bits="12"', Deflate(server_bits=12)),
        ("permessage-deflate; client_no_context_takeover", Deflate(client_no_context_takeover=True)),
        ("permessage-deflate; server_max_window_bits=7", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; colour=red", None),
        ("x-webkit-deflate-frame", None),
    ],
)
def test_that_the_agreement_on_deflate_is_read(text, expected):
    assert parse_deflate(text) == expected
