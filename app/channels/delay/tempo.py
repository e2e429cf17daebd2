# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the live system goes, for who reckons in real time: slow motion makes a delay longer, a freeze stops it."""

from __future__ import annotations

import time


class Tempo:
    """Full speed, until it is told otherwise."""

    def __init__(self) -> None:
        self._speed, self._since = 1.0, 0.0  # the time at which everything stopped, 0: it goes

    @property
    def stands_still(self) -> bool:
        """Whether nothing may be sent."""
        return self._since > 0

    def set(self, is_frozen: bool, speed: float) -> None:
        """Stand still, or go at a speed; when it goes on, what is kept already is moved (app/live/delays.py)."""
        self._since = (self._since or time.time()) if is_frozen else 0.0
        self._speed = speed

    def real(self, milliseconds: float) -> int:
        """Return how many real milliseconds from now a delay ends; time at a standstill does not count."""
        lost = 1000 * (time.time() - self._since) if self._since else 0.0
        return round(milliseconds / self._speed - lost)
