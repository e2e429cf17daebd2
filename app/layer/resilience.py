# SPDX-License-Identifier: GPL-3.0-or-later
"""The resilience-testing mode of ASGI 1.x: drop and delay messages on purpose, the same ones for the same seed."""

from __future__ import annotations

import fnmatch
import random
import threading
from collections.abc import Mapping, Sequence


class Resilience:
    """Decides the fate of each message when it is sent.

    Args:
        drop: the share (0 to 1) of a channel's messages thrown away, by pattern (a glob, the first match counts).
        delay: seconds that a send to a channel takes longer at most, by pattern.
        seed: the same seed and the same sends give the same decisions, channel by channel.
    """

    def __init__(
        self, drop: Mapping[str, float] | None = None, delay: Mapping[str, float] | None = None, seed: int = 0
    ) -> None:
        for share in (drop or {}).values():
            if not 0 <= share <= 1:
                raise ValueError(f"A share of dropped messages is from 0 to 1, not {share}.")
        self.drop, self.delay, self.seed = dict(drop or {}), dict(delay or {}), seed
        self._dice: dict[str, random.Random] = {}
        self._lock = threading.Lock()

    @classmethod
    def of_options(cls, drop: Sequence[str], delay: Sequence[str], seed: int) -> Resilience | None:
        """Return the mode that options GLOB=NUMBER ask for, None when there are none; raises ValueError."""
        if not drop and not delay:
            return None
        return cls(dict(map(_option, drop)), dict(map(_option, delay)), seed)

    def decide(self, queue: str) -> tuple[bool, float]:
        """Return whether to drop the next message of a queue, and how many seconds to hold it back."""
        share, longest = _matching(self.drop, queue), _matching(self.delay, queue)
        if not share and not longest:
            return False, 0.0
        with self._lock:
            dice = self._dice.setdefault(queue, random.Random(f"{self.seed} {queue}"))
            return dice.random() < share, dice.random() * longest


def _option(text: str) -> tuple[str, float]:
    glob, _, number = text.rpartition("=")
    try:
        return glob, float(number)
    except ValueError:
        raise ValueError(f"{text!r}: expected GLOB=NUMBER, such as websocket.*=0.2") from None


def _matching(patterns: Mapping[str, float], queue: str) -> float:
    return next((value for pattern, value in patterns.items() if fnmatch.fnmatchcase(queue, pattern)), 0.0)
