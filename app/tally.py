# SPDX-License-Identifier: GPL-3.0-or-later
"""What a source counts of all it has to say, so that sums stay right where some of it is dropped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app import events as e

# The share of the room for what waits that a kind may fill; what is rare and has consequences may fill it all.
_SHARES: dict[type[e.Event], float] = {e.BytesSeen: 0.5} | dict.fromkeys(
    (e.MessageSent, e.GroupSent, e.MessageReceived, e.ConsumerStarted, e.ConsumerFinished, e.MessageSkipped), 0.9
)


def share_of(event: e.Event) -> float:
    """Return the share of the room that an event may help to fill."""
    return _SHARES.get(type(event), 1.0)


@dataclass
class Tally:
    """Totals since a source began."""

    events: int = 0
    dropped: int = 0
    unsaid: Counter[str] = field(default_factory=Counter)
    holding: int = 0  # messages taken by a worker whose consumers have not come to their end

    def add(self, event: e.Event) -> None:
        """Something is to be said."""
        self.events += 1
        kind = type(event)
        if kind is e.MessageReceived:
            self.holding += not event.cause  # type: ignore[attr-defined]
        elif kind in (e.ConsumerFinished, e.ConsumerFailed):
            self.holding -= 1
        elif kind is e.MessageLost:
            self.holding -= event.reason != "dropped on purpose"  # type: ignore[attr-defined]

    def drop(self, event: e.Event) -> None:
        """It could not be said."""
        self.dropped += 1
        if isinstance(event, e.GroupSent):
            skipped = len(event.skipped)
            self.unsaid["MessageSent"] += event.channels.count("\n") + 1 - skipped
            self.unsaid["MessageSkipped"] += skipped
        else:
            self.unsaid[type(event).__name__] += 1

    def report(self, t: float, source: str) -> e.CountersSeen:
        """Return the totals as an event."""
        return e.CountersSeen(
            t=t, source=source, events=self.events, dropped=self.dropped, unsaid=dict(self.unsaid),
            holding=max(self.holding, 0),
        )  # fmt: skip
