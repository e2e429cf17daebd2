# SPDX-License-Identifier: GPL-3.0-or-later
"""The events of some kinds in a store, each looked at once: who is shown anew need not go through all of them again."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import Any

from app.events import Event
from app.store import Store


class Picked:
    """Picks the events of some kinds out of a store, the newest too; another store is begun with anew."""

    def __init__(self, kinds: frozenset[Any]) -> None:
        self._kinds = kinds
        self._store: Store | None = None

    def _begin(self, store: Store) -> None:
        self._store = store
        self._events: list[Event] = []
        self._numbers = array("q")  # their sequence numbers
        self._next = 0  # the sequence number of the first event that was not looked at

    def since(self, store: Store, sequence: int) -> list[Event]:
        """Return those from `sequence` up to the playhead, as Store.since does."""
        self._catch_up(store)
        numbers = self._numbers
        return self._events[bisect_left(numbers, sequence) : bisect_left(numbers, store.playhead)]

    def to_come(self, store: Store) -> list[Event]:
        """Return those beyond the playhead."""
        self._catch_up(store)
        return self._events[bisect_left(self._numbers, store.playhead) :]

    def _catch_up(self, store: Store) -> None:
        if store is not self._store:
            self._begin(store)
        fallen = bisect_left(self._numbers, store.start)
        del self._events[:fallen], self._numbers[:fallen]
        first, kinds = max(self._next, store.start), self._kinds
        events = store.newest_since(first)
        places = [place for place, event in enumerate(events) if type(event) in kinds]
        self._events += [events[place] for place in places]
        self._numbers.extend(first + place for place in places)
        self._next = first + len(events)
