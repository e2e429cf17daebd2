# SPDX-License-Identifier: GPL-3.0-or-later
"""Events to JSON lines and back, and many at once to msgpack and back, for a pipe between two of our own processes."""

from __future__ import annotations

from typing import Union

import msgspec

from app.events import Event, kinds

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Union[kinds()])  # noqa: UP007 - built at run time
_packer = msgspec.msgpack.Encoder()
_unpacker = msgspec.msgpack.Decoder(list[Union[kinds()]])  # type: ignore[misc]  # noqa: UP007


def encode(event: Event) -> bytes:
    """Return the event as one JSON line, newline included; bytes become base64."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes) -> Event:
    """Return the event in a JSON line.

    Raises:
        msgspec.DecodeError: the line is no JSON, its kind is unknown, or a field has the wrong type.
    """
    event: Event = _decoder.decode(line)
    return event


def pack(events: list[Event]) -> bytes:
    """Return events as msgpack."""
    return _packer.encode(events)


def unpack(data: bytes) -> list[Event]:
    """Return the events that `pack` was given."""
    events: list[Event] = _unpacker.decode(data)
    return events
