# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a capture file."""

from __future__ import annotations


class CaptureError(Exception):
    """A capture cannot be read: which file, where in it, and what was expected there."""

    def __init__(self, file: str, place: str, expected: str) -> None:
        super().__init__(f"{file}: {place}: {expected}" if place else f"{file}: {expected}")
        self.file = file
        self.place = place
        self.expected = expected
