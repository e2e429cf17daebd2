# SPDX-License-Identifier: GPL-3.0-or-later
"""Which place on the Stage an arrow key leads to."""

from __future__ import annotations

from panels.stage.layout import Spot


def nearest(spots: list[Spot], here: Spot, dx: int, dy: int) -> Spot | None:
    """Return the nearest spot in a direction; what lies aside counts three times."""

    def distance(spot: Spot) -> float:
        step = spot.rect.center() - here.rect.center()
        along, aside = step.x() * dx + step.y() * dy, abs(step.x() * dy) + abs(step.y() * dx)
        return along + 3 * aside if along > 1 else float("inf")

    best = min((spot for spot in spots if spot.id != here.id), key=distance, default=None)
    return best if best and distance(best) < float("inf") else None
