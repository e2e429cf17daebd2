# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is the client of a connection whose beginning was not seen: the one who asks by HTTP, or the one who masks."""

from __future__ import annotations

from app.wire import sync
from app.wire.http1 import STARTS

_UPGRADED = b"HTTP/1.1 101 "


class Probe:
    """Looks at the bytes of one end until they tell its role: "client", "server", or "" while they do not."""

    def __init__(self) -> None:
        self.role = ""
        self._data = bytearray()
        self._cursor = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether all places were tried and nothing was found."""
        return not self.role and self._cursor >= sync.REACH

    def receive(self, data: bytes) -> None:
        """Take the next bytes."""
        if not self.role and not self.is_hopeless:
            self._data += data
            self._look(is_end=False)

    def skip(self) -> None:
        """Bytes were not seen: start anew after them."""
        self._data.clear()
        self._cursor = 0

    def eof(self) -> None:
        """No more bytes will come."""
        if not self.role and not self.is_hopeless:
            self._look(is_end=True)

    def _look(self, is_end: bool) -> None:
        if STARTS["client"].match(self._data):
            self.role = "client"
        elif STARTS["server"].match(self._data) or _UPGRADED in self._data:
            self.role = "server"
        else:
            found = sync.find(self._data, self._cursor, is_end=is_end)
            if isinstance(found, sync.Sync):
                self.role = "client" if found.is_masked else "server"
            else:
                self._cursor = found
