# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of `make shot` that are lessons: each at its decisive step, done by the lesson's own actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from app.lesson import load_all

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


def play(window, state: str) -> Iterator[Callable[[], object]]:
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
    until = time.monotonic() + 1.0
    yield lambda: time.monotonic() > until
