# SPDX-License-Identifier: GPL-3.0-or-later
"""Where any thread leaves events for the store; counts what it must drop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from app.events import Event, EventsDropped
from app.settings import INBOX_LIMIT


class Inbox:
    """A bounded heap of events: any thread puts, one thread takes all at once."""

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self._limit = limit
        self._events: list[Event] = []
        self._dropped = 0
        self._lock = threading.Lock()

    def put(self, event: Event) -> None:
        """Leave one event; when the inbox is full it is counted, not kept."""
        self.put_all((event,))

    def put_all(self, events: Iterable[Event]) -> None:
        """Leave events in their order; those beyond the limit are counted, not kept."""
        events = list(events)
        with self._lock:
            room = self._limit - len(self._events)
            self._events.extend(events[: max(room, 0)])
            self._dropped += max(len(events) - max(room, 0), 0)

    def take(self) -> list[Event]:
        """Return all events waiting; an EventsDropped at the end says how many could not be kept."""
        with self._lock:
            events, self._events = self._events, []
            dropped, self._dropped = self._dropped, 0
        if dropped:
            events.append(EventsDropped(t=time.time(), source="inbox", count=dropped))
        return events
