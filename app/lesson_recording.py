# SPDX-License-Identifier: GPL-3.0-or-later
"""The recording of a lesson: what was observed from its set-up on, cut where each step was shown.

It plays the lesson where nothing can run, and lets tests check every lesson without a process. Times in it are seconds
since the set-up. What tells of the machine it was made on is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from app import events as e
from app.recording import Recorder, RecordingError, read_recording

LEFT_OUT = (
    e.LogLine, e.CountersSeen, e.EventsDropped, e.SourceStarted, e.SourceReady, e.SourceFailed, e.SourceFinished,
)  # fmt: skip
FOLDERS = re.compile(
    r'(?<=File ")[^"]*?/(?=(?:site-packages|app)/)'
)  # in a traceback, above Python's packages and ours
LESSON = "lesson"  # the source of the StepShown events that cut a recording


class LessonRecorder:
    """Keeps what is observed from the newest set-up on; call it with each event."""

    def __init__(self) -> None:
        self._events: list[e.Event] = []

    def __call__(self, event: e.Event) -> None:
        if isinstance(event, e.LabStarted):
            self._events.clear()
        if not isinstance(event, LEFT_OUT):
            self._events.append(_from_anywhere(event))

    def save(self, path: Path) -> None:
        """Write what was kept."""
        events = [*self._events]
        began = events[0].t
        with Recorder(path) as write:
            for event in events:
                write(replace(event, t=round(event.t - began, 6)))


def _from_anywhere(event: e.Event) -> e.Event:
    """Return an event without the folders of the machine that a traceback names."""
    if isinstance(event, e.ConsumerFailed):
        return replace(event, traceback=FOLDERS.sub("", event.traceback))
    return event


@dataclass(frozen=True)
class RecordedStep:
    """When a step was shown, and what happened until the next was."""

    t: float
    events: list[e.Event] = field(default_factory=list)


@dataclass(frozen=True)
class LessonRecording:
    """The events of the set-up, and the steps by id in their order."""

    lesson: str
    set_up: list[e.Event]
    steps: dict[str, RecordedStep]

    def before(self, step: str) -> list[e.Event]:
        """Return what had happened when a step was shown."""
        events = [*self.set_up]
        for name, recorded in self.steps.items():
            if name == step:
                break
            events += recorded.events
        return events


def read_lesson(path: Path) -> LessonRecording:
    """Read the recording of a lesson.

    Raises:
        RecordingError: the file is missing, or no recording of a lesson.
    """
    lesson, events, steps = "", list[e.Event](), dict[str, RecordedStep]()
    set_up = events
    for event in read_recording(path):
        if isinstance(event, e.StepShown) and event.source == LESSON:
            lesson = event.lesson
            steps[event.step] = RecordedStep(event.t)
            events = steps[event.step].events
        else:
            events.append(event)
    if not steps:
        raise RecordingError(f"{path}: no step is shown in it; expected the recording of a lesson.")
    return LessonRecording(lesson, set_up, steps)
