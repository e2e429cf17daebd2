# SPDX-License-Identifier: GPL-3.0-or-later
"""Events to JSON lines and back."""

from __future__ import annotations

from typing import Union

import msgspec

from app.events import Event, kinds

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Union[kinds()])  # noqa: UP007 - built at run time


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
