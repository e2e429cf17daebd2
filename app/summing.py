# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of a session up to its playhead, with copies on the way: a way back or far ahead begins near its end."""

from __future__ import annotations

from app.metrics import Metrics
from app.store import Store

APART = 5_000  # events between two copies


class Summing:
    """Sums up a store's events; `follow` after its playhead has moved."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.metrics = Metrics()
        self._at = store.start  # the sequence number of the next event
        self._copies: list[tuple[int, Metrics]] = []  # before which event, rising

    @property
    def is_behind(self) -> bool:
        """Whether there are events yet to be taken."""
        return self._at < self.store.playhead

    def follow(self, most: int | None = None) -> Metrics:
        """Take the events up to the playhead, at most so many, or go to it from a copy; returns the metrics there."""
        self._go_near()
        goal = self.store.playhead if most is None else min(self.store.playhead, self._at + most)
        while self._at < goal:
            end = min(goal, (self._at // APART + 1) * APART)
            self.metrics.add(self.store.between(self._at, end))
            self._at = end
            if end % APART == 0:
                self._keep()
        return self.metrics

    def go_ahead(self) -> bool:
        """Make one copy more of what is to come beyond the playhead; returns whether there may be another."""
        place, newest = self._copies[-1] if self._copies else (self.store.start, Metrics())
        end = (place // APART + 1) * APART
        if place < self.store.start or end > self.store.end:
            return False
        ahead = newest.copy()
        ahead.add(self.store.between(place, end))
        self._copies.append((end, ahead))
        return True

    def _keep(self) -> None:
        """Keep a copy, unless one is there; those of events that fell off are not needed any more."""
        self._copies = [(place, copy) for place, copy in self._copies if place >= self.store.start]
        if not self._copies or self._copies[-1][0] < self._at:
            self._copies.append((self._at, self.metrics.copy()))

    def _go_near(self) -> None:
        """Begin again from the newest copy before the playhead, where that is nearer; without any, from the start."""
        start, end = self.store.start, self.store.playhead
        place, copy = next(((at, one) for at, one in reversed(self._copies) if start <= at <= end), (start, None))
        if not start <= self._at <= end or place > self._at:
            self._at, self.metrics = place, copy.copy() if copy else Metrics()
