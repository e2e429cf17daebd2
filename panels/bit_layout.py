# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each bit of a frame stands in the bit table: 16 bits a row, one cell for every field and row."""

from __future__ import annotations

from dataclasses import dataclass

from app.wire.fields import Field
from app.wire.frames import Frame, opcode_name
from panels.fields import NAMES

BITS = 16  # bits a row
PAYLOAD_ROWS = 1  # rows of payload shown here; the hex dump has the rest


@dataclass(frozen=True)
class BitCell:
    """A stretch of a field that lies in one row: `first` is its first bit in the frame."""

    field: Field
    row: int
    column: int
    first: int
    bits: str
    labels: tuple[str, ...]  # the longest that fits is shown


def lay_out(frame: Frame) -> tuple[BitCell, ...]:
    """Return the cells of a frame: every header field whole, the payload's first rows."""
    cells: list[BitCell] = []
    for field in frame.fields():
        last = field.bit_offset + field.bit_length
        if field.name == "payload_data":
            last = min(last, (field.bit_offset // BITS + PAYLOAD_ROWS) * BITS)
        first = field.bit_offset
        while first < last:
            end = min(last, (first // BITS + 1) * BITS)
            cells.append(_cell(field, frame, first, end - first))
            first = end
    return tuple(cells)


def _cell(field: Field, frame: Frame, first: int, width: int) -> BitCell:
    shift = field.bit_offset + field.bit_length - first - width
    value = (field.value >> shift) & ((1 << width) - 1)
    labels = _labels(field, frame, first, width)
    return BitCell(field, first // BITS, first % BITS, first, f"{value:0{width}b}", labels)


def _labels(field: Field, frame: Frame, first: int, width: int) -> tuple[str, ...]:
    label, short, _ = NAMES[field.name]
    if field.name == "opcode":
        name = opcode_name(field.value)
        return f"opcode 0x{field.value:X} · {name}", f"opcode {name}", name, short
    if field.name == "payload_length":
        return f"length {field.value}", str(field.value)
    if field.name == "extended_payload_length":
        return (f"{label} {field.value}" if first == field.bit_offset else f"{label}, continued",)
    byte = (first - field.bit_offset) // 8
    if field.name == "masking_key":
        return (f"{label} {frame.masking_key[byte : byte + 2].hex(' ')}",)
    if field.name == "payload_data":
        return _payload_labels(frame, byte, width // 8)
    return label, short


def _payload_labels(frame: Frame, byte: int, count: int) -> tuple[str, ...]:
    span = f"payload[{byte}]" if count == 1 else f"payload[{byte}..{byte + count - 1}]"
    data = frame.payload[byte : byte + count]
    if not frame.masked:
        return (f"{span} {data.hex(' ')}{_readable(data, frame)}",)
    key = bytes(frame.masking_key[(byte + i) % 4] for i in range(len(data)))
    plain = bytes(a ^ b for a, b in zip(data, key, strict=True))
    return f"{span} {data.hex(' ')} ⊕ {key.hex(' ')} → {_readable(plain, frame).strip() or plain.hex(' ')}", span


def _readable(data: bytes, frame: Frame) -> str:
    text = data.decode("latin-1")
    return f" {text}" if frame.opcode in (0, 1) and not frame.rsv1 and text.isascii() and text.isprintable() else ""
