# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of `make shot` that are lessons: each at its decisive step, done by the lesson's own actions."""

from __future__ import annotations

from app.lesson import load_all
from tests.shot_runner import Conditions, Story, moment

DECISIVE = {  # lesson: step; the last one where nothing is said
    "a-channel-in-redis": "body",
    "groups": "fan-out",
    "kill-the-worker": "expire",
    "at-most-once": "in-its-hands",
    "in-between": "stand-still",
    "capacity": "left-out",
    "where-did-it-go": "refused",
    "routing": "first",
    "the-opening-handshake": "proof",
    "anatomy-of-a-frame": "first-byte",
    "masking": "break",
    "ordering": "strict",
    "save-then-broadcast": "between",
    "devtools": "fragments",
    "follow-one-message": "busy",
    "foreign-page": "neighbour",
    "not-celery": "sweep",
}
PREFIX = "lesson-"
NAMES = tuple(PREFIX + lesson.id for lesson in load_all())
FRENCH = PREFIX + "in-french"
STATES = (*NAMES, FRENCH)


def play(window, state: str) -> Conditions:
    """Bring a window's lesson to its decisive step and do it; yields what to wait for."""
    from panels.lesson.session import Mode

    pane = window.lesson
    pane.speak("fr" if state == FRENCH else "en")
    lesson = pane.shelf.find("kill-the-worker" if state == FRENCH else state.removeprefix(PREFIX))
    ids = [step.id for step in lesson.steps]
    wanted = DECISIVE.get(lesson.id, ids[-1])
    pane.start(lesson, ids.index(wanted) if wanted in ids else len(ids) - 1)
    yield lambda: pane.session.mode is Mode.LIVE
    if pane.session.walk.must_choose:
        pane.view.options[-1].click()
    for action in pane.session.walk.step.do:
        yield lambda after=action.after: pane.watch.reached >= after
        pane.session.do(action)
    if state != FRENCH:  # that one is taken while the message still waits
        yield lambda: pane.watch.done
    yield from moment(1.0)


class Lessons(Story):
    """A lesson each, and one with the list before it."""

    def play(self, name: str) -> Conditions:
        """Bring a state about."""
        return play(self.window, name) if name in STATES else super().play(name)

    def lessons(self) -> Conditions:
        """The list, with something sought in it."""
        self.window.lesson.keeper.note_step("kill-the-worker", "meet")
        yield from moment(0.3)

    def lesson(self) -> Conditions:
        self.window.lesson.set_lesson("kill-the-worker")
        # the chat has three clients and three workers, the lesson one of each: until then its set-up is not there
        yield (
            lambda: list(self.state.clients) == ["bob"] and [w.status for w in self.state.workers.values()] == ["idle"]
        )
        yield from self._act(0)
        yield from self._act(1)
        self.window.lesson.view.predicted.emit(1)
        for action in self.window.lesson.watch.step.do:
            self.window.lesson.session.do(action)
        yield from moment(3)

    def _act(self, number: int):
        from panels.lesson.session import Mode

        lesson = self.window.lesson
        yield lambda: lesson.session.mode is Mode.LIVE
        yield from moment(0.3)
        for action in lesson.watch.step.do:
            lesson.session.do(action)
        yield lambda: lesson.watch.done
        lesson.page.next.click()
        yield lambda: lesson.session.walk.number == number + 1
