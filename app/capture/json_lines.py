# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a capture as JSON lines, with the hashes of what they carry; the fields are those of docs/captures.md.

Made straight from the columns of the index: a frame is not made into objects first, as a capture has many of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from json import dumps

from app.frame_index import HEADER_SIZES, FrameIndex
from app.wire.deflate import LIMIT, Deflate, Inflater
from app.wire.frames import BINARY, CLOSE, mask
from app.wire.messages import Assembler

_BINARY = 0x82
_WHOLE = (0x81, _BINARY)  # first bytes of a message in one frame that is not compressed
_LONG = ',"violations":[]}'  # a message longer than we are ready to put together has no hash
Ends = tuple[int, str, str]  # the number of the stream, the client's address, the server's


class _Side:
    """One direction of a connection: what is the same in all its lines, and the message that is being put together."""

    __slots__ = ("assembler", "end", "ends", "key", "runs", "start")

    def __init__(self, index: FrameIndex, key: tuple[str, str], ends: Ends, deflate: Deflate | None) -> None:
        stream, client, server = ends
        source, target = (client, server) if key[1] == "client" else (server, client)
        self.key = key
        self.start = f'{{"stream":{stream},"time":'
        self.ends = f',"src":"{source}","dst":"{target}"'
        self.runs = index.spool.runs(*key)
        self.assembler = Assembler(key[1], deflate.inflater(key[1]) if deflate else Inflater())
        self.end = -1  # where the next frame begins, if none is missed


class JsonLines:
    """Makes the lines.

    Args:
        index: has the rows, and in its spool the bytes.
        agreed: by connection, what its handshake settled on permessage-deflate.
        ends: by connection, the number of its stream and its ends.
    """

    def __init__(self, index: FrameIndex, agreed: Mapping[str, Deflate | None], ends: Mapping[str, Ends]) -> None:
        self._index = index
        self._agreed = agreed
        self._ends = ends
        self._sides: dict[int, _Side] = {}
        self._bits: dict[int, str] = {}

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Yield the lines of the rows from `start` up to `end`; all rows before them must have been asked for."""
        piece, sides = self._index.spool.piece, self._sides
        plain = self._index.is_plain
        for row, (time, number, first, second, length, offset) in enumerate(self._index.columns(start, end), start):
            side = sides.get(number) or self._side(number)
            header = HEADER_SIZES[second]
            data = piece(side.runs, offset, header + length)
            if data is None:
                data = self._index.spool.read(*side.key, offset, header + length)
            payload = data[header:]
            if second > 0x7F:
                payload = mask(payload, data[header - 4 : header])
            if offset != side.end and side.end >= 0:
                side.assembler.lose_track()
            side.end = offset + header + length
            digest = sha256(payload).hexdigest()
            if first in _WHOLE and side.assembler.is_idle and plain(row) and (first == _BINARY or payload.isascii()):
                rest = f',"message_sha256":"{digest}","violations":[]}}' if length <= LIMIT else _LONG
            else:
                rest = self._rest(side, row, first, length, payload, digest)
            bits = self._bits.get(first << 8 | second & 0x80) or self._make_bits(first, second)
            yield f'{side.start}{time!r}{side.ends}{bits}{length},"payload_sha256":"{digest}"{rest}'

    def _rest(self, side: _Side, row: int, first: int, length: int, payload: bytes, digest: str) -> str:
        """Return the end of the line: what depends on the frames before, and on what the payload says."""
        opcode, rules = first & 0x0F, self._index.violations(row)
        is_complete = self._index.is_complete(row)
        text = ""
        if opcode <= BINARY:
            if is_complete or len(payload) < length:
                whole = payload if is_complete else None
                message = side.assembler.take(opcode, first > 0x7F, first & 0x40 > 0, length, whole)
                if message is not None and not message.problem:
                    is_same = message.frames == 1 and not message.compressed
                    text = f',"message_sha256":"{digest if is_same else sha256(message.data).hexdigest()}"'
                if message is not None and message.violations and "WS-10" not in rules:
                    rules += ("WS-10",)
        elif opcode == CLOSE and len(payload) > 1:
            text = f',"close_code":{int.from_bytes(payload[:2], "big")}'
        end = "}" if is_complete else ',"complete":false}'
        return f'{text},"violations":{dumps(rules) if rules else "[]"}{end}'

    def _side(self, number: int) -> _Side:
        key = self._index.side_name(number)
        side = self._sides[number] = _Side(self._index, key, self._ends[key[0]], self._agreed.get(key[0]))
        return side

    def _make_bits(self, first: int, second: int) -> str:
        names = ("fin", 0x80), ("rsv1", 0x40), ("rsv2", 0x20), ("rsv3", 0x10)
        bits = "".join(f',"{name}":{dumps(first & bit > 0)}' for name, bit in names)
        text = f'{bits},"masked":{dumps(second > 0x7F)},"opcode":{first & 0x0F},"length":'
        self._bits[first << 8 | second & 0x80] = text
        return text
