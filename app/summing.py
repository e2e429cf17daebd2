# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of a session up to its playhead, with copies on the way: a way back begins near where it leads."""

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
        """Take the events up to the playhead, at most so many, or go back to it; returns the metrics there."""
        if not self.store.start <= self._at <= self.store.playhead:
            self._go_back()
        goal = self.store.playhead if most is None else min(self.store.playhead, self._at + most)
        while self._at < goal:
            end = min(goal, (self._at // APART + 1) * APART)
            for event in self.store.between(self._at, end):
                self.metrics.add(event)
            self._at = end
            if end % APART == 0:
                self._keep()
        return self.metrics

    def _keep(self) -> None:
        """Keep a copy, unless one is there; those of events that fell off are not needed any more."""
        self._copies = [(place, copy) for place, copy in self._copies if place >= self.store.start]
        if not self._copies or self._copies[-1][0] < self._at:
            self._copies.append((self._at, self.metrics.copy()))

    def _go_back(self) -> None:
        """Begin again from the newest copy that is not beyond the playhead, or from the oldest event."""
        start, end = self.store.start, self.store.playhead
        kept = [(place, copy) for place, copy in self._copies if start <= place <= end]
        place, copy = kept[-1] if kept else (start, Metrics())
        self._at, self.metrics = place, copy.copy()
