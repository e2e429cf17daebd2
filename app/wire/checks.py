# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules a frame breaks that its header, its place among the others, or a close frame's payload show."""

from __future__ import annotations

from app.wire.frames import CLOSE, Header, mask
from app.wire.rules import RULES, Violation, broken

_RESERVED = frozenset(range(16)) - {0, 1, 2, 8, 9, 10}
_KEY_RUN = 3  # frames with one and the same masking key before we speak of a habit

# By the first byte of a frame that breaks no rule, whatever its payload says: the same table for the frame after it.
Steps = list["Steps | None"]


def _steps(whole: tuple[int, ...]) -> tuple[Steps, Steps]:
    """Return the steps between messages and inside one; `whole` has the first bytes of messages in one frame."""
    between: Steps = [None] * 256
    inside: Steps = [None] * 256
    for first in whole:
        between[first], between[first & 0x7F] = between, inside
    inside[0x00], inside[0x80] = inside, between
    for control in (0x89, 0x8A):
        between[control], inside[control] = between, inside
    return between, inside


_STEPS = _steps((0x81, 0x82, 0xC1, 0xC2))
_STEPS_WITHOUT_RSV1 = _steps((0x81, 0x82))
_NO_STEPS: Steps = [None] * 256


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
        self._tables = _STEPS_WITHOUT_RSV1 if is_rsv1_known is False else _STEPS
        self.steps = self._tables[False]  # what the next frame may be; no steps while a rule is broken anyway
        self.key = b""  # of the last frame
        self.key_run = 0  # for how many frames on end it was used
        self._was_open: bool | None = None  # see _is_open; None: unknown
        self._is_closed = False

    def lose_track(self) -> None:
        """Frames may have passed unseen."""
        self._was_open, self.steps = None, _NO_STEPS

    @property
    def _is_open(self) -> bool | None:
        """Whether a message was begun and has not ended; None: unknown."""
        return self._was_open if self.steps is _NO_STEPS else self.steps is self._tables[True]

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
            self._was_open, self.steps, self._is_closed = self._is_open, _NO_STEPS, True

    def _check_order(self, first: int, found: list[Violation]) -> None:
        is_continuation = first & 0x0F == 0
        is_open = self._is_open
        if is_open is not None and is_continuation != is_open:
            why = (
                "No message was begun that this fragment could continue."
                if is_continuation
                else "The message before has not ended, yet a new one begins."
            )
            found.append(broken("WS-08", why))
        self._was_open = first < 0x80
        if not self._is_closed:
            self.steps = self._tables[self._was_open]

    def _check_key(self, key: bytes, found: list[Violation]) -> None:
        self.key_run = self.key_run + 1 if key and key == self.key else 1
        self.key = key
        if self.key_run >= _KEY_RUN:
            found.append(
                broken("WS-13", f"The masking key {key.hex(' ')} was used for {self.key_run} frames in a row.")
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
