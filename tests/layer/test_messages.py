# SPDX-License-Identifier: GPL-3.0-or-later
import pytest

from app.layer import messages
from app.layer.refused import MessageTooLarge


@pytest.mark.parametrize("message", [None, "text", [("a", 1)], 5])
def test_that_a_message_must_be_a_dict(message):
    with pytest.raises(TypeError, match="must be a dict"):
        messages.encode(message)


def test_that_the_key_the_layer_uses_is_refused():
    with pytest.raises(TypeError, match="__asgi_channel__"):
        messages.encode({"__asgi_channel__": "x"})


def test_that_what_no_message_may_hold_is_refused():
    with pytest.raises(TypeError):
        messages.encode({"a": object()})


@pytest.mark.parametrize(
    "body", [b"", b"\x01", b"\xc1", b"\x81\xa1", b"\x80\x80", b"\x81\xa1a\xa1\xff", b"\x81\x01\x01"]
)
def test_that_what_is_no_map_is_unreadable(body):
    with pytest.raises(messages.UnreadableBody):
        messages.decode(body)


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
