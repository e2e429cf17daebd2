# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of time is shown: so many seconds up to now, until somebody moves it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QObject, QRectF, pyqtSignal

SHORTEST, LONGEST = 0.02, 2 * 3600.0  # seconds
USUAL = 60.0


@dataclass(frozen=True)
class Frame:
    """Where times lie in a rectangle, what time it is, and which events have been told."""

    rect: QRectF
    left: float
    right: float
    now: float
    playhead: int

    def x(self, t: float) -> float:
        """Return where a time is."""
        return float(self.rect.left() + (t - self.left) * self.scale)

    @property
    def scale(self) -> float:
        """Pixels of a second."""
        return float(self.rect.width() / (self.right - self.left))

    def has(self, t: float) -> bool:
        """Return whether a time lies in it."""
        return self.left <= t <= min(self.right, self.now)

    def time(self, x: float) -> float:
        """Return the time at a place."""
        return float(self.left + (x - self.rect.left()) / self.scale)


class Span(QObject):
    """`moved` says that another part is shown; what follows now moves without saying so."""

    moved = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.length = USUAL
        self._end: float | None = None

    @property
    def follows(self) -> bool:
        """Whether the right edge is now."""
        return self._end is None

    def right(self, now: float) -> float:
        """Return the time at the right edge."""
        return now if self._end is None else self._end

    def left(self, now: float) -> float:
        """Return the time at the left edge."""
        return self.right(now) - self.length

    def zoom(self, factor: float, at: float, now: float) -> None:
        """Show a part so many times as long; what is `at` stays where it is, or the right edge while it follows."""
        length = min(max(self.length * factor, SHORTEST), LONGEST)
        if self._end is not None:
            self._end = at + (self._end - at) * length / self.length
        self.length = length
        self._settle(now)

    def pan(self, seconds: float, now: float) -> None:
        """Move; who comes to now follows it again."""
        self._end = self.right(now) + seconds
        self._settle(now)

    def reveal(self, t: float, now: float) -> None:
        """Move no more than needed for a time to be seen."""
        margin = self.length / 20
        if t < self.left(now) + margin:
            self.pan(t - margin - self.left(now), now)
        elif t > self.right(now) - margin and t < now - margin:
            self.pan(t + margin - self.right(now), now)

    def follow(self) -> None:
        """Let the right edge be now."""
        self._end = None
        self.moved.emit()

    def _settle(self, now: float) -> None:
        if self._end is not None and self._end >= now:
            self._end = None
        self.moved.emit()
