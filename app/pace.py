# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the time of the live system went: not at all while it stood still, slower in slow motion.

So it says how much of a span of time counts for what grows older in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Turn:
    """From `t` on the system's clock, which showed `then`, goes at `speed`."""

    t: float
    then: float
    speed: float


@dataclass(frozen=True)
class Pace:
    """All turns of a run, the newest last; `since` is when a standstill began that has not ended, 0 when there is none.

    Times are seconds since the epoch; `speed` is that between standstills.
    """

    turns: tuple[Turn, ...] = ()
    since: float = 0.0
    speed: float = 1.0

    def frozen(self, t: float) -> Pace:
        """Return what is known once it stands still."""
        return self if self.since else replace(self._turned(t, 0.0), since=t)

    def thawed(self, t: float) -> Pace:
        """Return what is known once it goes on."""
        return replace(self._turned(t, self.speed), since=0.0) if self.since else self

    def slowed(self, t: float, speed: float) -> Pace:
        """Return what is known once it goes at another speed, or is to when it stands still no longer."""
        if speed == self.speed:
            return self
        return replace(self if self.since else self._turned(t, speed), speed=speed)

    def at(self, t: float) -> float:
        """Return a time on the system's clock; it is good only to be compared with others."""
        for turn in reversed(self.turns):
            if t >= turn.t:
                return turn.then + (t - turn.t) * turn.speed
        return t

    def between(self, start: float, end: float) -> float:
        """Return how many seconds of a span count."""
        return self.at(end) - self.at(start) if self.turns else end - start

    def _turned(self, t: float, speed: float) -> Pace:
        return replace(self, turns=(*self.turns, Turn(t, self.at(t), speed)))
