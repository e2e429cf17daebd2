# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.filters import FilterError, FrameContext, compile_filter, completions
from app.frame_index import FrameRow


def context(opcode=1, payload=b'{"message": "Hello"}', masked=True, **fields):
    row = FrameRow(
        row=4, time=100.0, connection="c3", direction=fields.get("direction", "client"), first=0x80 | opcode,
        second=(0x80 if masked else 0) | min(len(payload), 126), header_size=6, length=len(payload), offset=0,
        violations=fields.get("violations", ()), is_complete=True,
    )  # fmt: skip
    return FrameContext(row, stream=2, client=fields.get("client", "bob"), payload=lambda: payload)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "websocket",
        "websocket.opcode == 1",
        "websocket.opcode == TEXT and websocket.fin",
        "opcode==text",
        "opcode == 0x1 && mask",
        "websocket.mask == 1",
        "websocket.mask == true",
        "tcp.stream == 2",
        "websocket.payload_length >= 20 and length <= 20",
        'payload contains "Hello"',
        "websocket.payload contains Hello",
        'payload matches "h[aeiou]llo"',
        r'payload matches "\"message\":\s"',
        'client == "bob"',
        "client == bob",
        "client contains bo",
        "direction == client",
        "connection == c3",
        "not opcode == PING",
        "!(opcode == PING) && (length > 125 || length < 30)",
        "opcode == PING or opcode == CLOSE or opcode eq TEXT",
        "opcode == PING and opcode == PING or opcode == TEXT",
        "not not fin",
        "not rsv and not violations",
        "length gt 3 and length ne 4",
    ],
)
def test_that_a_filter_lets_a_frame_pass_that_it_describes(text):
    predicate = compile_filter(text)
    assert predicate(context())
    if text not in ("", "websocket"):
        assert not compile_filter(f"not ({text})")(context())


@pytest.mark.parametrize(
    "text",
    [
        "opcode == 2",
        "client == alice",
        "payload contains nothing",
        "direction == server",
        "tcp.stream != 2",
        "length < 5",
    ],
)
def test_that_a_filter_keeps_out_what_it_does_not_describe(text):
    assert not compile_filter(text)(context())


def test_that_violations_can_be_looked_for():
    predicate = compile_filter('violations contains "WS-02"')
    assert predicate(context(violations=("WS-02", "WS-06")))
    assert not predicate(context())


def test_that_the_payload_is_only_read_when_it_is_asked_for():
    def forbidden():
        raise AssertionError

    frame = FrameContext(context().row, 2, "bob", forbidden)
    assert not compile_filter('opcode == 9 and payload contains "x"')(frame)


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("opkode == 1", 0, "name of a field"),
        ("opcode == 1 and", 15, "name of a field"),
        ("opcode ==", 9, "a number, a name"),
        ("opcode == == 1", 10, "a number, a name"),
        ("opcode == SOMETHING", 10, "a number, or an opcode"),
        ("(opcode == 1", 12, '")"'),
        ("opcode == 1)", 11, "the end"),
        ("opcode == 1 length == 2", 12, "the end"),
        ("opcode = 1", 7, "the end"),
        ('payload matches "("', 16, "a regular expression"),
        ('"opcode" == 1', 0, "name of a field"),
        ('payload contains "x', 17, "a text in quotes"),
    ],
)
def test_that_a_wrong_word_is_pointed_at(text, position, expected):
    with pytest.raises(FilterError) as caught:
        compile_filter(text)
    assert caught.value.position == position
    assert expected in caught.value.expected
    assert f"at character {position + 1}" in str(caught.value)


def test_that_words_are_completed():
    assert "opcode" in completions("op")
    assert completions("not websocket.op") == ["websocket.opcode"]
    assert completions("opcode == PI") == ["PING"]
    assert "and" in completions("opcode == 1 ")


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from(["opcode", "==", "1", "and", "not", "(", ")", '"', "<"])).map(" ".join)
)
def test_that_any_text_is_a_filter_or_a_filter_error(text):
    position = 0
    try:
        compile_filter(text)(context())
    except FilterError as error:
        position = error.position
    assert 0 <= position <= len(text)
