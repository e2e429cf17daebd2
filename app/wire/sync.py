# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds where frames begin in a stream whose start, or some of whose bytes, were not seen.

Each place that may be a frame's beginning is tried: the frames that would follow are read and weighed. A frame that
breaks a rule ends the trial; text that turns out to be UTF-8, a close code that exists, a stream that ends exactly
where a frame does, all speak for it. The evidence is counted in bits: n bits mean that bytes drawn by lot would look
like this once in 2**n trials. The answer depends on the bytes alone, never on how they arrived in pieces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.wire.checks import is_close_code
from app.wire.frames import BINARY, CLOSE, CONT, TEXT, Header, mask, parse_header

REACH = 65536  # how many places are tried before we give up
_LONGEST = 65536  # bytes of a frame that a trial is ready to wait for
_CHAIN = 32  # frames a trial looks at
_ENOUGH = 16.0  # bits in an unknown protocol
_ENOUGH_KNOWN = 9.0  # bits where we know that there are frames, only not where
_MORE = -1.0
_EXACT_END = 7.0  # bits for a stream that ends where a frame ends

# The first bytes a frame may have here: known opcodes, no RSV2 and RSV3, RSV1 only where a data message begins.
_FIRST = re.compile(rb"[\x00\x01\x02\x41\x42\x80\x81\x82\xc1\xc2\x88\x89\x8a]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Sync:
    """Frames begin at `position`; `is_masked` says whether they are masked, `confidence` (0 to 1) how sure that is."""

    position: int
    is_masked: bool
    confidence: float


def find(
    data: bytearray, start: int = 0, is_masked: bool | None = None, is_known: bool = False, is_end: bool = False
) -> Sync | int:
    """Look for the first place from `start` on where frames begin.

    Args:
        data: what was seen since the gap.
        start: the first place that was not yet ruled out.
        is_masked: whether the sender has to mask; None when it is not known who sends.
        is_known: whether the stream is known to carry frames.
        is_end: whether no more bytes will come.

    Returns:
        Where they begin, or the place to go on from when more bytes are there (REACH: there is none).
    """
    place = start
    while match := _FIRST.search(data, place, REACH):
        place = match.start()
        verdict = _try(data, place, is_masked, is_known, is_end)
        if isinstance(verdict, Sync):
            return verdict
        if verdict is None:
            return place
        place += 1
    return REACH if is_end else min(len(data), REACH)


def _try(data: bytearray, place: int, is_masked: bool | None, is_known: bool, is_end: bool) -> Sync | bool | None:
    """Return the Sync if frames begin here, None if more bytes are needed to say, False if not."""
    enough = (_ENOUGH_KNOWN if is_known else _ENOUGH) + place.bit_length()
    bits, position, open_message = 0.0, place, None
    for frames in range(_CHAIN):
        evidence = _evidence(data, position, is_masked, open_message)
        if evidence is None:
            return False
        if evidence == _MORE:
            if not is_end:
                return None
            bits += _EXACT_END if position == len(data) else 0
            return _sync(place, data, bits) if frames and bits >= enough else False
        bits += evidence
        # One frame right after a gap is enough where frames are known to be; elsewhere a second has to follow.
        if bits >= enough and frames + (is_known and not place) >= 1:
            return _sync(place, data, bits)
        first, second = data[position], data[position + 1]
        is_masked = second >= 0x80
        if first & 0x0F <= BINARY:
            open_message = first < 0x80
        position += _end(data, position)
    return False


def _sync(place: int, data: bytearray, bits: float) -> Sync:
    return Sync(place, data[place + 1] >= 0x80, round(1 - min(2.0**-bits * (place + 1), 1), 4))


def _end(data: bytearray, position: int) -> int:
    header = parse_header(data, position)
    return header.end if header else 0


def _evidence(data: bytearray, position: int, is_masked: bool | None, open_message: bool | None) -> float | None:
    """Return how many bits speak for a frame at `position`: _MORE if more bytes are needed, None if it cannot be."""
    header = parse_header(data, position)
    if header is None:
        return _MORE if position == len(data) or _FIRST.match(data, position) else None
    opcode = header.first & 0x0F
    if is_masked is not None and is_masked != (header.second >= 0x80):
        return None
    if opcode <= BINARY and open_message is not None and open_message != (opcode == CONT):
        return None
    if _is_impossible(header) or header.length > _LONGEST:
        return None
    if header.end > len(data) - position:
        return _MORE
    return _weigh(header, bytes(data[position + header.size : position + header.end]))


def _is_impossible(header: Header) -> bool:
    first, second, _, length, _ = header
    opcode = first & 0x0F
    if opcode > BINARY:
        return opcode not in (8, 9, 10) or first & 0xF0 != 0x80 or length > 125
    if first & 0x30 or (first & 0x40 and opcode == CONT):
        return True
    short = second & 0x7F
    return (short == 126 and length < 126) or (short == 127 and length < 0x10000)


def _weigh(header: Header, payload: bytes) -> float | None:
    """Return how many bits speak for this frame, None when its payload speaks against it."""
    first, length, opcode = header.first, header.length, header.first & 0x0F
    if opcode == CLOSE:
        return _weigh_close(mask(payload, header.key))
    if opcode > BINARY:
        return 4.0
    if not length or opcode == CONT:
        return 0.0  # zeros look like many empty continuations
    if opcode == TEXT and not first & 0x40:
        return _weigh_text(mask(payload, header.key), is_whole=first >= 0x80)
    return 3.0 if first >= 0x80 else 1.0


def _weigh_close(data: bytes) -> float | None:
    if not data:
        return 4.0
    code = int.from_bytes(data[:2], "big")
    if len(data) == 1 or not is_close_code(code):
        return None
    return 14.0 if code < 3000 else 6.0


def _weigh_text(data: bytes, is_whole: bool) -> float | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if is_whole or error.reason != "unexpected end of data":
            return None
        text = data[: error.start].decode("utf-8")
    if _CONTROLS.search(text):
        return 0.0
    return (4.0 if is_whole else 1.0) + 1.3 * min(len(text), 24)
