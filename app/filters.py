# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter language: text to a predicate over frames.

    websocket.opcode == 9 and not client == "bob"
    opcode == TEXT && (payload contains "hello" || length > 125)
    tcp.stream == 3 and violations contains "WS-02"

Names are Wireshark's, or shorter ones of our own; a name alone asks whether its value is not zero or empty.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.frame_index import FrameRow
from app.wire.frames import OPCODES


@dataclass(frozen=True)
class FrameContext:
    """A frame and what is known around it; `payload` gives the unmasked payload when it is asked for."""

    row: FrameRow
    stream: int
    client: str
    payload: Callable[[], bytes]


class FilterError(Exception):
    """A filter that cannot be understood: where its wrong word begins, and what was expected there."""

    def __init__(self, position: int, expected: str) -> None:
        super().__init__(f"at character {position + 1}: expected {expected}")
        self.position = position
        self.expected = expected


Value = int | str | bytes
Predicate = Callable[[FrameContext], bool]
Getter = Callable[[FrameContext], Value]

_GETTERS: dict[str, Getter] = {
    "opcode": lambda frame: frame.row.opcode,
    "fin": lambda frame: frame.row.fin,
    "rsv": lambda frame: frame.row.rsv,
    "mask": lambda frame: frame.row.masked,
    "length": lambda frame: frame.row.length,
    "payload": lambda frame: frame.payload(),
    "stream": lambda frame: frame.stream,
    "client": lambda frame: frame.client,
    "direction": lambda frame: frame.row.direction,
    "connection": lambda frame: frame.row.connection,
    "violations": lambda frame: " ".join(frame.row.violations),
    "time": lambda frame: int(frame.row.time),
    "row": lambda frame: frame.row.row,
    "complete": lambda frame: frame.row.is_complete,
}
_WIRESHARK = {
    "websocket.opcode": "opcode",
    "websocket.fin": "fin",
    "websocket.rsv": "rsv",
    "websocket.mask": "mask",
    "websocket.payload_length": "length",
    "websocket.payload": "payload",
    "websocket.payload.text": "payload",
    "tcp.stream": "stream",
}
_NUMBERS = {name: number for number, name in OPCODES.items()} | {"TRUE": 1, "FALSE": 0}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_SAME = {"&&": "and", "||": "or", "!": "not", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OPERATORS = (*_COMPARE, "contains", "matches")
_WORD = re.compile(r"""\s*(?:("(?:[^"\\]|\\.)*"|'[^']*')|(&&|\|\||[=!<>]=|[<>!()])|([\w.:-]+)|(\S))""")


class _Word(NamedTuple):
    text: str
    position: int
    is_string: bool


def compile_filter(text: str) -> Predicate:
    """Return the predicate that a filter says; an empty one lets every frame pass.

    Raises:
        FilterError: it cannot be understood.
    """
    return _Parser(text).parse()


def completions(prefix: str) -> list[str]:
    """Return the words that may go on where the text ends in `prefix`."""
    last = re.search(r"[\w.]*$", prefix)
    begun = last.group() if last else ""
    words = [*_GETTERS, *_WIRESHARK, *OPCODES.values(), "and", "or", "not", "contains", "matches"]
    return sorted(word for word in words if word.startswith(begun) and word != begun)


class _Parser:
    """Recursive descent: or, and, not, comparison."""

    def __init__(self, text: str) -> None:
        self._end = len(text.rstrip())
        self._words = [
            _Word(match.group().strip(), match.start(match.lastindex or 0), match.lastindex == 1)
            for match in _WORD.finditer(text)
        ]
        self._next = 0

    def parse(self) -> Predicate:
        if not self._words:
            return lambda frame: True
        predicate = self._any()
        if self._next < len(self._words):
            raise FilterError(self._position, 'the end, "and" or "or"')
        return predicate

    @property
    def _position(self) -> int:
        return self._words[self._next].position if self._next < len(self._words) else self._end

    def _peek(self) -> str:
        if self._next == len(self._words) or self._words[self._next].is_string:
            return ""
        text = self._words[self._next].text
        return _SAME.get(text.lower(), text)

    def _accept(self, *texts: str) -> bool:
        is_there = self._peek().lower() in texts
        self._next += is_there
        return is_there

    def _any(self) -> Predicate:
        parts = [self._all()]
        while self._accept("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda frame: any(part(frame) for part in parts)

    def _all(self) -> Predicate:
        parts = [self._not()]
        while self._accept("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda frame: all(part(frame) for part in parts)

    def _not(self) -> Predicate:
        if self._accept("not"):
            inner = self._not()
            return lambda frame: not inner(frame)
        if self._accept("("):
            inner = self._any()
            if not self._accept(")"):
                raise FilterError(self._position, '")"')
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        name = self._peek().lower()
        if name == "websocket":  # Wireshark's name for "is a frame"
            self._next += 1
            return lambda frame: True
        getter = _GETTERS.get(_WIRESHARK.get(name, name))
        if getter is None:
            raise FilterError(self._position, "the name of a field, such as opcode or tcp.stream")
        self._next += 1
        sign = self._peek()
        if sign.lower() not in _OPERATORS:
            return lambda frame: bool(getter(frame))
        self._next += 1
        return _comparison(_WIRESHARK.get(name, name), getter, sign.lower(), self._value())

    def _value(self) -> _Word:
        if self._next == len(self._words) or self._peek() in ("(", ")", '"', "'", *_COMPARE):
            raise FilterError(self._position, "a number, a name or a text in quotes")
        word = self._words[self._next]
        self._next += 1
        return word


def _comparison(name: str, getter: Getter, sign: str, word: _Word) -> Predicate:
    text = re.sub(r"\\(.)", r"\1", word.text[1:-1]) if word.is_string and sign != "matches" else word.text.strip("\"'")
    if sign == "matches":
        try:
            search = re.compile(text.encode(), re.IGNORECASE).search
        except re.error as error:
            raise FilterError(word.position, f"a regular expression ({error})") from None
        return lambda frame: search(_bytes(getter(frame))) is not None
    if sign == "contains":
        wanted = text.encode()
        return lambda frame: wanted in _bytes(getter(frame))
    compare = _COMPARE[sign]
    if name == "payload":
        return lambda frame: compare(getter(frame), text.encode())
    if name in ("client", "direction", "connection", "violations"):
        return lambda frame: compare(getter(frame), text)
    number = _number(word, text)
    return lambda frame: compare(getter(frame), number)


def _number(word: _Word, text: str) -> int:
    if text.upper() in _NUMBERS:
        return _NUMBERS[text.upper()]
    try:
        return int(text, 0)
    except ValueError:
        raise FilterError(word.position, "a number, or an opcode such as TEXT") from None


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
