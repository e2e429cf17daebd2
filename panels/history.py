# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Workers tab keeps of a store over all its time, lanes and marks, so that a seek need not gather it again."""

from __future__ import annotations

from bisect import bisect_left

from app import events as e
from app.lanes import Lanes
from app.store import Store
from panels.markers import Marker, marker_of

MARKED = frozenset((e.WorkerExited, e.MessageExpired))
SORTS = ("kill", "expiry")
MARKS = 2_000  # kept


class History:
    """Lanes and marks up to the newest event, whatever the playhead."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._begin()

    def _begin(self) -> None:
        self.lanes = Lanes()
        self._marks: list[Marker] = []
        self._places: list[int] = []  # the sequence numbers of the marks
        self._told: tuple[int, tuple[Marker, ...]] = (-1, ())
        self._next, self._run = self.store.start, self.store.begun
        self.lanes.begin_with(self.store.base, self._next)

    def catch_up(self) -> None:
        """Take the events that are new."""
        if self._next < self.store.start or self._run != self.store.begun:
            self._begin()  # some fell off before they were seen, or another run began
        events = self.store.newest_since(self._next)
        self.lanes.add(events, self._next)
        for number, event in enumerate(events, self._next):
            if type(event) in MARKED and (mark := marker_of(event)) and mark.sort in SORTS:
                self._marks.append(mark)
                self._places.append(number)
        if len(self._marks) > MARKS:
            del self._marks[:-MARKS], self._places[:-MARKS]
        self._next += len(events)

    def marks(self, playhead: int) -> tuple[Marker, ...]:
        """Return the marks that had been told at a playhead."""
        count = bisect_left(self._places, playhead)
        place = self._places[count - 1] if count else 0
        if self._told[0] != place:
            self._told = place, tuple(self._marks[:count])
        return self._told[1]
