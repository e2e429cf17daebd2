# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plot is given to draw."""

from __future__ import annotations

from dataclasses import dataclass

from app.metrics import Series


@dataclass(frozen=True)
class Line:
    """One line of a plot; `now` is what its newest value is, in words."""

    name: str
    now: str
    series: Series
