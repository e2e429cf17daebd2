# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a step's patterns in events, as they come; knows neither window nor lab."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.events import Event
from app.lesson.values import Pattern, Step, is_variable

Bindings = dict[str, Any]
WAYS = 500  # attempts followed at once; beyond, the oldest are given up
ANSWERS = 2000  # answers remembered
RECENT = 500  # events looked at again when an attempt gets on
SLACK = 0.5  # seconds: each process has a pipe of its own, so what two of them say may come in the wrong order


@dataclass(frozen=True)
class Way:
    """An attempt: patterns found so far, what the variables stand for, the numbers of its events, when the last was."""

    reached: int = 0
    bindings: Bindings = field(default_factory=dict)
    used: frozenset[int] = frozenset()
    t: float = 0.0

    @property
    def key(self) -> tuple[int, frozenset[tuple[str, Any]]]:
        """What two attempts that wait for the same have in common."""
        return self.reached, frozenset(self.bindings.items())


class Watch:
    """Watches for one step, from when it is made.

    A pattern with a variable may fit several events (Bob sends twice; one message is delivered, the other expires), so
    every attempt is followed, not only the first. Done stays done.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        self.reached = 0
        self._ways = {Way().key: Way()}
        self._won: Bindings | None = None if step.expect else {}
        self._answers: list[tuple[int, Bindings]] = []
        self._tries: list[tuple[str, Bindings]] = []  # wrong ones: what to say, and of what
        self._kinds = {pattern.event for pattern in step.expect}
        self._recent: deque[tuple[int, Event]] = deque(maxlen=RECENT)
        self._count = 0

    @property
    def done(self) -> bool:
        """Whether all patterns have occurred."""
        return self._won is not None

    @property
    def bindings(self) -> Bindings:
        """What the variables stand for, in the attempt that has come furthest."""
        return (
            self._won
            if self._won is not None
            else max(reversed(self._ways.values()), key=lambda way: way.reached).bindings
        )

    @property
    def answer(self) -> int | None:
        """The number of the option that turned out to be right; None while the run has not told."""
        if self._won is None:
            return None
        won = self._won
        return next((means for means, bound in self._answers if bound.items() <= won.items()), None)

    @property
    def hint(self) -> str:
        """What to say about the newest wrong try, "" when there was none or the step is done.

        A try counts when it is about the same things as an attempt: the message that was sent, not any message.
        """
        if self._won is not None:
            return ""
        ways = [way.bindings.items() for way in self._ways.values()]
        return next((says for says, bound in reversed(self._tries) if any(bound.items() <= way for way in ways)), "")

    def feed(self, event: Event) -> bool:
        """Look at one event; return whether the step is done."""
        self._note(event)
        if not self.done and type(event).__name__ in self._kinds:
            self._count += 1
            self._recent.append((self._count, event))
            for way in list(self._ways.values()):
                self._try(way, self._count, event)
        return self.done

    def _try(self, way: Way, number: int, event: Event) -> None:
        bound = match(self.step.expect[way.reached], event, way.bindings)
        if bound is None or number in way.used or event.t < way.t - SLACK or self.done or way.key not in self._ways:
            return
        further = Way(way.reached + 1, bound, way.used | {number}, max(way.t, event.t))
        if bound == way.bindings and way.reached:  # nothing was chosen, so no other attempt is lost
            del self._ways[way.key]
        if further.key not in self._ways:
            self._follow(further)

    def _follow(self, way: Way) -> None:
        """Go on with an attempt; what it waits for may have been said already."""
        self.reached = max(self.reached, way.reached)
        if way.reached == len(self.step.expect):
            self._won = way.bindings
            return
        self._ways[way.key] = way
        if len(self._ways) > WAYS:
            del self._ways[next(islice(self._ways, 1, None))]  # not the first, which waits for the first pattern
        for number, event in list(self._recent):
            self._try(way, number, event)

    def _note(self, event: Event) -> None:
        """Remember what answers the prediction, and what is a wrong try."""
        for answer in self.step.predict.answers if self.step.predict else ():
            bound = match(answer.pattern, event, {})
            if bound is not None:
                self._answers.append((answer.means, bound))
                del self._answers[:-ANSWERS]
        for pattern in () if self.done else self.step.hints:
            bound = match(pattern, event, {})
            if bound is not None:
                self._tries.append((pattern.says, bound))
                del self._tries[:-ANSWERS]


def match(pattern: Pattern, event: Event, bindings: Bindings) -> Bindings | None:
    """Return the bindings with those of this event added, or None when the event does not fit the pattern."""
    if type(event).__name__ != pattern.event:
        return None
    bound = dict(bindings)
    for name, wanted in pattern.fields:
        found = getattr(event, name)
        if is_variable(wanted):
            if bound.setdefault(wanted, found) != found:
                return None
        elif found != wanted:
            return None
    return bound
