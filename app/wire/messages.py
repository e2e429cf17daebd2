# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSocket messages: fragments put together, unmasked and inflated."""

from __future__ import annotations

from dataclasses import dataclass

from app.wire.checks import is_utf8
from app.wire.deflate import LIMIT, InflateError, Inflater
from app.wire.frames import CONT, TEXT, Frame
from app.wire.rules import RULES, Violation


@dataclass(frozen=True, slots=True)
class WebSocketMessage:
    """The n-th data message of its direction, counted from 1; `data` is what the application gets.

    `frames` is the number of its frames. Where `problem` is not empty, it says why `data` is not all of it.
    """

    direction: str
    n: int
    opcode: int
    data: bytes
    compressed: bool
    frames: int
    violations: tuple[Violation, ...] = ()
    problem: str = ""


class Assembler:
    """Puts the data frames of one direction together."""

    def __init__(self, direction: str, inflater: Inflater, limit: int = LIMIT) -> None:
        self._direction = direction
        self._inflater = inflater
        self._limit = limit
        self._count = 0
        self._opcode: int | None = None  # of the message that was begun
        self._is_compressed = False
        self._pieces: list[bytes] = []
        self._frames = self._size = 0
        self._problem = ""

    def lose_track(self) -> None:
        """Frames may have passed unseen: what was begun is not finished, and the window of deflate is gone."""
        self._begin(None, False)
        self._inflater.reset()

    @property
    def is_idle(self) -> bool:
        """Whether no message was begun."""
        return self._opcode is None

    def push(self, frame: Frame) -> WebSocketMessage | None:
        """Take the next data frame; returns the message it ends."""
        payload = frame.payload_data if frame.is_complete else None
        return self.take(frame.opcode, frame.fin, frame.rsv1, frame.payload_length, payload)

    def take(self, opcode: int, fin: bool, rsv1: bool, length: int, payload: bytes | None) -> WebSocketMessage | None:
        """Take the next data frame by its fields; `payload` is unmasked, None when not all of it was seen."""
        if opcode != CONT:
            self._begin(opcode, rsv1)
        if self._opcode is None:
            return None  # a continuation of what we have not seen
        self._frames += 1
        self._size += length
        if payload is None:
            self._problem = "bytes of it were not seen"
        elif self._size > self._limit:
            self._problem, self._pieces = f"it has more than {self._limit} bytes", []
        else:
            self._pieces.append(payload)
        if not fin:
            return None
        message = self._message(self._opcode)
        self._begin(None, False)
        return message

    def _begin(self, opcode: int | None, is_compressed: bool) -> None:
        self._opcode = opcode
        self._is_compressed = is_compressed
        self._pieces = []
        self._frames = self._size = 0
        self._problem = ""

    def _message(self, opcode: int) -> WebSocketMessage:
        self._count += 1
        data = b"".join(self._pieces)
        if self._is_compressed:
            data = self._inflated(data)
        violations: tuple[Violation, ...] = ()
        if opcode == TEXT and not self._problem and not is_utf8(data):
            violations = (RULES["WS-10"],)
        return WebSocketMessage(
            self._direction, self._count, opcode, data, self._is_compressed, self._frames, violations, self._problem
        )

    def _inflated(self, data: bytes) -> bytes:
        if self._problem:
            self._inflater.reset()
            return b""
        try:
            return self._inflater.inflate(data)
        except InflateError as error:
            self._problem = str(error)
            return b""
