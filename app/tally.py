# SPDX-License-Identifier: GPL-3.0-or-later
"""What a source counts of all it has to say, so that sums stay right where some of it is dropped."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from app import events as e

# The share of the room for what waits that a kind may fill; what is rare and has consequences may fill it all.
LEAST_SHARE = 0.5
_OFTEN = (
    e.MessageSent, e.GroupSent, e.MessageReceived, e.ConsumerStarted, e.ConsumerFinished, e.MessageSkipped,
    e.MessageLost, e.MessageRefused,
)  # fmt: skip
_SHARES: dict[type[e.Event], float] = {e.BytesSeen: LEAST_SHARE} | dict.fromkeys(_OFTEN, 0.9)


def share_of(event: e.Event) -> float:
    """Return the share of the room that an event may help to fill."""
    return _SHARES.get(type(event), 1.0)


@dataclass
class Tally:
    """Totals since a source began."""

    said: defaultdict[type[e.Event], int] = field(default_factory=lambda: defaultdict(int))  # or to be said
    dropped: int = 0
    unsaid: Counter[str] = field(default_factory=Counter)
    apart: int = 0  # messages taken by a consumer itself, less those dropped on purpose: they are not held

    def add(self, event: e.Event) -> None:
        """Something is to be said; this is done for every event."""
        kind = type(event)
        self.said[kind] += 1
        if kind is e.MessageReceived:
            if event.cause:  # type: ignore[attr-defined]
                self.apart += 1
        elif kind is e.MessageLost:
            self.apart -= event.reason == "dropped on purpose"  # type: ignore[attr-defined]

    @property
    def events(self) -> int:
        """How many events there were."""
        return sum(list(self.said.values()))

    @property
    def holding(self) -> int:
        """How many messages a worker has taken whose consumers have not come to their end."""
        said = self.said
        ends = said[e.ConsumerFinished] + said[e.ConsumerFailed] + said[e.MessageLost]
        return max(said[e.MessageReceived] - self.apart - ends, 0)

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
            holding=self.holding,
        )  # fmt: skip
