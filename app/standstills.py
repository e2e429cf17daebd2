# SPDX-License-Identifier: GPL-3.0-or-later
"""When the live system stood still, and so how much of a span of time counts for what grows older in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Standstill:
    """From `start` to `end`; before it, `lost` seconds had not counted already."""

    start: float
    end: float
    lost: float


@dataclass(frozen=True)
class Standstills:
    """All of a run, the newest last; `since` is when the one began that has not ended, 0 when there is none.

    Times are seconds since the epoch.
    """

    past: tuple[Standstill, ...] = ()
    since: float = 0.0

    def frozen(self, t: float) -> Standstills:
        """Return what is known once it stands still."""
        return self if self.since else Standstills(self.past, t)

    def thawed(self, t: float) -> Standstills:
        """Return what is known once it goes on."""
        if not self.since:
            return self
        lost = self.past[-1].lost + self.past[-1].end - self.past[-1].start if self.past else 0.0
        return Standstills((*self.past, Standstill(self.since, t, lost)))

    def at(self, t: float) -> float:
        """Return a time on a clock that stood still too; it is good only to be compared with others."""
        if self.since:
            t = min(t, self.since)
        for one in reversed(self.past):
            if t >= one.start:
                return max(t - one.end, 0.0) + one.start - one.lost
        return t

    def between(self, start: float, end: float) -> float:
        """Return how many seconds of a span count."""
        return self.at(end) - self.at(start)
