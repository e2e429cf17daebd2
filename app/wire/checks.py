# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules a frame breaks that its header, its place among the others, or a close frame's payload show."""

from __future__ import annotations

from app.wire.frames import CLOSE, Header, mask
from app.wire.rules import RULES, Violation, broken

_RESERVED = frozenset(range(16)) - {0, 1, 2, 8, 9, 10}
_KEY_RUN = 3  # frames with one and the same masking key before we speak of a habit


def is_close_code(code: int) -> bool:
    """Return whether a close code may be on the wire, RFC 6455 §7.4 and the registry it began."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


class Checker:
    """Follows the frames of one direction; knows what came before.

    Args:
        direction: who sends them.
        is_rsv1_known: whether RSV1 has a meaning (permessage-deflate); None when the handshake was not seen.
    """

    def __init__(self, direction: str, is_rsv1_known: bool | None) -> None:
        self._is_client = direction == "client"
        self._is_rsv1_known = is_rsv1_known
        # First bytes of messages in one frame; whether RSV1 is allowed on them.
        self.whole = (0x81, 0x82) if is_rsv1_known is False else (0x81, 0x82, 0xC1, 0xC2)
        self._is_open: bool | None = False  # whether a message was begun and has not ended; None: unknown
        self._is_closed = False
        self.key = b""  # of the last frame
        self._key_run = 0

    def lose_track(self) -> None:
        """Frames may have passed unseen."""
        self._is_open = None

    @property
    def is_between(self) -> bool:
        """Whether the next frame may be a whole message: none is begun, and there was no close frame."""
        return self._is_open is False and not self._is_closed

    def passed(self, key: bytes) -> None:
        """Frames for which `passes` would have been true went by, the last of them with this key."""
        self.key, self._key_run = key, 1

    def passes(self, first: int, second: int, length: int, key: bytes) -> bool:
        """Return whether the next frame is a whole message that breaks no rule; nearly all are, so this is quick.

        A frame that does not pass must be given to `check`.
        """
        if self._is_open is not False or self._is_closed or first not in self.whole:
            return False
        if (second > 0x7F) is not self._is_client or (key and key == self.key):
            return False
        short = second & 0x7F
        if short > 125 and not (0x10000 if short == 127 else 126) <= length < 1 << 63:
            return False
        self.key, self._key_run = key, 1
        return True

    def check(self, header: Header) -> list[Violation]:
        """Return the rules that the next frame breaks, as far as its header shows."""
        first, second, size, length, key = header
        found: list[Violation] = []
        if self._is_closed:
            found.append(RULES["WS-12"])
        if (second >= 0x80) != self._is_client:
            found.append(RULES["WS-02" if self._is_client else "WS-03"])
        if first & 0x70:
            self._check_reserved_bits(first, found)
        opcode = first & 0x0F
        if opcode in _RESERVED:
            found.append(RULES["WS-06"])
        if opcode >= 8:
            self._check_control(first, length, found)
        elif opcode <= 2:
            self._check_order(first, found)
        if size > 3:
            _check_length(header, found)
        if key:
            self._check_key(key, found)
        return found

    def _check_reserved_bits(self, first: int, found: list[Violation]) -> None:
        is_data_start = first & 0x0F in (1, 2)
        # RFC 7692 §6.1: RSV1 is set on the first fragment of a message only, and never on a control frame.
        may_have_rsv1 = is_data_start and self._is_rsv1_known is not False
        if first & 0x30 or not may_have_rsv1:
            found.append(RULES["WS-07"])

    def _check_control(self, first: int, length: int, found: list[Violation]) -> None:
        if length > 125:
            found.append(RULES["WS-04"])
        if first < 0x80:
            found.append(RULES["WS-05"])
        if first & 0x0F == CLOSE:
            self._is_closed = True

    def _check_order(self, first: int, found: list[Violation]) -> None:
        is_continuation = first & 0x0F == 0
        if self._is_open is not None and is_continuation != self._is_open:
            why = (
                "No message was begun that this fragment could continue."
                if is_continuation
                else "The message before has not ended, yet a new one begins."
            )
            found.append(broken("WS-08", why))
        self._is_open = first < 0x80

    def _check_key(self, key: bytes, found: list[Violation]) -> None:
        self._key_run = self._key_run + 1 if key == self.key else 1
        self.key = key
        if self._key_run >= _KEY_RUN:
            found.append(
                broken("WS-13", f"The masking key {key.hex(' ')} was used for {self._key_run} frames in a row.")
            )


def _check_length(header: Header, found: list[Violation]) -> None:
    short = header.second & 0x7F
    if short == 126 and header.length < 126:
        found.append(broken("WS-09", f"{header.length} fits the 7-bit length, but 2 more bytes were used."))
    elif short == 127 and header.length < 0x10000:
        found.append(broken("WS-09", f"{header.length} fits a shorter form, but 8 more bytes were used."))
    elif header.length >> 63:
        found.append(broken("WS-09", "The top bit of the 64-bit length is set."))


def check_close(payload: bytes, key: bytes) -> list[Violation]:
    """Return the rules that the payload of a close frame breaks (still masked, if `key` is not empty)."""
    data = mask(payload, key)
    if not data:
        return []
    if len(data) == 1:
        return [broken("WS-11", "One byte is no close code: it takes two.")]
    found = []
    code = int.from_bytes(data[:2], "big")
    if not is_close_code(code):
        found.append(broken("WS-11", f"Close code {code} must not be on the wire."))
    if not is_utf8(data[2:]):
        found.append(broken("WS-10", "The reason of the close frame is not UTF-8."))
    return found


def is_utf8(data: bytes) -> bool:
    """Return whether the bytes are whole and valid UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
