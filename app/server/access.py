# SPDX-License-Identifier: GPL-3.0-or-later
"""The access log: a line for each request and each step of a socket, like NCSA's (asgi1_checklist D-14)."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any, TextIO


class AccessLog:
    """Writes lines to a file, "-" for standard output; without one it does nothing."""

    def __init__(self, file: str = "") -> None:
        self._out: TextIO | None = None
        if file:
            self._out = sys.stdout if file == "-" else open(file, "a", buffering=1, encoding="utf-8")  # noqa: SIM115

    def write(self, request: dict[str, Any], action: str, status: int | str = "-", size: int | str = "-") -> None:
        """Write one line; `action` is a method, or what a socket did."""
        if self._out is None:
            return
        host = (request.get("client") or ["-"])[0]
        when = datetime.now().strftime("%d/%b/%Y:%H:%M:%S")
        path = "".join(letter if letter.isprintable() else "?" for letter in request["path"])  # one request, one line
        self._out.write(f'{host} - - [{when}] "{action} {path}" {status} {size}\n')

    def close(self) -> None:
        """Let go of the file."""
        if self._out is not None and self._out is not sys.stdout:
            self._out.close()
