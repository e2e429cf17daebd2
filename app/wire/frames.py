# SPDX-License-Identifier: GPL-3.0-or-later
"""A WebSocket frame as it was on the wire (RFC 6455 §5.2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.wire.fields import Field, fields_of
from app.wire.rules import RULES, Violation

OPCODES: dict[int, str] = {0: "CONT", 1: "TEXT", 2: "BINARY", 8: "CLOSE", 9: "PING", 10: "PONG"}
CONT, TEXT, BINARY, CLOSE, PING, PONG = OPCODES


def opcode_name(opcode: int) -> str:
    """Return the name of an opcode, "0x3" for one that is reserved."""
    return OPCODES.get(opcode) or f"0x{opcode:X}"


def mask(payload: bytes, key: bytes) -> bytes:
    """Return the payload masked, or unmasked: byte i XOR key[i mod 4] (RFC 6455 §5.3)."""
    size = len(payload)
    if not size or not any(key):
        return payload
    # One XOR of two long numbers is far faster than one of each byte.
    long_key = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(long_key, "little")).to_bytes(size, "little")


class Header(NamedTuple):
    """What stands before the payload: the first two bytes, the size of it all, the payload's length and the key."""

    first: int
    second: int
    size: int
    length: int
    key: bytes

    @property
    def end(self) -> int:
        """Bytes of the whole frame."""
        return self.size + self.length


def parse_header(data: bytes | bytearray, position: int = 0) -> Header | None:
    """Return the header that starts at `position`, or None while it is not all there."""
    if len(data) - position < 2:
        return None
    first, second = data[position], data[position + 1]
    length, size = second & 0x7F, 2
    if length >= 126:
        size = 4 if length == 126 else 10
        length = int.from_bytes(data[position + 2 : position + size], "big")
    key_at = size
    if second & 0x80:
        size += 4
    if len(data) - position < size:
        return None
    return Header(first, second, size, length, bytes(data[position + key_at : position + size]))


class Frame(NamedTuple):
    """A frame; `offset` is the place of its first byte in its direction's stream, `payload` is as on the wire.

    A frame whose end (or middle) was not seen has less payload than `payload_length` says: it is not complete.
    """

    direction: str
    offset: int
    fin: bool
    rsv1: bool
    rsv2: bool
    rsv3: bool
    opcode: int
    masked: bool
    payload_length: int
    masking_key: bytes
    header_size: int
    payload: bytes
    violations: tuple[Violation, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether all of the payload is here."""
        return len(self.payload) == self.payload_length

    @property
    def is_control(self) -> bool:
        """Whether the opcode is one of the control frames', RFC 6455 §5.5."""
        return self.opcode >= 8

    @property
    def opcode_name(self) -> str:
        """The opcode for people."""
        return opcode_name(self.opcode)

    @property
    def payload_data(self) -> bytes:
        """The payload unmasked; not inflated."""
        return mask(self.payload, self.masking_key)

    @property
    def size(self) -> int:
        """Bytes of header and payload together, as the header says."""
        return self.header_size + self.payload_length

    @property
    def first(self) -> int:
        """The first byte: FIN, the reserved bits, the opcode."""
        return self.fin << 7 | self.rsv1 << 6 | self.rsv2 << 5 | self.rsv3 << 4 | self.opcode

    @property
    def second(self) -> int:
        """The second byte: MASK and the 7-bit length."""
        return self.masked << 7 | self.short_length

    @property
    def short_length(self) -> int:
        """The 7-bit length field: the length itself, or 126 or 127 when a longer field follows."""
        return {2: self.payload_length, 4: 126, 10: 127}[self.header_size - 4 * self.masked]

    @property
    def raw(self) -> bytes:
        """All bytes of the frame that were seen, header first."""
        extended = {2: 0, 4: 2, 10: 8}[self.header_size - 4 * self.masked]
        length = self.payload_length.to_bytes(extended, "big") if extended else b""
        return bytes((self.first, self.second)) + length + self.masking_key + self.payload

    @property
    def close_code(self) -> int | None:
        """The code of a close frame that has one, RFC 6455 §5.5.1."""
        if self.opcode != CLOSE or len(self.payload) < 2:
            return None
        return int.from_bytes(self.unmasked(2), "big")

    @property
    def close_reason(self) -> str:
        """The text after the close code; bytes that are not UTF-8 show as �."""
        return self.payload_data[2:].decode("utf-8", "replace") if self.opcode == CLOSE else ""

    def unmasked(self, limit: int) -> bytes:
        """Return the first bytes of the payload unmasked."""
        return mask(self.payload[:limit], self.masking_key)

    def fields(self) -> tuple[Field, ...]:
        """Return the bit map of the frame."""
        return fields_of(self)


def frame_from(
    header: Header, payload: bytes, direction: str, offset: int, violations: tuple[Violation, ...] = ()
) -> Frame:
    """Return the frame that a header and its payload make."""
    first, second, size, length, key = header
    return Frame(
        direction, offset, first >= 0x80, bool(first & 0x40), bool(first & 0x20), bool(first & 0x10), first & 0x0F,
        second >= 0x80, length, key, size, payload, violations,
    )  # fmt: skip


def parse_frame(data: bytes, direction: str, offset: int = 0, violations: Iterable[str] = ()) -> Frame | None:
    """Return the frame that `data` starts with, or None when even its header is not all there.

    Args:
        data: the frame's bytes, perhaps cut short.
        direction: who sent it.
        offset: where it stands in its direction's stream.
        violations: the ids of the rules that the frame is known to break.
    """
    header = parse_header(data)
    if header is None:
        return None
    payload = bytes(data[header.size : header.end])
    return frame_from(header, payload, direction, offset, tuple(RULES[rule] for rule in violations))
