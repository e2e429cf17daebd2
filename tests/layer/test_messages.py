# SPDX-License-Identifier: GPL-3.0-or-later
import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.layer import messages
from app.layer.refused import MessageTooLarge


@pytest.mark.parametrize("message", [None, "text", [("a", 1)], 5])
def test_that_a_message_must_be_a_dict(message):
    with pytest.raises(TypeError, match="must be a dict"):
        messages.encode(message)


def test_that_the_key_the_layer_uses_is_refused():
    with pytest.raises(TypeError, match="__asgi_channel__"):
        messages.encode({"__asgi_channel__": "x"})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1, 2}, r"message\['a'\] is a set, \{1, 2\}: a message may hold bytes, str, "),
        ({"b": [0, {"c": {5}}]}, r"message\['a'\]\['b'\]\[1\]\['c'\] is a set"),
        ({1: "x"}, r"message\['a'\] has the key 1, a int: keys must be str"),
        ({None: "x"}, r"message\['a'\] has the key None"),
        ([["b", {"c": {2.5: 1}}]], r"message\['a'\]\[0\]\[1\]\['c'\] has the key 2.5"),
        (2**64, r"message\['a'\] is 18446744073709551616: an int must have 64 bits"),
        ("half \ud83d", r"message\['a'\] is no Unicode text, it has half of a surrogate pair: 'half \\ud83d'"),
    ],
)
def test_that_what_no_message_may_hold_is_refused_with_its_place(value, said):
    with pytest.raises(TypeError, match=said):
        messages.encode({"a": value})


def test_that_a_message_in_itself_is_refused():
    message = {}
    message["again"] = message
    with pytest.raises(TypeError, match="nested too deeply"):
        messages.encode(message)


@pytest.mark.parametrize("key", [1, b"bytes", None, ("a",)])
def test_that_keys_must_be_text(key):
    with pytest.raises(TypeError, match="keys must be str"):
        messages.encode({"a": "b", key: "c"})


@pytest.mark.parametrize(
    "body", [b"", b"\x01", b"\xc1", b"\x81\xa1", b"\x80\x80", b"\x81\xa1a\xa1\xff", b"\x81\x01\x01"]
)
def test_that_what_is_no_map_is_unreadable(body):
    with pytest.raises(messages.UnreadableBody):
        messages.decode(body)


PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.text(), st.binary()
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(st.dictionaries(st.text(), PLAIN) | st.dictionaries(st.text(), VALUES))
def test_that_a_body_is_what_msgpack_makes_and_comes_back_as_it_was(message):
    body = messages.encode(message)
    assert body == msgpack.packb(message, use_bin_type=True)
    _, back = messages.decode(body)
    assert repr(back) == repr(message)  # 1, 1.0 and True are different, as are bytes and text


def test_that_bytes_as_keys_are_read_although_we_do_not_write_them():
    assert messages.decode(msgpack.packb({b"a": 1, "b": [2]})) == ("", {b"a": 1, "b": [2]})


@pytest.mark.parametrize("count", [0, 15, 16, 65535, 65536])
def test_that_a_body_put_together_equals_one_packed(count):
    message = {str(n): None for n in range(count)}
    entries = messages.encode(message, limit=10**9)[len(messages.header(count)) :]
    head = messages.header(count + 1)
    built = head + entries + messages.CHANNEL_ENTRY + messages.NAME_HEADS[3] + b"x!y"
    assert built == messages.encode(message, "x!y", limit=10**9)
    assert messages.decode(built) == ("x!y", message)


@pytest.mark.parametrize(
    "value", ["\x00" * 200, [False] * 200, [None] * 200, [0.1] * 200, [-32] * 200, ["" for _ in range(200)]]
)
def test_that_no_message_escapes_being_measured(value):
    size = messages.json_size({"v": value})
    messages.encode({"v": value}, limit=size)
    with pytest.raises(MessageTooLarge):
        messages.encode({"v": value}, limit=size - 1)
