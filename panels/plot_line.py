# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plot is given to draw."""

from __future__ import annotations

from dataclasses import dataclass

from app.metrics import Series


@dataclass(frozen=True)
class Line:
    """One line of a plot; `now` is what its newest value is, in words.

    `thin` goes with it in the same colour; `look` is the number of its colour and style, -1: that of its place.
    """

    name: str
    now: str
    series: Series
    thin: Series | None = None
    look: int = -1
