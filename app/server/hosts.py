# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the server answers: requests that call it by one of its names, and sockets opened by pages that it served.

Without this a page of somebody else's, in the browser of this machine's user, could open a socket to us (RFC 6455
§10.2), or reach us under a name of its own (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from app.settings import OriginCheck

Headers = Iterable[tuple[bytes, bytes]]


class Hosts:
    """The names and addresses that the server goes by; with none it answers everybody (as daphne does, D-13)."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = {name.lower() for name in names}
        self._guests: set[str] = set()
        self.check: OriginCheck = "origin"

    def add(self, name: str) -> None:
        """Answer to this one too, until `discard`."""
        self._guests.add(name.lower())

    def discard(self, name: str) -> None:
        """Answer to it no more."""
        self._guests.discard(name.lower())

    def refusal(self, headers: Headers) -> tuple[int, str] | None:
        """Return status and reason when a request with these headers (names in small letters) is to be turned away."""
        if not self._names:
            return None
        said = dict(headers)
        if b"host" in said and not self._is_ours(host_of(f"//{said[b'host'].decode('latin-1')}")):
            return 400, f"Wrong Host: this server answers only to {self._all}, so ask for it by one of these."
        is_socket = said.get(b"upgrade", b"").lower() == b"websocket"
        if is_socket and b"origin" in said:
            origin, host = said[b"origin"].decode("latin-1"), said.get(b"host", b"").decode("latin-1")
            if reason := self._why_foreign(origin, host):
                return 403, f"Wrong Origin: {reason} may open a WebSocket here (RFC 6455 §10.2)."
        return None

    def _why_foreign(self, origin: str, host: str) -> str:
        """Return which pages may open a socket where one of this origin may not, "" where it may."""
        if self.check == "none":
            return ""
        if not self._is_ours(host_of(origin)):
            return f"only pages of {self._all}"
        if self.check == "origin" and origin.partition("://")[2].lower() != host.lower():  # its port is another
            return f"this page is of {origin}, and only pages of {host} itself"
        return ""

    @property
    def _all(self) -> str:
        return ", ".join(sorted(self._names | self._guests))

    def _is_ours(self, name: str) -> bool:
        return name in self._names or name in self._guests


def host_of(url: str) -> str:
    """Return the host in a URL in small letters, without brackets; "" where there is none, as in "null"."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "").rstrip(".") if parts.port is None or parts.port else ""
    except ValueError:
        return ""
