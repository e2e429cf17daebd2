# SPDX-License-Identifier: GPL-3.0-or-later
"""Events in order, bounded, with a playhead; `state` is what the events left of the playhead add up to."""

from __future__ import annotations

import gc
import time
from bisect import bisect_right
from collections.abc import Iterable

from app.events import Event, LabStarted, MessageSent, Selected
from app.frame_index import FrameIndex
from app.past import Past
from app.settings import BODY_LIMIT, EVENT_LIMIT
from app.state import RECORDED, State

PLACES = 50  # states kept on the way: from the nearest of them a seek goes on
PAST = 4  # times the limit: so many events are kept while the playhead stands in the past


class Store:
    """Numbered events and their fold.

    The sequence number of an event is its position since the store began, whatever fell off the old end meanwhile.
    `index` holds the frames, as rows, and where their bytes are; `is_file`: no time passes after the last event. Live,
    nothing is kept of what was before the run of now began (LabStarted).
    """

    def __init__(self, index: FrameIndex | None = None, limit: int = EVENT_LIMIT, is_file: bool = False) -> None:
        self.is_file = is_file
        self.index = FrameIndex() if index is None else index
        self.state = State()
        self._limit = limit
        self._apart = max(limit // PLACES, 1)  # events between two states kept
        self._events: list[Event] = []
        self._start = 0  # sequence number of self._events[0]
        self._past = Past()
        self._weight = self._new_weight = 0  # bytes of the bodies in these events; and since a state was kept for them
        self._playhead: int | None = None
        self._time = 0.0  # that the playhead was put to: after the event before it, and nothing has happened since
        self.begun = 0  # where the run of now began
        self.pushed = 0  # times that the playhead had to move because its moment was no longer kept

    @property
    def most(self) -> int:
        """How many events are kept at most, by and large."""
        return self._limit if self.is_live else self._limit * PAST

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
        return self._past.base

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
        return max(self._events[max(place, 0)].t, self._time) if self._events else 0.0

    def extend(self, events: Iterable[Event]) -> None:
        """Add events at the end; at the live end the state follows at once, and what is selected always does."""
        part: list[Event] = []
        for event in events:
            if type(event) is LabStarted and event.source != RECORDED and not self.is_file:
                self._take(part)
                self._begin_anew(event)
                part = []
            part.append(event)
        self._take(part)

    def _take(self, events: list[Event]) -> None:
        before = self.end
        self._events += events
        if self._playhead is None:
            self._fold(before)
            self._weigh(events)
            is_kept = before // self._apart < self.end // self._apart  # to keep and to forget takes as long as both
            room = self._limit + self._apart * (2 if is_kept else 1)
            while (len(self._events) > room or self._weight > BODY_LIMIT) and self._past.second:
                self._forget(self._past.second)
            return
        for event in events:
            if isinstance(event, Selected):
                self.state.apply(event)
        self._weight += _weight(events)
        while len(self._events) > self._limit * PAST or self._weight > BODY_LIMIT:
            self._forget_past()

    def _weigh(self, events: list[Event]) -> None:
        """Where bodies are heavy, fewer events are kept, and states nearer to each other."""
        weight = _weight(events)
        self._weight, self._new_weight = self._weight + weight, self._new_weight + weight
        if self._new_weight > BODY_LIMIT // PLACES:
            self._past.keep(self.end, self.state)
            self._new_weight = 0

    def _begin_anew(self, event: LabStarted) -> None:
        """Another run begins: keep only what its state begins with, so that there is nothing to go back to."""
        if not self.end:
            return
        if self._playhead is not None:
            self.seek(None)
            self.pushed += 1
        self.state.apply(event)
        self._past = Past(self.end, self.state)
        self._start = self.begun = self.end
        self._events, self._weight = [], 0

    def _forget_past(self) -> None:
        """Let the oldest events fall off, and take the playhead along if it stands among them."""
        step = min(self._apart, max(len(self._events) // PLACES, 1))
        first = self._past.second or max(self._start + step, self.playhead)
        if self.playhead < first:
            self.seek(first)
            self.pushed += 1
        if self.playhead == first:
            self._past.keep(first, self.state)
        self._forget(first)

    def since(self, sequence: int) -> list[Event]:
        """Return the events from `sequence` up to the playhead; what fell off is not among them."""
        return self._events[max(sequence - self._start, 0) : self.playhead - self._start]

    def newest_since(self, sequence: int) -> list[Event]:
        """Return the events from `sequence` on, those beyond the playhead too."""
        return self._events[max(sequence - self._start, 0) :]

    def between(self, first: int, last: int) -> list[Event]:
        """Return the events from sequence number `first` up to `last`, as far as they are kept."""
        return self._events[max(first - self._start, 0) : max(last - self._start, 0)]

    def sequence_at(self, t: float) -> int:
        """Return where the playhead has what happened until `t` on its left; events are nearly in the order of time."""
        return self._start + bisect_right(self._events, t, key=lambda event: event.t)

    def seek(self, sequence: int | None, t: float = 0.0) -> None:
        """Move the playhead, or let it follow the newest event again (None); what is selected stays selected.

        `t` is the time there, when it is later than that of the last event before: what happens next is still to come.
        The state goes on from where it is, or from the nearest one that was kept on the way.
        """
        before, selected = self.playhead, self.state.selected
        self._time = t
        self._playhead = None if sequence is None else min(max(sequence, self._start), self.end)
        place = self._past.place_before(self.playhead)
        if self.playhead < before or place > before:
            before, self.state = place, self._past.state_at(place)
        was_collecting = gc.isenabled()
        gc.disable()  # nothing that is made here goes away, so looking for garbage is in vain
        self._fold(before)
        if was_collecting:
            gc.enable()
        self.state.selected = selected

    def _fold(self, begin: int) -> None:
        """Let the state take the events from `begin` up to the playhead, and keep it where a place is due."""
        while begin < self.playhead:
            place = min((begin // self._apart + 1) * self._apart, self._past.place_after(begin))
            end = min(self.playhead, place)
            apply = self.state.apply
            for event in self._events[begin - self._start : end - self._start]:
                apply(event)
            if end == place:
                self._past.keep(end, self.state)
            begin = end

    def _forget(self, first: int) -> None:
        """Let events before `first` fall off, as far as a state is kept there."""
        start = self._past.forget_before(first)
        self._weight -= _weight(self._events[: start - self._start])
        del self._events[: start - self._start]
        self._start = start


def _weight(events: list[Event]) -> int:
    return sum([len(event.body) for event in events if type(event) is MessageSent])
