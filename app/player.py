# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a lesson without a window: each step's own actions against the real system, and whether its checks hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.events import StepShown, VerbFailed
from app.frame_index import FrameIndex
from app.lab import Lab
from app.lesson import Action, Lesson, Setup, Step, Watch
from app.lesson.ready import is_set_up
from app.lesson_recording import LESSON, read_lesson
from app.recording import RecordingError
from app.sources.decode import WireDecoder
from app.store import Store

PATIENCE = 10.0  # seconds for a step, beyond the expiry it may have to wait for


@dataclass(frozen=True)
class StepResult:
    """How a step went: how many of its checks held, in seconds how long it took, what a prediction's answer was."""

    step: Step
    held: int
    seconds: float
    answer: int | None = None
    failures: tuple[str, ...] = ()  # of actions that could not be done: verb and reason

    @property
    def is_done(self) -> bool:
        """Whether all its checks held."""
        return self.held == len(self.step.expect)


def recorded(lesson: Lesson) -> Iterator[StepResult]:
    """Yield how each step of a lesson went in its recording; nothing is started.

    Raises:
        RecordingError: there is none, or not of this lesson's steps.
    """
    recording = read_lesson(lesson.recording)
    names = [step.id for step in lesson.steps]
    if (recording.lesson, [*recording.steps]) != (lesson.id, names):
        raise RecordingError(f"{lesson.recording}: it is of other steps than the lesson's; record it again.")
    decoder = WireDecoder(FrameIndex())
    for event in recording.set_up:
        decoder.feed(event)
    for step in lesson.steps:
        watch = Watch(step)
        for event in recording.steps[step.id].events:
            for told in decoder.feed(event):
                watch.feed(told)
        seconds = max((event.t for event in recording.steps[step.id].events), default=0.0) - recording.steps[step.id].t
        yield StepResult(step, watch.reached, seconds, watch.answer)


class Player:
    """One lab, for one lesson after the other.

    Args:
        lab: it has been started.
        patience: seconds for a step.
        leave_out: verbs that are not done, to see a lesson fail.
        linger: seconds to stay at a step that is done, so that a recording has all that comes of it.
    """

    def __init__(
        self, lab: Lab, patience: float = PATIENCE, leave_out: frozenset[str] = frozenset(), linger: float = 0.0
    ) -> None:
        self._lab = lab
        self._store = Store(index=lab.index)
        self._patience = patience
        self._leave_out = leave_out
        self._linger = linger

    def watch_keys(self) -> None:
        """Have the keys in Redis looked at, for a recording."""
        self._lab.watch_keys(True)

    def play(self, lesson: Lesson) -> Iterator[StepResult]:
        """Set up a lesson and yield how each step went; after the first that does not hold it ends.

        Each step is told with a StepShown, so that a recording can be cut there.
        """
        setup = lesson.setup
        self._set_up(setup)
        for step in lesson.steps:
            expires = any(pattern.event == "MessageExpired" for pattern in step.expect)
            self._lab.tell(StepShown(t=time.time(), source=LESSON, lesson=lesson.id, step=step.id))
            result = self._play_step(step, self._patience + (setup.expiry or 60) * expires)
            yield result
            if not result.is_done:
                return
            self._until(lambda: False, self._linger)

    def _set_up(self, setup: Setup) -> None:
        self._wait(self._lab.set_up(**setup.arguments))
        self._until(lambda: is_set_up(self._store.state, setup), PATIENCE)

    def _play_step(self, step: Step, patience: float) -> StepResult:
        watch = Watch(step)
        began = time.monotonic()
        first = self._store.end
        for action in step.do:
            if action.verb not in self._leave_out:
                self._until(partial(self._may, action, watch), patience, watch)
                if self._may(action, watch):
                    self._wait(self._act(action), watch)
        self._until(lambda: watch.done, patience, watch)
        failures = [event for event in self._store.since(first) if isinstance(event, VerbFailed)]
        reasons = tuple(f"{event.verb}: {event.reason}" for event in failures)
        return StepResult(step, watch.reached, time.monotonic() - began, watch.answer, reasons)

    @staticmethod
    def _may(action: Action, watch: Watch) -> bool:
        return watch.reached >= action.after

    def _act(self, action: Action) -> Future[None]:
        future: Future[None] = getattr(self._lab, action.verb)(**action.arguments)
        return future

    def _wait(self, future: Future[None], watch: Watch | None = None) -> None:
        self._until(future.done, PATIENCE + 20, watch)
        future.result(0)

    def _until(self, condition: Callable[[], Any], seconds: float, watch: Watch | None = None) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            events = self._lab.inbox.take()
            self._store.extend(events)
            if watch is not None:
                for event in events:
                    watch.feed(event)
            if condition():
                return
            time.sleep(0.01)
