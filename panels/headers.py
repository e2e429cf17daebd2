# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers of an opening handshake: which are required, whether they are right, and what each is for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.wire.handshake import Handshake
from app.wire.http1 import Headers

Mark = Literal["right", "wrong", "plain"]

MEANINGS = {
    "host": "The server's name and port: one address may serve many names.",
    "upgrade": "Asks to go on with another protocol on this connection: websocket.",
    "connection": "Says that Upgrade is meant for the next server on the way, not for a proxy to pass on.",
    "sec-websocket-key": "16 random bytes in base64; the answer must be made from them.",
    "sec-websocket-version": "The protocol's version; RFC 6455 is 13.",
    "sec-websocket-protocol": "What may be spoken inside the WebSocket; the server chooses one of those offered.",
    "sec-websocket-extensions": "What may change the frames, such as permessage-deflate; only what both name is used.",
    "sec-websocket-accept": "The proof that the server understood: made from the key, see below.",
    "origin": "The page whose script asks; a server may refuse strangers. A browser cannot be made to lie here.",
    "cookie": "Cookies travel with the handshake, so the server knows the session.",
    "user-agent": "The program that asks.",
    "date": "When the answer was made.",
    "server": "The program that answers.",
}


@dataclass(frozen=True)
class HeaderLine:
    """A header as it stands there (or should), with what is to be said of it."""

    name: str
    value: str
    mark: Mark
    meaning: str


Check = Callable[[str], bool]


def request_lines(handshake: Handshake) -> tuple[HeaderLine, ...]:
    """Return the request's headers in their order, required ones that are missing at the end."""
    if handshake.request is None:
        return ()
    return _lines(handshake.request.headers, _REQUIRED)


def response_lines(handshake: Handshake) -> tuple[HeaderLine, ...]:
    """Return the answer's headers in their order; an answer other than 101 needs none."""
    required: dict[str, tuple[str, Check]] = {}
    if handshake.status == 101:
        required = {name: _REQUIRED[name] for name in ("upgrade", "connection")}
        required["sec-websocket-accept"] = ("Sec-WebSocket-Accept", lambda value: handshake.accept_ok)
    return _lines(handshake.response.headers, required)


def _lines(headers: Headers, required: dict[str, tuple[str, Check]]) -> tuple[HeaderLine, ...]:
    lines = [_line(name, value, required.get(name.lower())) for name, value in headers]
    there = {name.lower() for name, _ in headers}
    for name, (spelt, _) in required.items():
        if name not in there:
            lines.append(HeaderLine(spelt, "is missing", "wrong", MEANINGS[name]))
    return tuple(lines)


def _line(name: str, value: str, rule: tuple[str, Check] | None) -> HeaderLine:
    mark: Mark = "plain" if rule is None else "right" if rule[1](value) else "wrong"
    return HeaderLine(name, value, mark, MEANINGS.get(name.lower(), ""))


def _is_key(value: str) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


# RFC 6455 §4.2.1: what a request must have.
_REQUIRED: dict[str, tuple[str, Check]] = {
    "host": ("Host", bool),
    "upgrade": ("Upgrade", lambda value: "websocket" in value.lower()),
    "connection": ("Connection", lambda value: "upgrade" in value.lower()),
    "sec-websocket-key": ("Sec-WebSocket-Key", _is_key),
    "sec-websocket-version": ("Sec-WebSocket-Version", lambda value: value == "13"),
}
