# SPDX-License-Identifier: GPL-3.0-or-later
"""How numbers are written."""

from __future__ import annotations


def thousands(number: int) -> str:
    """Return a number with a gap between thousands."""
    return f"{number:,}".replace(",", " ")
