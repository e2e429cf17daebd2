# SPDX-License-Identifier: GPL-3.0-or-later
"""Where any thread leaves events for the store; counts what it must drop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from app.events import Event, EventsDropped
from app.settings import INBOX_LIMIT
from app.tally import Tally


class Inbox:
    """A bounded heap of events: any thread puts, one thread takes all at once."""

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self._limit = limit
        self._events: list[Event] = []
        self._dropped = Tally()
        self._told = 0
        self._lock = threading.Lock()

    def put(self, event: Event) -> None:
        """Leave one event; when the inbox is full it is counted, not kept."""
        self.put_all((event,))

    def put_all(self, events: Iterable[Event]) -> None:
        """Leave events in their order; those beyond the limit are counted, not kept."""
        events = list(events)
        with self._lock:
            room = max(self._limit - len(self._events), 0)
            self._events.extend(events[:room])
            for event in events[room:]:
                self._dropped.drop(event)

    def take(self) -> list[Event]:
        """Return all events waiting; at their end it is said how many could not be kept, and what they were."""
        with self._lock:
            events, self._events = self._events, []
            count, self._told = self._dropped.dropped - self._told, self._dropped.dropped
        if count:
            now = time.time()
            events += EventsDropped(t=now, source="inbox", count=count), self._dropped.report(now, "inbox")
        return events
