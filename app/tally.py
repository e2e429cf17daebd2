# SPDX-License-Identifier: GPL-3.0-or-later
"""What is counted of all that a source has to say, so that sums stay right where some of it is dropped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from msgspec.structs import replace

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


def balance(event: e.Event) -> int:
    """Return by how many an event changes the messages that a worker holds."""
    kind = type(event)
    if kind is e.MessageReceived:
        return 0 if event.cause else 1  # type: ignore[attr-defined]  # one that a consumer took itself is not held
    if kind is e.MessageLost:
        return 0 if event.reason == "dropped on purpose" else -1  # type: ignore[attr-defined]
    return -1 if kind is e.ConsumerFinished or kind is e.ConsumerFailed else 0


@dataclass
class Tally:
    """What could not be said, since a source began. What was said is counted where it is heard (`Totals`)."""

    dropped: int = 0
    unsaid: Counter[str] = field(default_factory=Counter)
    holding: int = 0  # by how many the dropped change the messages held

    def drop(self, event: e.Event) -> None:
        """It could not be said."""
        self.dropped += 1
        self.holding += balance(event)
        if isinstance(event, e.GroupSent):
            skipped = len(event.skipped)
            self.unsaid["MessageSent"] += event.channels.count("\n") + 1 - skipped
            self.unsaid["MessageSkipped"] += skipped
        else:
            self.unsaid[type(event).__name__] += 1

    def report(self, t: float, source: str) -> e.CountersSeen:
        """Return it as an event."""
        return e.CountersSeen(
            t=t, source=source, events=self.dropped, dropped=self.dropped, unsaid=dict(self.unsaid),
            holding=self.holding,
        )  # fmt: skip


@dataclass
class Totals:
    """All that a source had to say, at the end of its pipe: what came, and what its reports say was dropped."""

    events: int = 0
    holding: int = 0

    def add(self, event: e.Event) -> None:
        """It came; this is done for every event."""
        self.events += 1
        self.holding += balance(event)

    def of(self, report: e.CountersSeen) -> e.CountersSeen:
        """Return a source's report of what it dropped as that of its totals."""
        events, holding = self.events + report.events, max(self.holding + report.holding, 0)
        return replace(report, events=events, holding=holding)
