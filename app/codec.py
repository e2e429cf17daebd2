# SPDX-License-Identifier: GPL-3.0-or-later
"""Events to JSON lines and back, for files and the network; to frames and back, for a child's pipe; many at once."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Union

import msgspec

from app.events import Event, kinds

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Union[kinds()])  # noqa: UP007 - built at run time
_packer = msgspec.msgpack.Encoder()
pack_event = _packer.encode  # as msgpack, which is made faster than JSON
_head = struct.Struct("<I")
HEAD = _head.size
pack_length = _head.pack
_frame_decoder = msgspec.msgpack.Decoder(Union[kinds()])  # noqa: UP007
FRAME_LIMIT = 64 * 1024 * 1024  # bytes; a length above it is none
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


def frame(event: Event) -> bytes:
    """Return the event as one frame: the length of what follows in four bytes, then msgpack."""
    return framed(pack_event(event))


def framed(data: bytes) -> bytes:
    """Return a packed event as a frame."""
    return pack_length(len(data)) + data


def length_in(data: Buffer, place: int) -> int:
    """Return the length in the four bytes at a place."""
    length: int = _head.unpack_from(data, place)[0]
    return length


class Frames:
    """Cuts what comes through a pipe in pieces into frames; `rest` is the beginning of one that is not whole yet."""

    def __init__(self) -> None:
        self.rest = b""

    def cut(self, data: bytes) -> list[bytes]:
        """Return the frames that are whole now.

        Raises:
            ValueError: that is no frame; what came with it is thrown away.
        """
        data = self.rest + data
        frames, place = [], 0
        while place + HEAD <= len(data):
            end = place + HEAD + length_in(data, place)
            if end - place > FRAME_LIMIT:
                self.rest = b""
                raise ValueError("A child said something that is no event.")
            if end > len(data):
                break
            frames.append(data[place:end])
            place = end
        self.rest = data[place:]
        return frames


def event_in(frame: bytes) -> Event:
    """Return the event in a frame; the same is raised as by `decode`."""
    event: Event = _frame_decoder.decode(memoryview(frame)[HEAD:])
    return event


def pack(events: list[Event]) -> bytes:
    """Return events as msgpack."""
    return _packer.encode(events)


def unpack(data: bytes) -> list[Event]:
    """Return the events that `pack` was given."""
    events: list[Event] = _unpacker.decode(data)
    return events
