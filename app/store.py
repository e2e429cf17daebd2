# SPDX-License-Identifier: GPL-3.0-or-later
"""Events in order, bounded, with a playhead; `state` is what the events left of the playhead add up to."""

from __future__ import annotations

import gc
import time
from bisect import bisect_right
from collections.abc import Iterable
from itertools import islice

from app.events import Event, Selected
from app.frame_index import FrameIndex
from app.settings import EVENT_LIMIT
from app.state import State


class Store:
    """Numbered events and their fold.

    The sequence number of an event is its position since the store began, whatever fell off the old end meanwhile.
    `index` holds the frames, as rows, and where their bytes are; `is_file`: no time passes after the last event.
    """

    def __init__(self, index: FrameIndex | None = None, limit: int = EVENT_LIMIT, is_file: bool = False) -> None:
        self.is_file = is_file
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
    def base(self) -> State:
        """What the events that fell off the old end add up to."""
        return self._base

    @property
    def is_live(self) -> bool:
        """Whether the playhead follows the newest event."""
        return self._playhead is None

    @property
    def now(self) -> float:
        """What time it is at the playhead, in seconds since the epoch."""
        if self._playhead is None and not self.is_file:
            return time.time()
        place = min(self.playhead - self._start, len(self._events)) - 1
        return self._events[max(place, 0)].t if self._events else 0.0

    def extend(self, events: Iterable[Event]) -> None:
        """Add events at the end; at the live end the state follows at once, and what is selected always does."""
        for event in events:
            self._events.append(event)
            if self._playhead is None or isinstance(event, Selected):
                self.state.apply(event)
        if len(self._events) > self._limit * 1.1:
            self._forget(len(self._events) - self._limit)

    def since(self, sequence: int) -> list[Event]:
        """Return the events from `sequence` up to the playhead; what fell off is not among them."""
        return self._events[max(sequence - self._start, 0) : self.playhead - self._start]

    def newest_since(self, sequence: int) -> list[Event]:
        """Return the events from `sequence` on, those beyond the playhead too."""
        return self._events[max(sequence - self._start, 0) :]

    def sequence_at(self, t: float) -> int:
        """Return where the playhead has what happened until `t` on its left; events are nearly in the order of time."""
        return self._start + bisect_right(self._events, t, key=lambda event: event.t)

    def seek(self, sequence: int | None) -> None:
        """Move the playhead, or let it follow the newest event again (None); what is selected stays selected.

        Forward the state goes on from where it is, backward the kept events are folded anew.
        """
        before, selected = self.playhead, self.state.selected
        self._playhead = None if sequence is None else min(max(sequence, self._start), self.end)
        if self.playhead < before:
            self.state, before = self._base.copy(), self._start
        was_collecting = gc.isenabled()
        gc.disable()  # nothing that is made here goes away, so looking for garbage is in vain
        for event in self.since(before):
            self.state.apply(event)
        if was_collecting:
            gc.enable()
        self.state.selected = selected

    def _forget(self, count: int) -> None:
        if self._playhead is not None:
            count = min(count, self._playhead - self._start)
        for event in islice(self._events, count):
            self._base.apply(event)
        del self._events[:count]
        self._start += count
