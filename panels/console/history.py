# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines typed before, also in earlier runs of the program."""

from __future__ import annotations

from PyQt5.QtCore import QSettings

MOST = 200
KEY = "console"


class History:
    """Lines, the newest last, and a place among them; the place after the last is the line being typed."""

    def __init__(self) -> None:
        self._settings: QSettings | None = None
        self._lines: list[str] = []
        self._at = 0
        self._draft = ""

    def use(self, settings: QSettings) -> None:
        """Take up what was typed in earlier runs, and keep what is typed from now on."""
        self._settings = settings
        kept = settings.value(KEY, [])
        self._lines = ([kept] if isinstance(kept, str) else kept or []) + self._lines  # Qt makes a string of one line
        self._at = len(self._lines)

    def add(self, line: str) -> None:
        """Put a line at the end; the same again is kept once."""
        if line not in self._lines[-1:]:
            self._lines = [*self._lines, line][-MOST:]
            if self._settings is not None:
                self._settings.setValue(KEY, self._lines)
        self._at, self._draft = len(self._lines), ""

    def step(self, by: int, line: str) -> str:
        """Return the line `by` steps on (-1: the one before) from `line`, which stands there now."""
        if self._at == len(self._lines):
            self._draft = line
        self._at = min(max(self._at + by, 0), len(self._lines))
        return self._lines[self._at] if self._at < len(self._lines) else self._draft
