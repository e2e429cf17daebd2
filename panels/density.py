# SPDX-License-Identifier: GPL-3.0-or-later
"""How many events happened when: a fixed number of bins that grow wider as the session grows longer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 256
NARROWEST = 0.125  # seconds


class Density:
    """Counts of events over time; when the last bin is passed, two neighbours become one and the width doubles."""

    def __init__(self) -> None:
        self.start = 0.0
        self.end = 0.0  # the latest event
        self.width = NARROWEST
        self.counts: NDArray[np.int64] = np.zeros(BINS, dtype=np.int64)

    @property
    def total(self) -> int:
        """All events counted."""
        return int(self.counts.sum())

    def add(self, times: Sequence[float]) -> None:
        """Count events; one that is older than the first counts as the first."""
        if not times:
            return
        values = np.asarray(times, dtype=np.float64)
        if not self.start:
            self.start = float(values.min())
        self.end = max(self.end, float(values.max()))
        while self.end - self.start >= BINS * self.width:
            self._double()
        places = np.clip((values - self.start) / self.width, 0, BINS - 1).astype(np.int64)
        self.counts += np.bincount(places, minlength=BINS)

    def _double(self) -> None:
        pairs = self.counts.reshape(-1, 2).sum(axis=1)
        self.counts = np.concatenate((pairs, np.zeros(BINS - len(pairs), dtype=np.int64)))
        self.width *= 2
