# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a learner is in a lesson: the step, what its watch saw, what was predicted; knows no widget and no lab."""

from __future__ import annotations

from collections.abc import Iterable

from app.events import Event
from app.lesson import Lesson, Step, Watch


class Walk:
    """A way through a lesson; steps are counted from 0, and done stays done."""

    def __init__(self, lesson: Lesson, number: int = 0) -> None:
        self.lesson = lesson
        self.number = number
        self.choices: dict[int, int] = {}  # what was predicted at which step
        self._watches: dict[int, Watch] = {}
        self._done = set(range(number))  # earlier, before this walk began

    @property
    def step(self) -> Step:
        """The step where the learner is."""
        return self.lesson.steps[self.number]

    @property
    def is_last(self) -> bool:
        """Whether no step follows."""
        return self.number == len(self.lesson.steps) - 1

    @property
    def watch(self) -> Watch:
        """The watch of the step where the learner is."""
        return self._watches.setdefault(self.number, Watch(self.step))

    @property
    def must_choose(self) -> bool:
        """Whether the learner has yet to say what to expect."""
        return self.step.predict is not None and self.number not in self.choices and not self.watch.done

    @property
    def done(self) -> frozenset[int]:
        """The steps that are done."""
        return frozenset(self._done)

    @property
    def may_go_on(self) -> bool:
        """Whether the next step is open."""
        return self.number in self._done

    def begin_step(self) -> None:
        """Watch the step from now on: what was before does not count."""
        self._watches[self.number] = Watch(self.step)
        self._note_done()

    def go(self, number: int) -> bool:
        """Go to another step, if there is one; what its watch has seen is kept."""
        if not 0 <= number < len(self.lesson.steps):
            return False
        self.number = number
        self._note_done()
        return True

    def feed(self, events: Iterable[Event]) -> None:
        """Let the watches look at events."""
        for event in events:
            for watch in self._watches.values():
                watch.feed(event)
        self._done |= {number for number, watch in self._watches.items() if watch.done}

    def use(self, lesson: Lesson) -> bool:
        """Go on in another edition of the lesson (another language, a changed file); return whether a step is new.

        The watch and the prediction of a step stay when what it expects is the same but for its words.
        """
        old, place = self.lesson, self.step.id
        ids = [step.id for step in lesson.steps]
        kept = {
            n: watch for n, watch in self._watches.items() if n < len(ids) and _is_alike(old.steps[n], lesson.steps[n])
        }
        self.lesson = lesson
        self.number = ids.index(place) if place in ids else min(self.number, len(ids) - 1)
        self._watches = {}
        for number, watch in kept.items():
            watch.step = lesson.steps[number]
            self._watches[number] = watch
        self.choices = {number: choice for number, choice in self.choices.items() if number in kept}
        return self.number not in kept

    def _note_done(self) -> None:
        if self.watch.done:
            self._done.add(self.number)


def _is_alike(one: Step, other: Step) -> bool:
    """Whether two steps expect and ask the same, whatever their words."""
    return _bones(one) == _bones(other)


def _bones(step: Step) -> tuple[object, ...]:
    answers = (
        [(answer.pattern.event, answer.pattern.fields, answer.means) for answer in step.predict.answers]
        if step.predict
        else None
    )
    return step.id, [(pattern.event, pattern.fields) for pattern in step.expect], answers
