# SPDX-License-Identifier: GPL-3.0-or-later
"""Events in order, bounded, with a playhead; `state` is what the events left of the playhead add up to."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from app.events import Event
from app.frame_index import FrameIndex
from app.settings import EVENT_LIMIT
from app.state import State


class Store:
    """Numbered events and their fold.

    The sequence number of an event is its position since the store began, whatever fell off the old end meanwhile.
    `index` holds the frames, as rows, and where their bytes are.
    """

    def __init__(self, index: FrameIndex | None = None, limit: int = EVENT_LIMIT) -> None:
        self.index = FrameIndex() if index is None else index
        self.state = State()
        self._limit = limit
        self._events: list[Event] = []
        self._start = 0  # sequence number of self._events[0]
        self._base = State()  # the fold of what fell off
        self._playhead: int | None = None

    @property
    def start(self) -> int:
        """Sequence number of the oldest event kept."""
        return self._start

    @property
    def end(self) -> int:
        """Sequence number the next event will get."""
        return self._start + len(self._events)

    @property
    def playhead(self) -> int:
        """Events before this one are in `state`."""
        return self.end if self._playhead is None else self._playhead

    @property
    def is_live(self) -> bool:
        """Whether the playhead follows the newest event."""
        return self._playhead is None

    def extend(self, events: Iterable[Event]) -> None:
        """Add events at the end; at the live end the state follows at once."""
        for event in events:
            self._events.append(event)
            if self._playhead is None:
                self.state.apply(event)
        if len(self._events) > self._limit * 1.1:
            self._forget(len(self._events) - self._limit)

    def since(self, sequence: int) -> list[Event]:
        """Return the events from `sequence` up to the playhead; what fell off is not among them."""
        return self._events[max(sequence - self._start, 0) : self.playhead - self._start]

    def seek(self, sequence: int | None) -> None:
        """Move the playhead, or let it follow the newest event again (None); folds the kept events anew."""
        self._playhead = None if sequence is None else min(max(sequence, self._start), self.end)
        self.state = self._base.copy()
        for event in self.since(self._start):
            self.state.apply(event)

    def _forget(self, count: int) -> None:
        if self._playhead is not None:
            count = min(count, self._playhead - self._start)
        for event in islice(self._events, count):
            self._base.apply(event)
        del self._events[:count]
        self._start += count
