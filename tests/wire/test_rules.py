# SPDX-License-Identifier: GPL-3.0-or-later
"""Each of the fourteen rules is named where it is broken, and only there; decoding goes on."""

import pytest

from app.wire.rules import RULES
from tests.wire.peer import frame, frames, messages, opened, rules

KEY = bytes.fromhex("37fa213d")
NOT_CODES = (0, 999, 1004, 1005, 1006, 1015, 2999, 5000)  # and anything else that RFC 6455 §7.4 does not allow
OFFER = "Sec-WebSocket-Extensions: permessage-deflate\r\n"


@pytest.mark.parametrize(
    ("rule", "direction", "data"),
    [
        ("WS-02", "client", frame(0x81, b"Hello")),
        ("WS-03", "server", frame(0x81, b"Hello", KEY)),
        ("WS-04", "server", frame(0x89, bytes(126))),
        ("WS-05", "server", frame(0x09, b"a")),
        ("WS-06", "server", frame(0x83, b"a")),
        ("WS-06", "server", frame(0x8B)),
        ("WS-07", "server", frame(0xC1, b"a")),
        ("WS-07", "server", frame(0xA1, b"a")),
        ("WS-07", "server", frame(0x91, b"a")),
        ("WS-08", "server", frame(0x80, b"a")),
        ("WS-09", "server", frame(0x81, b"Hello", length=b"\x7e\x00\x05")),
        ("WS-09", "server", frame(0x81, b"Hello", length=b"\x7f" + (5).to_bytes(8, "big"))),
        ("WS-10", "server", frame(0x81, b"caf\xe9")),
        ("WS-10", "server", frame(0x88, b"\x03\xe8caf\xe9")),
        ("WS-11", "server", frame(0x88, b"\x03")),
        *(("WS-11", "server", frame(0x88, code.to_bytes(2, "big"))) for code in NOT_CODES),
    ],
)  # fmt: skip
def test_that_a_broken_rule_is_named_and_the_next_frame_is_read(rule, direction, data):
    after = frame(0x89, b"", KEY if direction == "client" else b"")
    broken, next_frame = frames(opened().receive(direction, data + after))
    assert [violation.rule for violation in broken.violations] == [rule]
    assert next_frame.opcode == 9


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999])
def test_that_close_codes_that_may_be_sent_are_no_violation(code):
    assert rules(opened().receive("server", frame(0x88, code.to_bytes(2, "big") + "é".encode()))) == [[]]


def test_that_a_new_message_inside_one_is_named():
    data = frame(0x01, b"one") + frame(0x81, b"two")
    values = opened().receive("server", data)
    assert rules(values) == [[], ["WS-08"]]
    assert [message.data for message in messages(values)] == [b"two"]


def test_that_data_after_a_close_frame_is_named_in_its_direction_only():
    connection = opened()
    assert rules(connection.receive("server", frame(0x88) + frame(0x81, b"more"))) == [[], ["WS-12"]]
    assert rules(connection.receive("client", frame(0x81, b"late", KEY))) == [[]]


@pytest.mark.parametrize("key", [KEY, bytes(4)])
def test_that_a_masking_key_used_three_times_in_a_row_is_named(key):
    values = opened().receive("client", frame(0x81, b"a", key) * 4)
    assert rules(values) == [[], [], ["WS-13"], ["WS-13"]]


def test_that_fresh_masking_keys_are_no_violation():
    data = b"".join(frame(0x81, b"a", key) for key in (b"abcd", b"efgh", b"abcd", b"ijkl"))
    assert rules(opened().receive("client", data)) == [[]] * 4


def test_that_rsv1_is_allowed_where_deflate_was_agreed_on_and_only_where_a_message_begins():
    empty = b"\x00"  # an empty message, RFC 7692 §7.2.3.6
    data = frame(0x41, b"") + frame(0xC0, empty) + frame(0xC9)
    assert rules(opened(OFFER).receive("server", data)) == [[], ["WS-07"], ["WS-07"]]


def test_that_a_length_with_the_top_bit_set_is_named_at_the_end():
    connection = opened()
    assert connection.receive("server", b"\x82\x7f\x80" + bytes(7) + b"abc") == []
    (cut,) = connection.eof("server")
    assert [violation.rule for violation in cut.violations] == ["WS-09"]
    assert not cut.is_complete


def test_that_one_frame_may_break_several_rules():
    (value,) = opened().receive("client", frame(0x3B, bytes(126)))
    assert [violation.rule for violation in value.violations] == ["WS-02", "WS-07", "WS-06", "WS-04", "WS-05"]


def test_that_every_rule_has_words_and_a_section():
    assert list(RULES) == [f"WS-{i:02}" for i in range(1, 15)]
    for violation in RULES.values():
        assert violation.title
        assert violation.why.endswith(".")
        assert violation.section[0] in "4578"
        assert violation.close_code in (0, 1002, 1007)
