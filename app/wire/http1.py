# SPDX-License-Identifier: GPL-3.0-or-later
"""As much HTTP/1.1 as it takes to find the opening handshake: heads are read, bodies are passed over (RFC 9112)."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD_LIMIT = 65536  # bytes of a head before we no longer believe that it is one

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) ([^ \r\n]{1,60000}) (HTTP/[0-9]\.[0-9])")
_STATUS_LINE = re.compile(rb"(HTTP/[0-9]\.[0-9]) ([0-9]{3})(?: ([^\r\n]*))?")
_FOLD = re.compile(rb"\r?\n[ \t]+")
# Where HTTP may start again after bytes that were lost.
STARTS = {
    "client": re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) [/h]"),
    "server": re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9]"),
}

Headers = tuple[tuple[str, str], ...]


def _lines(head: bytes) -> list[str]:
    # RFC 9112 §5.2: a line that begins with a space or tab goes on with the one before.
    return _FOLD.sub(b" ", head).decode("latin-1").split("\n")[1:]


def _values(head: bytes) -> dict[str, str]:
    """Return values by name in lower case, several of one name joined by commas."""
    values: dict[str, str] = {}
    for line in _lines(head):
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            values[key] = f"{values[key]}, {value.strip()}" if key in values else value.strip()
    return values


class _Head:
    head: bytes

    @property
    def headers(self) -> Headers:
        """All headers in their order."""
        pairs = [line.partition(":") for line in _lines(self.head) if ":" in line]
        return tuple([(name.strip(), value.strip()) for name, _, value in pairs])

    def header(self, name: str) -> str:
        """Return a header's value, several of one name joined by commas, "" when it is not there."""
        values: dict[str, str] | None = self.__dict__.get("_values")  # taken apart when first asked for
        if values is None:
            values = self.__dict__["_values"] = _values(self.head)
        return values.get(name.lower(), "")

    def tokens(self, name: str) -> tuple[str, ...]:
        """Return the members of a comma-separated header."""
        return tuple([token.strip() for token in self.header(name).split(",") if token.strip()])

    def has_token(self, name: str, token: str) -> bool:
        """Return whether a comma-separated header has a member, in whatever case."""
        return token in [member.lower() for member in self.tokens(name)]


@dataclass(frozen=True)
class Request(_Head):
    """The head of a request."""

    method: str
    target: str
    version: str
    head: bytes

    @property
    def is_upgrade(self) -> bool:
        """Whether it asks for a WebSocket, RFC 6455 §4.2.1."""
        return self.has_token("upgrade", "websocket")

    @property
    def is_attempt(self) -> bool:
        """Whether it is an opening handshake, perhaps one that forgot to ask: it has a key for a WebSocket."""
        return self.is_upgrade or bool(self.header("sec-websocket-key"))


@dataclass(frozen=True)
class Response(_Head):
    """The head of a response."""

    status: int
    reason: str
    head: bytes

    @property
    def is_interim(self) -> bool:
        """Whether another response to the same request follows."""
        return 100 <= self.status < 200 and self.status != 101


def may_be_head(data: bytes | bytearray, direction: str) -> bool:
    """Return whether the bytes so far may be the beginning of a head sent by `direction`."""
    line, end, _ = bytes(data[:HEAD_LIMIT]).partition(b"\n")
    if not end:
        prefix = b"HTTP/" if direction == "server" else line[:1]
        return len(data) < HEAD_LIMIT and prefix[: len(line)] == line[: len(prefix)] and line[:1].isalpha()
    pattern = _STATUS_LINE if direction == "server" else _REQUEST_LINE
    return pattern.fullmatch(line.rstrip(b"\r")) is not None


def parse_request(head: bytes) -> Request | None:
    """Return the request a head says, or None when it is none."""
    match = _REQUEST_LINE.fullmatch(_first_line(head))
    if match is None:
        return None
    method, target, version = (part.decode("latin-1") for part in match.groups())
    return Request(method, target, version, head)


def parse_response(head: bytes) -> Response | None:
    """Return the response a head says, or None when it is none."""
    match = _STATUS_LINE.fullmatch(_first_line(head))
    if match is None:
        return None
    return Response(int(match[2]), (match[3] or b"").decode("latin-1"), head)


def _first_line(head: bytes) -> bytes:
    return head.partition(b"\n")[0].rstrip(b"\r")


class Body:
    """What follows a head: counted bytes, chunks, or everything until the end of the stream. It is passed over."""

    def __init__(self, remaining: float = 0, is_chunked: bool = False) -> None:
        self._remaining = remaining  # bytes still to pass before the body, or this chunk, ends
        self._is_chunked = is_chunked

    @property
    def is_done(self) -> bool:
        """Whether the next byte belongs to another head."""
        return self._remaining <= 0 and not self._is_chunked

    def take(self, buffer: bytearray, position: int) -> int:
        """Pass over what is there; returns the new position."""
        while position < len(buffer):
            if self._remaining > 0:
                step = int(min(self._remaining, len(buffer) - position))
                position, self._remaining = position + step, self._remaining - step
            if self._remaining > 0 or not self._is_chunked:
                break
            end = buffer.find(b"\n", position)
            if end < 0:
                break
            self._next_chunk(bytes(buffer[position:end]))
            position = end + 1
        return position

    def skip(self, length: int) -> bool:
        """Bytes were not seen; returns whether they all belonged to this body."""
        if length > self._remaining:
            return False
        self._remaining -= length
        return True

    def _next_chunk(self, line: bytes) -> None:
        text = line.partition(b";")[0].strip()
        if self._remaining == 0:  # the size of a chunk
            size = int(text, 16) if re.fullmatch(rb"[0-9A-Fa-f]{1,15}", text) else 0
            self._remaining = size + 2 if size else -1  # its line end included; -1: the trailers
        elif not text:
            self._remaining, self._is_chunked = 0, False


def body_of(head: Request | Response, method: str = "") -> Body:
    """Return the body that follows a head; `method` is that of the request a response answers (RFC 9112 §6.3)."""
    is_response = isinstance(head, Response)
    if isinstance(head, Response) and (head.status < 200 or head.status in (204, 304) or method == "HEAD"):
        return Body()
    if isinstance(head, Response) and method == "CONNECT" and head.status < 300:
        return Body()  # RFC 9110 §9.3.6: the tunnel is open; what comes next is not of the proxy
    if isinstance(head, Request) and head.method == "CONNECT":
        return Body()  # what follows is for the other end of the tunnel
    if "chunked" in head.header("transfer-encoding").lower():
        return Body(0, is_chunked=True)
    length = head.header("content-length").partition(",")[0]
    if length.isascii() and length.isdigit():
        return Body(int(length))
    return Body(float("inf") if is_response else 0)
