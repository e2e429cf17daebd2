# SPDX-License-Identifier: GPL-3.0-or-later
"""What a herd of bots has counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass
class Figures:
    """Sums; bytes are those of frames with their headers, delays are seconds from a move to its return."""

    sent: int = 0
    received: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    errors: int = 0
    delays: list[float] = field(default_factory=list)

    def say(self, size: int) -> None:
        """A message was sent in a frame of so many bytes."""
        self.sent += 1
        self.bytes_sent += size

    def hear(self, size: int) -> None:
        """A message came."""
        self.received += 1
        self.bytes_received += size

    def delay(self, part: float) -> float:
        """Return the delay that this part of all stayed below, 0 when there was none."""
        ordered = sorted(self.delays)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0

    def snapshot(self) -> Figures:
        """Return a copy."""
        return replace(self, delays=list(self.delays))

    def since(self, before: Figures) -> Figures:
        """Return what was added to an earlier snapshot."""
        return Figures(
            self.sent - before.sent,
            self.received - before.received,
            self.bytes_sent - before.bytes_sent,
            self.bytes_received - before.bytes_received,
            self.errors - before.errors,
            self.delays[len(before.delays) :],
        )
