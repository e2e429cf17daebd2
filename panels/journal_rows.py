# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the Journal: events as lines, and which of them a filter lets pass."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence

from app import events as e
from app.entities import Fate
from app.store import Store
from app.telling import tell
from panels.cells import Cell
from panels.row_model import Column
from panels.times import clock

SLICE = 0.004  # seconds a filter may work before the window gets its turn
BETWEEN = 256  # events between two looks at the clock

# There because somebody looks, many times a second; the bytes are told again as frames.
QUIET = frozenset((e.KeysSeen, e.ChannelMeasured, e.CountersSeen, e.BytesSeen))
COLORS: dict[type[e.Event], str] = {
    e.MessageExpired: "flight", e.MessageRefused: "flight", e.MessageSkipped: "flight", e.GhostsPassed: "flight",
    e.GroupEmpty: "flight",
    e.MessageLost: "bad", e.MessagesWiped: "bad", e.ConsumerFailed: "bad", e.WorkerExited: "bad",
    e.SourceFailed: "bad", e.RedisLost: "bad", e.VerbFailed: "bad", e.EventsDropped: "bad",
    e.WorkerReady: "good", e.SourceReady: "good", e.RedisBack: "good",
    e.Selected: "muted", e.StepShown: "muted", e.LogLine: "muted", e.CaptureProgress: "muted",
}  # fmt: skip

Test = Callable[[e.Event], bool]


class JournalError(ValueError):
    """A filter that cannot be understood; the text says what was seen and what there is."""


class JournalRows:
    """Events, oldest first; `words` filters them, `hides_quiet` leaves measurements and bytes out."""

    columns = (
        Column("time", 102, sample="00:00:00.000"),
        Column("source", 70),
        Column("event", 128),
        Column("what happened", 0),
    )

    def __init__(self, store: Store) -> None:
        self.store = store
        self.first = store.start  # the sequence number of the first of `events`
        self.events: list[e.Event] = []
        self.shown: list[e.Event] = []
        self._numbers = array("q")  # their sequence numbers
        self.hides_quiet = True
        self._tests: list[Test] = []
        self._checked = 0

    def __len__(self) -> int:
        return len(self.shown)

    def take(self) -> bool:
        """Take the events up to the playhead; returns whether the list began anew."""
        known = self.first + len(self.events)
        self.events += self.store.since(known)
        if known >= self.store.start and self.first >= self.store.begun:
            return False
        self.first = self.store.start
        self.events = self.store.since(self.first)
        self.refilter()
        return True

    def fallen(self) -> int:
        """Return how many of the events, the oldest, the store no longer keeps."""
        return min(max(self.store.start - self.first, 0), len(self.events))

    def shown_of(self, count: int) -> int:
        """Return how many of the first events are shown."""
        return bisect_left(self._numbers, self.first + count)

    def drop(self, count: int) -> None:
        """Drop the first events."""
        shown = self.shown_of(count)
        del self.events[:count], self.shown[:shown], self._numbers[:shown]
        self.first += count
        self._checked = max(self._checked - count, 0)

    def use(self, text: str) -> None:
        """Filter by words, which must all stand in a line; raises JournalError."""
        self._tests = [self._test(word) for word in text.split()]
        self.refilter()

    def refilter(self) -> None:
        """Begin anew to leave events out."""
        self.shown, self._numbers, self._checked = [], array("q"), 0

    def catch_up(self) -> bool:
        """Let the filter see new events for a short while; returns whether there are more."""
        until = time.perf_counter() + SLICE
        while self._checked < len(self.events):
            end = min(self._checked + BETWEEN, len(self.events))
            hidden = QUIET if self.hides_quiet else frozenset()
            places = [place for place in range(self._checked, end) if type(self.events[place]) not in hidden]
            if self._tests:
                places = [place for place in places if self._passes(self.events[place])]
            self.shown += [self.events[place] for place in places]
            self._numbers.extend(self.first + place for place in places)
            self._checked = end
            if time.perf_counter() > until:
                break
        return self._checked < len(self.events)

    def cells(self, row: int) -> Sequence[Cell]:
        """Return the cells of a line."""
        event = self.shown[row]
        color = COLORS.get(type(event), "text")
        if isinstance(event, e.FrameSeen) and event.violations:
            color = "bad"
        line = tell(event)
        return (
            Cell(clock(event.t), "muted", is_mono=True),
            Cell(event.source, "accent"),
            Cell(type(event).__name__, "muted"),
            Cell(line, color, tip=line),
        )

    # --- the filter ---

    def _passes(self, event: e.Event) -> bool:
        return all(test(event) for test in self._tests)

    def _test(self, word: str) -> Test:
        name, colon, value = word.partition(":")
        if not colon or name not in TERMS:
            low = word.lower()
            return lambda event: low in f"{event.source} {type(event).__name__} {tell(event)}".lower()
        if not value:
            raise JournalError(f"{name}: what? Write for example {TERMS[name]}")
        if name == "fate":
            return self._fate_test(value)
        if name == "kind":
            return lambda event: type(event).__name__.lower() == value.lower()
        if name == "key":
            return lambda event: getattr(event, "key", "").startswith(value)
        return lambda event: event.source == value

    def _fate_test(self, value: str) -> Test:
        wanted = next((fate for fate in Fate if value in (fate.name.lower(), fate.value)), None)
        if wanted is None:
            known = ", ".join(fate.name.lower() for fate in Fate)
            raise JournalError(f'There is no fate "{value}"; there is {known}.')

        def test(event: e.Event) -> bool:
            message = self.store.state.messages.get(getattr(event, "key", ""))
            return message is not None and message.fate is wanted

        return test


TERMS = {"kind": "kind:MessageExpired", "source": "source:worker-1", "fate": "fate:expired", "key": "key:1f0c"}
