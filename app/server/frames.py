# SPDX-License-Identifier: GPL-3.0-or-later
"""Data frames as a server sends them: whole, unmasked, without extension (RFC 6455 §5.2)."""

from __future__ import annotations

import struct

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
