# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the state at some moments of a session, so that a way back begins near where it leads."""

from __future__ import annotations

from bisect import bisect_right

from app.state import State


class Past:
    """States by sequence number, rising; the first is what all that came before the kept events adds up to.

    Nobody may change the states that are kept here.
    """

    def __init__(self, place: int = 0, state: State | None = None) -> None:
        self._places = [place]
        self._states = [state.copy() if state else State()]

    @property
    def base(self) -> State:
        """The oldest state kept."""
        return self._states[0]

    @property
    def second(self) -> int:
        """Where the oldest state but one is kept, 0 when there is none."""
        return self._places[1] if len(self._places) > 1 else 0

    def keep(self, sequence: int, state: State) -> None:
        """Keep a copy of a state, of which the next event is `sequence`, unless one is there."""
        if sequence > self._places[-1]:
            self._places.append(sequence)
            self._states.append(state.copy())

    def place_before(self, sequence: int) -> int:
        """Return the newest place that is not beyond `sequence`."""
        return self._places[bisect_right(self._places, sequence) - 1]

    def state_at(self, place: int) -> State:
        """Return a copy of the state that is kept at a place."""
        return self._states[bisect_right(self._places, place) - 1].copy()

    def forget_before(self, sequence: int) -> int:
        """Forget all but the newest that is not beyond `sequence`; returns its place, where the past begins now."""
        number = bisect_right(self._places, sequence) - 1
        del self._places[:number], self._states[:number]
        return self._places[0]
