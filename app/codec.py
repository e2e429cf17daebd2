# SPDX-License-Identifier: GPL-3.0-or-later
"""Events to JSON lines and back, for files and the network; to msgpack and back, for a child's pipe; many at once.

In a pipe packed events stand one behind the other, without lengths: msgpack says itself where it ends, and to write a
length would cost the observed more than it costs the lab to find the end (docs/channel-layer.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Union

import msgpack
import msgspec

from app.events import Event, kinds

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Union[kinds()])  # noqa: UP007 - built at run time
_packer = msgspec.msgpack.Encoder()
pack_event = _packer.encode  # as msgpack, which is made faster than JSON
_event_decoder = msgspec.msgpack.Decoder(Union[kinds()])  # noqa: UP007
NO_EVENT = "A child said something that is no event."
PACKED_LIMIT = 64 * 1024 * 1024  # bytes; what would be longer is no event
_SMALL_MAP, _LARGE_MAPS = 0x80, (0xDE, 0xDF)  # how an event begins (msgpack: fixmap; map 16, map 32)
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


def event_in(packed: bytes) -> Event:
    """Return a packed event; the same is raised as by `decode`."""
    event: Event = _event_decoder.decode(packed)
    return event


class Cutter:
    """Cuts what comes through a pipe in pieces into packed events; `rest` is the beginning of one that is not whole."""

    def __init__(self) -> None:
        self.rest = b""

    def cut(self, data: bytes) -> list[bytes]:
        """Return the packed events that are whole now.

        Raises:
            ValueError: that is no event; what came with it is thrown away.
        """
        data, self.rest = self.rest + data, b""
        ends = list(ends_in(data))
        rest = data[ends[-1] :] if ends else data
        if len(rest) > PACKED_LIMIT or rest.startswith(b"\0"):
            raise ValueError(NO_EVENT)
        self.rest = rest
        return [data[begin:end] for begin, end in pairwise((0, *ends))]


def ends_in(data: bytes) -> Iterator[int]:
    """Yield where each of the packed events ends; zeros behind the last are none.

    Raises:
        ValueError: something else stands there.
    """
    unpacker = msgpack.Unpacker()
    unpacker.feed(data)
    place, end = 0, len(data)
    while place < end and (head := data[place]):
        if head & 0xF0 != _SMALL_MAP and head not in _LARGE_MAPS:
            raise ValueError(NO_EVENT)
        try:
            unpacker.skip()
        except msgpack.OutOfData:
            return
        yield (place := unpacker.tell())


def pack(events: list[Event]) -> bytes:
    """Return events as msgpack."""
    return _packer.encode(events)


def unpack(data: bytes) -> list[Event]:
    """Return the events that `pack` was given."""
    events: list[Event] = _unpacker.decode(data)
    return events
