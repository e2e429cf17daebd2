# SPDX-License-Identifier: GPL-3.0-or-later
"""The opening handshake: the accept value in its three steps, and the rules for request and answer (RFC 6455 §4)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from app.wire.deflate import Deflate, parse_deflate
from app.wire.http1 import Request, Response
from app.wire.rules import Violation, broken

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3


def accept_steps(key: str) -> tuple[str, str, str]:
    """Return the three steps to the accept value: key + GUID, its SHA-1 in hex, that in base64."""
    concatenated = key.strip() + GUID
    digest = hashlib.sha1(concatenated.encode("latin-1", "replace"), usedforsecurity=False).digest()
    return concatenated, digest.hex(), base64.b64encode(digest).decode("ascii")


def accept_value(key: str) -> str:
    """Return the Sec-WebSocket-Accept value that belongs to a key."""
    return accept_steps(key)[2]


@dataclass(frozen=True, slots=True)
class Handshake:
    """A request for a WebSocket and its answer; `request` is None when only the answer was seen."""

    request: Request | None
    response: Response
    violations: tuple[Violation, ...] = ()

    @property
    def target(self) -> str:
        """The path asked for."""
        return self.request.target if self.request else ""

    @property
    def method(self) -> str:
        """The method of the request; only GET opens a WebSocket."""
        return self.request.method if self.request else "GET"

    @property
    def status(self) -> int:
        """The status of the answer: 101 when the WebSocket is open."""
        return self.response.status

    @property
    def key(self) -> str:
        """Sec-WebSocket-Key."""
        return self.request.header("sec-websocket-key") if self.request else ""

    @property
    def accept(self) -> str:
        """Sec-WebSocket-Accept."""
        return self.response.header("sec-websocket-accept")

    @property
    def accept_ok(self) -> bool:
        """Whether the accept value belongs to the key."""
        return self.request is not None and self.accept == accept_value(self.key)

    @property
    def origin(self) -> str:
        """The origin of the page that asked (RFC 6455 §4.1); "" where no browser did."""
        return self.request.header("origin") if self.request else ""

    @property
    def is_cross_origin(self) -> bool:
        """Whether the page came from another host or port than the one it asked."""
        host = self.request.header("host") if self.request else ""
        return bool(self.origin) and self.origin.partition("://")[2].lower() != host.lower()

    @property
    def has_cookie(self) -> bool:
        """Whether cookies were sent along."""
        return bool(self.request and self.request.header("cookie"))

    @property
    def subprotocol(self) -> str:
        """The subprotocol the server chose."""
        return self.response.header("sec-websocket-protocol")

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions the server chose, with their parameters."""
        return self.response.tokens("sec-websocket-extensions")

    @property
    def deflate(self) -> Deflate | None:
        """What was agreed on for permessage-deflate, None without it."""
        for extension in self.extensions:
            if agreed := parse_deflate(extension):
                return agreed
        return None


def handshake_of(request: Request | None, response: Response) -> Handshake:
    """Return the handshake with the rules it breaks."""
    found: list[Violation] = []
    if request is not None:
        found += _request_violations(request)
        if response.status == 101:
            found += _response_violations(request, response)
    return Handshake(request, response, tuple(found))


def _request_violations(request: Request) -> list[Violation]:
    found = []
    version = request.header("sec-websocket-version")
    if version != "13":
        found.append(broken("WS-14", f"Sec-WebSocket-Version is {version!r}; RFC 6455 knows only 13."))
    key = request.header("sec-websocket-key")
    if key_length(key) != 16:
        found.append(broken("WS-14", f"Sec-WebSocket-Key {key!r} is not the base64 form of 16 bytes."))
    if not request.is_upgrade:
        found.append(broken("WS-14", "The Upgrade header does not have the token websocket."))
    if not request.has_token("connection", "upgrade"):
        found.append(broken("WS-14", "The Connection header does not have the token Upgrade."))
    if request.method != "GET":
        found.append(broken("WS-14", f"The method is {request.method}; only GET opens a WebSocket."))
    if request.version < "HTTP/1.1":  # RFC 6455 §4.1: at least 1.1; http1 lets one digit before and after the point
        found.append(broken("WS-14", f"The version is {request.version}; a WebSocket needs HTTP/1.1 at least."))
    if not request.header("host"):
        found.append(broken("WS-14", "There is no Host header."))
    return found


def key_length(key: str) -> int:
    """Return how many bytes a Sec-WebSocket-Key is the base64 form of, -1 when it is none."""
    try:
        return len(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        return -1


def _response_violations(request: Request, response: Response) -> list[Violation]:
    found = []
    handshake = Handshake(request, response)
    if not handshake.accept_ok:
        expected = accept_value(handshake.key)
        found.append(broken("WS-01", f"Sec-WebSocket-Accept is {handshake.accept!r}; the key asks for {expected!r}."))
    wrong = unasked(handshake)
    if handshake.subprotocol in wrong:
        found.append(broken("WS-14", f"The subprotocol {handshake.subprotocol!r} was not offered."))
    for extension in handshake.extensions:
        if extension in wrong:
            found.append(broken("WS-14", f"The extension {_name(extension)!r} was not offered."))
        elif _name(extension) == "permessage-deflate" and parse_deflate(extension) is None:
            found.append(broken("WS-14", f"The parameters of {extension!r} are not those of RFC 7692 §7.1."))
    return found


def unasked(handshake: Handshake) -> tuple[str, ...]:
    """Return the subprotocol and the extensions that were chosen although nobody had offered them."""
    request, chosen = handshake.request, handshake.subprotocol
    if request is None:
        return ()
    offered = {_name(extension) for extension in request.tokens("sec-websocket-extensions")}
    is_asked = not chosen or chosen in request.tokens("sec-websocket-protocol")
    extensions = (extension for extension in handshake.extensions if _name(extension) not in offered)
    return (*(() if is_asked else (chosen,)), *extensions)


def _name(extension: str) -> str:
    return extension.partition(";")[0].strip().lower()
