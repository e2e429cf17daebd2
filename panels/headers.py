# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers of an opening handshake: which are required, whether they are right, and what each is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.wire.handshake import Handshake, key_length, unasked
from app.wire.http1 import Headers
from panels.header_meanings import meaning_of

Mark = Literal["right", "wrong", "plain"]


@dataclass(frozen=True)
class HeaderLine:
    """A header as it stands there (or should), with what is to be said of it and where that is written."""

    name: str
    value: str
    mark: Mark
    meaning: str
    sections: str
    is_required: bool = False


Check = Callable[[str], bool]


def request_lines(handshake: Handshake) -> tuple[HeaderLine, ...]:
    """Return the request's headers in their order, required ones that are missing at the end."""
    if handshake.request is None:
        return ()
    return _lines(handshake.request.headers, _REQUIRED)


def response_lines(handshake: Handshake) -> tuple[HeaderLine, ...]:
    """Return the answer's headers in their order; an answer other than 101 needs none.

    What the server chose is right only if it was offered; a choice is not required.
    """
    if handshake.status != 101:
        return _lines(handshake.response.headers, {})
    required = {name: _REQUIRED[name] for name in ("upgrade", "connection")}
    required["sec-websocket-accept"] = ("Sec-WebSocket-Accept", lambda value: handshake.accept_ok)
    wrong = unasked(handshake)
    choices: dict[str, Check] = {
        "sec-websocket-protocol": lambda value: handshake.subprotocol not in wrong,
        "sec-websocket-extensions": lambda value: not set(handshake.extensions) & set(wrong),
    }
    return _lines(handshake.response.headers, required, choices)


def _lines(
    headers: Headers, required: dict[str, tuple[str, Check]], choices: dict[str, Check] | None = None
) -> tuple[HeaderLine, ...]:
    checks = {name: check for name, (_, check) in required.items()} | (choices or {})
    lines = [_line(name, value, checks.get(name.lower()), name.lower() in required) for name, value in headers]
    there = {name.lower() for name, _ in headers}
    for name, (spelt, _) in required.items():
        if name not in there:
            lines.append(HeaderLine(spelt, "is missing", "wrong", *meaning_of(name), is_required=True))
    return tuple(lines)


def _line(name: str, value: str, check: Check | None, is_required: bool) -> HeaderLine:
    mark: Mark = "plain" if check is None else "right" if check(value) else "wrong"
    return HeaderLine(name, value, mark, *meaning_of(name), is_required)


# RFC 6455 §4.2.1: what a request must have.
_REQUIRED: dict[str, tuple[str, Check]] = {
    "host": ("Host", bool),
    "upgrade": ("Upgrade", lambda value: "websocket" in value.lower()),
    "connection": ("Connection", lambda value: "upgrade" in value.lower()),
    "sec-websocket-key": ("Sec-WebSocket-Key", lambda value: key_length(value) == 16),
    "sec-websocket-version": ("Sec-WebSocket-Version", lambda value: value == "13"),
}
