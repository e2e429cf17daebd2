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
ALLOWED = "bytes, str, int, float, bool, None, and lists and dicts of these"
DEEPEST = 200  # lists and dicts within each other; msgpack itself ends at 511
_STR, _FLAT = {str}, {str, bytes, int, float, bool, type(None)}
_MOST_JSON_PER_BYTE = 7  # a byte of msgpack becomes at most `false,` or `\u0000` in JSON


class _OfThread(threading.local):
    """msgpack's packb makes a packer for each call, which takes longer than to pack a message."""

    def __init__(self) -> None:
        self.pack: Callable[[object], bytes] = msgpack.Packer(use_bin_type=True).pack


_of_thread = _OfThread()
# For what most messages are, a dict of plain values: half the time of msgpack, and the same bytes.
_pack_flat = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(dict[str, Any]).decode


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
    whole = {**message, CHANNEL_KEY: channel} if channel else message
    is_flat = _STR.issuperset(map(type, message)) and _FLAT.issuperset(map(type, message.values()))
    try:
        body: bytes = _pack_flat(whole) if is_flat else _of_thread.pack(whole)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(problem_of(message) or f"The message cannot be packed: {error}.") from error
    if not is_flat:
        _check_keys(message, body)
    if len(body) * _MOST_JSON_PER_BYTE > limit and (size := json_size(message)) > limit:
        raise MessageTooLarge(f"The message has {size} bytes as JSON; the limit is {limit}.")
    return body


def _check_keys(message: dict[str, Any], body: bytes) -> None:
    """Refuse keys that are no text: msgpack writes them, but whoever reads the body could not."""
    try:
        msgpack.unpackb(body)  # quicker than to look through lists of lists of headers
    except ValueError:
        is_readable = False
    else:
        is_readable = all(isinstance(key, str) for key in message)
    if not is_readable and (problem := problem_of(message)):
        raise TypeError(problem)


def problem_of(value: object, where: str = "message", depth: int = 0) -> str:
    """Return what keeps a value out of a message, and where it is; "" if nothing does."""
    if depth > DEEPEST:
        return f"{where:.60}… is nested too deeply: {DEEPEST} lists and dicts within each other at most."
    match value:
        case dict():
            wrong = next((key for key in value if not isinstance(key, str)), None)
            if wrong is not None or None in value:
                return f"{where} has the key {wrong!r}, a {type(wrong).__name__}: keys must be str."
            inner = [(inside, f"{where}[{key!r}]") for key, inside in value.items()]
        case list() | tuple():
            inner = [(inside, f"{where}[{number}]") for number, inside in enumerate(value)]
        case str():
            is_text = value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
            return "" if is_text else f"{where} is no Unicode text, it has half of a surrogate pair: {value!r:.100}."
        case int():
            is_small = -(2**63) <= value < 2**64
            return "" if is_small else f"{where} is {value!r:.100}: an int must have 64 bits at most."
        case bytes() | bytearray() | memoryview() | float() | None:
            return ""
        case _:
            return f"{where} is a {type(value).__name__}, {value!r:.100}: a message may hold {ALLOWED}."
    return next(filter(None, (problem_of(inside, place, depth + 1) for inside, place in inner)), "")


def decode(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return the channel named inside a body ("" if none) and its message.

    Raises:
        UnreadableBody: it is no message.
    """
    try:
        message = _unpack(body)
    except (msgspec.MsgspecError, RecursionError):
        message = _unpacked_with_care(body)
    return message.pop(CHANNEL_KEY, ""), message


def _unpacked_with_care(body: bytes) -> dict[str, Any]:
    """Say what is wrong with a body, or read what others may write and we do not, such as keys that are bytes."""
    try:
        message = msgpack.unpackb(body, raw=False)
    except ValueError as error:  # all of msgpack's own errors are ValueErrors
        raise UnreadableBody(f"The body is not msgpack: {error}") from error
    if not isinstance(message, dict):
        raise UnreadableBody(f"The body is a {type(message).__name__}, not a map.")
    return message


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
