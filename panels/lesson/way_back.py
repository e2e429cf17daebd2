# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the live system to where a step begins: set up, then what the lesson itself does in the steps before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from app.events import Event, LabStarted, VerbFailed
from app.lesson import Action, Lesson, Step, Watch
from app.state import State
from app.store import Store

if TYPE_CHECKING:
    from app.lab import Lab

PATIENCE = 10.0  # seconds for one step to come about
STARTING = 30.0  # seconds for the set-up, which may have to wait for the live system's first start
SOON = 1  # second that messages live meanwhile, where a step waits for one to expire
BRIEF = 1.5  # seconds that the chat works on a line meanwhile, at most; longer than SOON, for a step may need that


class WayBack:
    """One such way; `feed` lets it get on. `is_over`: the step may begin; `trouble`: what did not come about.

    `place` counts the steps that it has come to, from 1; 0 is the set-up.
    """

    def __init__(self, lab: Lab, store: Store, lesson: Lesson, number: int, do: Callable[[Action], Any]) -> None:
        self.lab, self.lesson, self.number, self._do = lab, lesson, number, do
        self.is_over = False
        self.trouble = ""
        self.place = 0
        self._state: Callable[[], State] = lambda: store.state
        self._watch: Watch | None = None
        self._is_started = False
        self._way = self._walk()

    def feed(self, events: Iterable[Event]) -> bool:
        """Look at what happened, and get on as far as that allows; return whether the way has just ended."""
        for event in events:
            if isinstance(event, LabStarted):
                self._is_started = True
            elif isinstance(event, VerbFailed) and event.verb == "set_up":
                self.trouble = event.reason
            if self._watch:
                self._watch.feed(event)
        if self.is_over:
            return False
        self.is_over = next(self._way, "over") == "over" or bool(self.trouble)
        return self.is_over

    def _walk(self) -> Iterator[str]:
        setup = replace(self.lesson.setup, capture="")  # the window opens it, where it is to be seen
        slow = setup.consumer_seconds or 0.0
        is_slow = self.number > 0 and slow > BRIEF
        setup = replace(setup, consumer_seconds=BRIEF) if is_slow else setup
        future = self.lab.set_up(**setup.arguments)
        yield from self._until(lambda: self._is_started and _is_done(future), "the set-up", STARTING)
        yield "news"  # of the set-up itself, if it is still on its way
        yield from self._until(lambda: is_set_up(self.lesson, self._state()), "the set-up", STARTING)
        for step in self.lesson.steps[: self.number]:
            self.place += 1
            yield from self._play(step)
        if is_slow:
            self.lab.set_consumer_seconds(slow)
            restarted = self.lab.restart_workers()
            yield from self._until(lambda: _is_done(restarted), "the workers")
            yield "news"

    def _play(self, step: Step) -> Iterator[str]:
        """Let the lesson do a step; nobody has to wait for a long expiry a second time."""
        watch = self._watch = Watch(step)
        settings = self._state().settings
        is_long = settings is not None and any(pattern.event == "MessageExpired" for pattern in step.expect)
        if is_long:
            yield from self._act(Action("set_expiry", {"seconds": SOON}, ""))
        for action in step.do:
            yield from self._until(partial(_has_reached, watch, action.after), f"the step “{step.id}”")
            yield from self._act(action)
        yield from self._until(lambda: watch.done, f"the step “{step.id}”")
        if is_long and settings:
            yield from self._act(Action("set_expiry", {"seconds": round(settings.expiry)}, ""))

    def _act(self, action: Action) -> Iterator[str]:
        future: Future[None] | None = self._do(action)
        yield from self._until(lambda: _is_done(future), action.verb)

    def _until(self, condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Iterator[str]:
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() > end:
                self.trouble = f"{what} did not come about"
                return
            yield what


def _has_reached(watch: Watch, number: int) -> bool:
    return watch.reached >= number


def _is_done(future: Future[None] | None) -> bool:
    return future is None or future.done()


def is_set_up(lesson: Lesson, state: State) -> bool:
    """Return whether the lesson's clients are there, a worker is idle (if it has any), and no message is under way."""
    setup = lesson.setup
    names = {connection.name for connection in state.connections.values() if not connection.closed}
    is_quiet = not any(count for fate, count in state.fates.items() if fate.is_open)
    is_working = setup.workers == 0 or any(worker.status == "idle" for worker in state.workers.values())
    return is_quiet and set(setup.clients) <= names and is_working
