# SPDX-License-Identifier: GPL-3.0-or-later
"""How many events happened when: a fixed number of bins that grow wider as the session grows longer."""

from __future__ import annotations

from collections.abc import Sequence

BINS = 256
NARROWEST = 0.125  # seconds


class Density:
    """Counts of events over time; when the last bin is passed, two neighbours become one and the width doubles."""

    def __init__(self) -> None:
        self.start = 0.0
        self.end = 0.0  # the latest event
        self.width = NARROWEST
        self.counts = [0] * BINS
        self.total = 0  # all events counted

    def add(self, times: Sequence[float]) -> None:
        """Count events; one that is older than the first counts as the first."""
        if not times:
            return
        self.start = self.start or times[0]
        self.end = max(self.end, max(times))
        while self.end - self.start >= BINS * self.width:
            self._double()
        counts, start, width = self.counts, self.start, self.width
        for t in times:  # hundreds in a tick
            counts[int((t - start) / width) if t > start else 0] += 1
        self.total += len(times)

    def _double(self) -> None:
        pairs = [a + b for a, b in zip(self.counts[::2], self.counts[1::2], strict=True)]
        self.counts = pairs + [0] * (BINS - len(pairs))
        self.width *= 2
