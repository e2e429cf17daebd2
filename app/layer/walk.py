# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps taken from reply to reply, without a task or a future: for what a server does for each message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from app.layer.aioline import AsyncLines
from app.layer.errors import ReplyError, TripError, translated
from app.layer.trips import Pause, Steps, Trip

Result = TypeVar("Result")
Step = Trip | list[Trip] | Pause
Done = Callable[[Any], None]


class Walk(Generic[Result]):
    """One operation under way.

    Args:
        lines: the connections of each shard.
        go_slowly: takes over where something has to be waited for: a connection, a pause, several trips.
        done: is told the result, or the exception that ended the steps.
    """

    def __init__(
        self, lines: Sequence[AsyncLines], go_slowly: Callable[[Steps[Result], Step, Done], None], done: Done
    ) -> None:
        self._lines, self._go_slowly, self._done = lines, go_slowly, done

    def begin(self, steps: Steps[Result]) -> None:
        """Take the first step, now."""
        self._steps = steps
        self._advance(steps.send, None)

    def _advance(self, onward: Callable[[Any], Step], reply: Any) -> None:
        try:
            step = onward(reply)
        except StopIteration as end:
            return self._done(end.value)
        except (TypeError, *TripError) as error:  # whoever waits for the answer is told
            return self._done(error)
        # What is asked for as a list is answered as one, errors among the answers.
        self._is_list = isinstance(step, list)
        trip = (step[0] if len(step) == 1 else None) if isinstance(step, list) else step
        line = self._lines[trip.shard].shared if isinstance(trip, Trip) else None
        if line is None or not isinstance(trip, Trip):
            return self._go_slowly(self._steps, step, self._done)
        self._step, self._line = step, line
        line.ask(trip, self._told)
        line.flush()

    def _told(self, reply: Any) -> None:
        if not isinstance(reply, Exception):
            return self._advance(self._steps.send, [reply] if self._is_list else reply)
        if not isinstance(reply, ReplyError):
            return self._advance(self._steps.throw, reply)
        if str(reply).startswith("NOSCRIPT"):
            self._line.forget()
            return self._go_slowly(self._steps, self._step, self._done)
        error = translated(reply)
        if self._is_list:
            return self._advance(self._steps.send, [error])
        self._advance(self._steps.throw, error)
