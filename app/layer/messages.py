# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages to msgpack bodies and back; bytes and str stay apart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgpack
import msgspec

from app.layer.refused import MessageTooLarge

CHANNEL_KEY = "__asgi_channel__"  # where a process-specific channel's full name travels
SIZE_LIMIT = 1024 * 1024  # bytes, measured as JSON (ASGI 1.x)

CHANNEL_ENTRY: bytes = msgpack.packb(CHANNEL_KEY)  # the packed name of that entry
# What msgpack writes before a name, by the name's length in bytes.
NAME_HEADS: list[bytes] = [msgpack.packb("x" * length)[: -length or None] for length in range(256)]
_MOST_JSON_PER_BYTE = 7  # a byte of msgpack becomes at most `false,` or `\u0000` in JSON


class _OfThread(threading.local):
    """msgpack's packb makes a packer for each call, which takes longer than to pack a message."""

    def __init__(self) -> None:
        self.pack: Callable[[object], bytes] = msgpack.Packer(use_bin_type=True).pack


_of_thread = _OfThread()


class UnreadableBody(ValueError):
    """A body is no msgpack map: somebody else's key, or a damaged one."""


def encode(message: Mapping[str, Any], channel: str = "", limit: int = SIZE_LIMIT) -> bytes:
    """Return a message's body; `channel` is put into it for a process-specific channel.

    Raises:
        TypeError: the message is not a dict, or holds what a message may not hold.
        MessageTooLarge: it is larger than `limit` bytes as JSON.
    """
    if not isinstance(message, dict):
        raise TypeError(f"A message must be a dict, not {type(message).__name__}: {message!r}.")
    if CHANNEL_KEY in message:
        raise TypeError(f"A message must not have the key {CHANNEL_KEY!r}: the channel layer uses it.")
    body: bytes = _of_thread.pack({**message, CHANNEL_KEY: channel} if channel else message)
    if len(body) * _MOST_JSON_PER_BYTE > limit and (size := json_size(message)) > limit:
        raise MessageTooLarge(f"The message has {size} bytes as JSON; the limit is {limit}.")
    return body


def decode(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the channel named inside a body ("" if none) and its message.

    Raises:
        UnreadableBody: it is no message.
    """
    try:
        message = msgpack.unpackb(body, raw=False)
    except ValueError as error:  # all of msgpack's own errors are ValueErrors
        raise UnreadableBody(f"The body is not msgpack: {error}") from error
    if not isinstance(message, dict):
        raise UnreadableBody(f"The body is a {type(message).__name__}, not a map.")
    return message.pop(CHANNEL_KEY, ""), message


def json_size(message: Mapping[str, Any]) -> int:
    """Return the size of a message in bytes when written as JSON (bytes as base64)."""
    return len(msgspec.json.encode(message))


def copy_for(member: bytes, whole: bytes, longer: bytes) -> bytes:
    """Return the body of a group member's copy: `whole`, or for a process-specific channel `longer` and its name."""
    return longer + NAME_HEADS[len(member)] + member if b"!" in member else whole


def header(entries: int) -> bytes:
    """Return the msgpack header of a map with so many entries."""
    packed: bytes = msgpack.Packer().pack_map_header(entries)
    return packed
