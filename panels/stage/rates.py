# SPDX-License-Identifier: GPL-3.0-or-later
"""How often something happens, measured over the last seconds."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from app.events import Event, FrameSeen

BUCKET = 0.25  # seconds
WINDOW = 2.0  # seconds


class Rate:
    """Counts in short buckets; old ones fall off."""

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, int]] = deque(maxlen=int(WINDOW / BUCKET) + 1)

    def add(self, t: float, count: int = 1) -> None:
        """Count something that happened at `t` (seconds)."""
        number = int(t / BUCKET)
        if self._buckets and self._buckets[-1][0] == number:
            count += self._buckets.pop()[1]
        self._buckets.append((number, count))

    def per_second(self, now: float) -> float:
        """Return how often it happened, per second, up to `now`."""
        first = int((now - WINDOW) / BUCKET)
        return sum(count for number, count in self._buckets if number > first) / WINDOW


class Rates:
    """A rate for each name."""

    def __init__(self) -> None:
        self._rates: dict[str, Rate] = {}

    def add(self, name: str, t: float, count: int = 1) -> None:
        """Count one more of `name`, or several."""
        rate = self._rates.get(name)
        if rate is None:
            rate = self._rates[name] = Rate()
        rate.add(t, count)

    def count(self, events: Iterable[Event]) -> None:
        """Count frames by their connections and by their directions, those of a moment at once."""
        frames = [(event, event.t // BUCKET * BUCKET) for event in events if type(event) is FrameSeen]
        names = [(frame.connection, t) for frame, t in frames] + [(frame.direction, t) for frame, t in frames]
        for (name, t), count in Counter(names).items():
            self.add(name, t, count)

    def of(self, name: str, now: float) -> float:
        """Return the rate of `name`, 0 for one never seen."""
        rate = self._rates.get(name)
        return rate.per_second(now) if rate else 0.0

    def clear(self) -> None:
        """Forget everything."""
        self._rates.clear()


def rate_text(rate: float, noun: str = "frame") -> str:
    """Say a rate in words: "idle", "<1 frame/s", "12 frames/s"."""
    if rate <= 0:
        return "idle"
    if rate < 1:
        return f"<1 {noun}/s"
    return f"{rate:.0f} {noun}{'' if round(rate) == 1 else 's'}/s"
