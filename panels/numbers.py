# SPDX-License-Identifier: GPL-3.0-or-later
"""How numbers are written."""

from __future__ import annotations

import re

UNITS = "µs|ms|s|min|m|h|bits?|bytes?|B|[KkMG]i?B|px|%"
SPLIT = re.compile(rf"(?<=\d) (?=(?:{UNITS})\b|\d{{3}}\b)|(?<=\d [mh]) (?=\d\d [ms]\b)")


def thousands(number: int) -> str:
    """Return a number with a gap between thousands."""
    return f"{number:,}".replace(",", " ")


def tied(text: str) -> str:
    """Return a text whose numbers are never parted from their units, nor thousands from each other, by a line's end."""
    return SPLIT.sub("\N{NO-BREAK SPACE}", text)
