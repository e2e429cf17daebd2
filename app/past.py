# SPDX-License-Identifier: GPL-3.0-or-later
"""The state at some moments of a session, so that a way back begins near where it leads."""

from __future__ import annotations

from bisect import bisect_right

from app.state import State
from app.state.world import Step

NEVER = 1 << 62  # no sequence number is as large


class Past:
    """Moments by sequence number, rising; the first is what all that came before the kept events adds up to.

    The first state is kept whole, and of each later moment what has changed since the one before: to copy a state takes
    longer than a frame of the window may.
    """

    def __init__(self, place: int = 0, state: State | None = None) -> None:
        self._places = [place]
        self._base = state.copy() if state else State()
        self._steps: list[Step] = []  # one to each place but the first
        self._noting, self._noted = state, place  # the state that notes its changes, and since when
        if state:
            state.note()

    @property
    def base(self) -> State:
        """The oldest state kept; nobody may change it."""
        return self._base

    @property
    def second(self) -> int:
        """Where the oldest state but one is kept, 0 when there is none."""
        return self._places[1] if len(self._places) > 1 else 0

    def keep(self, sequence: int, state: State) -> None:
        """Keep a state, of which the next event is `sequence`, unless one is there; it may go on meanwhile."""
        if sequence > self._places[-1]:
            is_next = state is self._noting and self._noted == self._places[-1]
            self._steps.append(state.step(is_whole=not is_next))
            self._places.append(sequence)
        elif sequence == self.place_before(sequence):
            state.note()
        else:
            return
        self._noting, self._noted = state, sequence

    def place_before(self, sequence: int) -> int:
        """Return the newest place that is not beyond `sequence`."""
        return self._places[bisect_right(self._places, sequence) - 1]

    def place_after(self, sequence: int) -> int:
        """Return the oldest place that is beyond `sequence`, NEVER when there is none."""
        number = bisect_right(self._places, sequence)
        return self._places[number] if number < len(self._places) else NEVER

    def state_at(self, place: int) -> State:
        """Return the state that is kept at a place, as one that may go on from there."""
        state = self._base.copy()
        state.go(self._steps[: bisect_right(self._places, place) - 1])
        state.note()
        self._noting, self._noted = state, self.place_before(place)
        return state

    def forget_before(self, sequence: int) -> int:
        """Forget all but the newest that is not beyond `sequence`; returns its place, where the past begins now."""
        number = bisect_right(self._places, sequence) - 1
        self._base.go(self._steps[:number], is_theirs=False)
        del self._places[:number], self._steps[:number]
        return self._places[0]
