# SPDX-License-Identifier: GPL-3.0-or-later
"""The bit map of a frame: one field after the other, without gap or overlap (RFC 6455 §5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from app.wire.frames import Frame

_PREVIEW = 64  # bytes of the payload that its text shows


class Field(NamedTuple):
    """A field of a frame: where its bits are, counted from the frame's first bit, its value and a text for people."""

    name: str
    bit_offset: int
    bit_length: int
    value: int
    text: str


def fields_of(frame: Frame) -> tuple[Field, ...]:
    """Return the fields of a frame in the order of the wire; together they cover all of `frame.raw`."""
    fields: list[Field] = []

    def add(name: str, bit_length: int, value: int, text: str) -> None:
        offset = fields[-1].bit_offset + fields[-1].bit_length if fields else 0
        fields.append(Field(name, offset, bit_length, int(value), text))

    add("fin", 1, frame.fin, "the last fragment of its message" if frame.fin else "more fragments follow")
    for name, bit in (("rsv1", frame.rsv1), ("rsv2", frame.rsv2), ("rsv3", frame.rsv3)):
        add(name, 1, bit, _reserved(name, bit))
    add("opcode", 4, frame.opcode, frame.opcode_name)
    add("mask", 1, frame.masked, "a masking key follows" if frame.masked else "not masked")
    short = frame.short_length
    add("payload_length", 7, short, _length(short))
    if short >= 126:
        bits = 16 if short == 126 else 64
        add("extended_payload_length", bits, frame.payload_length, f"{frame.payload_length} bytes")
    if frame.masked:
        add("masking_key", 32, int.from_bytes(frame.masking_key, "big"), frame.masking_key.hex(" "))
    if frame.payload:
        add("payload_data", 8 * len(frame.payload), int.from_bytes(frame.payload, "big"), _preview(frame))
    return tuple(fields)


def _reserved(name: str, bit: bool) -> str:
    if not bit:
        return "0, as no extension uses it here"
    return "the message is compressed (permessage-deflate)" if name == "rsv1" else "reserved for an extension"


def _length(short: int) -> str:
    if short < 126:
        return f"{short} bytes"
    return "126: the length is in the next 2 bytes" if short == 126 else "127: the length is in the next 8 bytes"


def _preview(frame: Frame) -> str:
    data = frame.unmasked(_PREVIEW)
    more = " …" if len(frame.payload) > _PREVIEW else ""
    if frame.opcode == 1 and not frame.rsv1:
        return data.decode("utf-8", "replace") + more
    return data.hex(" ") + more
