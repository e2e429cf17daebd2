# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of one kind in one second: however many there are, so few are kept that their quantiles are still right."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

KEPT = 64  # of a second; where there are more, every second one is left out, then every second one of those


class Samples:
    """Each value kept stands for `every` that there were; they are taken in turn, not by chance."""

    __slots__ = ("count", "every", "values")

    def __init__(self) -> None:
        self.values = array("d")
        self.every = 1
        self.count = 0

    def add(self, value: float) -> None:
        """Take a value."""
        if self.count % self.every == 0:
            self.values.append(value)
            if len(self.values) > KEPT:
                del self.values[1::2]
                self.every *= 2
        self.count += 1

    def copy(self) -> Samples:
        """Return one that may be added to on its own."""
        other = Samples()
        other.values, other.every, other.count = self.values[:], self.every, self.count
        return other


def quantile(parts: Iterable[Samples], share: float) -> float:
    """Return a quantile (`share` 0.5: the median) of all of them by the nearest rank, -1.0 of nothing."""
    weighed = sorted((value, samples.every) for samples in parts for value in samples.values)
    rank = int(share * sum(weight for _, weight in weighed))
    for value, weight in weighed:
        rank -= weight
        if rank < 0:
            return value
    return weighed[-1][0] if weighed else -1.0
