# SPDX-License-Identifier: GPL-3.0-or-later
"""permessage-deflate: what was agreed on, and inflating the messages of one direction (RFC 7692)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

LIMIT = 16 * 1024 * 1024  # bytes a message may inflate to; a frame of 16 KiB can hold that much
_TAIL = b"\x00\x00\xff\xff"  # RFC 7692 §7.2.2: the sender leaves these four bytes away


class InflateError(Exception):
    """A message cannot be inflated; the text says why."""


@dataclass(frozen=True, slots=True)
class Deflate:
    """The parameters of permessage-deflate that the server's answer settles, by direction."""

    client_bits: int = 15
    server_bits: int = 15
    client_no_context_takeover: bool = False
    server_no_context_takeover: bool = False

    def inflater(self, direction: str) -> Inflater:
        """Return what inflates the messages of one direction."""
        if direction == "client":
            return Inflater(self.client_bits, self.client_no_context_takeover)
        return Inflater(self.server_bits, self.server_no_context_takeover)


def parse_deflate(extension: str) -> Deflate | None:
    """Return the parameters of one member of Sec-WebSocket-Extensions, or None when it is not a valid agreement."""
    name, *texts = (part.strip() for part in extension.split(";"))
    if name.lower() != "permessage-deflate":
        return None
    bits = {"client": 15, "server": 15}
    fresh = {"client": False, "server": False}
    for text in texts:
        key, _, value = (part.strip().strip('"') for part in text.partition("="))
        side, _, parameter = key.partition("_")
        if side not in bits or parameter not in ("max_window_bits", "no_context_takeover"):
            return None
        if parameter == "no_context_takeover":
            fresh[side] = True
        elif value.isdigit() and 8 <= int(value) <= 15:
            bits[side] = int(value)
        else:
            return None
    return Deflate(bits["client"], bits["server"], fresh["client"], fresh["server"])


class Inflater:
    """Inflates one message after the other; later ones may point back into earlier ones (context takeover)."""

    def __init__(self, bits: int = 15, is_fresh_each_time: bool = False, limit: int = LIMIT) -> None:
        # A window of 256 bytes is one that zlib's own deflate never keeps to: it takes 9 bits where 8 are asked for.
        self._bits = -max(bits, 9)
        self._is_fresh_each_time = is_fresh_each_time
        self._limit = limit
        self.reset()

    def reset(self) -> None:
        """Forget the window: earlier messages are not known."""
        self._zlib = zlib.decompressobj(self._bits)

    def inflate(self, data: bytes) -> bytes:
        """Return the message; raises InflateError when it is damaged, too large or needs what was not seen."""
        try:
            result = self._inflate(data + _TAIL)
        except zlib.error as error:
            self.reset()
            lacks_window = "too far back" in str(error)
            raise InflateError(
                "it needs earlier messages" if lacks_window else "the compressed data is broken"
            ) from None
        if self._is_fresh_each_time:
            self.reset()
        return result

    def _inflate(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        room = self._limit
        while data:
            piece = self._zlib.decompress(data, room + 1)
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                self.reset()
                raise InflateError(f"it inflates to more than {self._limit} bytes")
            # RFC 7692 §7.2.3.4: a block may have BFINAL set; then the next one starts a new stream.
            data = self._zlib.unused_data if self._zlib.eof else self._zlib.unconsumed_tail
            if self._zlib.eof:
                self._zlib = zlib.decompressobj(self._bits, zdict=b"".join(pieces)[-32768:])
                if data == _TAIL:
                    break
        return b"".join(pieces)
