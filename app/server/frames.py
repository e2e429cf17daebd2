# SPDX-License-Identifier: GPL-3.0-or-later
"""Data frames of the plain kind: whole messages, without extension (RFC 6455 §5.2)."""

from __future__ import annotations

import struct

from websockets.frames import apply_mask  # type: ignore[attr-defined]  # in C where there is one

TEXT, BINARY = 0x81, 0x82  # FIN and the opcode


class Frames:
    """Builds frames; the one built last is kept, because a group's message goes to one socket after the other."""

    def __init__(self) -> None:
        self._data: str | bytes | None = None
        self._frame = b""

    def of(self, data: str | bytes) -> bytes:
        """Return the frame of a message."""
        if data != self._data:  # a str never equals bytes
            self._data, self._frame = data, frame_of(data)
        return self._frame


def frame_of(data: str | bytes) -> bytes:
    """Return the frame of a message; a str is a text message."""
    first, payload = (TEXT, data.encode()) if isinstance(data, str) else (BINARY, data)
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", first, length) + payload
    if length < 65536:
        return struct.pack("!BBH", first, 126, length) + payload
    return struct.pack("!BBQ", first, 127, length) + payload


def only_message(data: bytes) -> str | bytes | None:
    """Return the message if the bytes are exactly one masked frame with a whole one; None: look more closely."""
    size = len(data)
    if 6 <= size < 132:  # two bytes, the mask, and up to 125 more
        start, fits = 6, data[1] == 0x80 + size - 6
    else:
        start, fits = 8, size >= 134 and data[1] == 0xFE and int.from_bytes(data[2:4], "big") == size - 8
    if not fits or data[0] not in (TEXT, BINARY):
        return None
    payload = apply_mask(data[start:], data[start - 4 : start])
    if data[0] == BINARY:
        return bytes(payload)
    try:
        return str(payload, "utf-8")
    except UnicodeDecodeError:
        return None
