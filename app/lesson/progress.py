# SPDX-License-Identifier: GPL-3.0-or-later
"""What a learner has done: which steps of which lessons and when, in one readable JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.lesson.values import Lesson

VERSION = 1


class ProgressError(Exception):
    """A file of progress cannot be read or written: which, and what was seen and expected."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(f"{file}: {what}")
        self.file, self.what = file, what


class Done(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done of one lesson: for each step when (UTC, ISO 8601), and when its end was first reached."""

    steps: dict[str, datetime] = {}
    finished: datetime | None = None


class Progress(msgspec.Struct, frozen=True):
    """The whole file; `name` is whoever the learner wants to be, "" for nobody."""

    version: int = VERSION
    name: str = ""
    lessons: dict[str, Done] = {}

    def of(self, lesson: str) -> Done:
        """Return what was done of the lesson of that id."""
        return self.lessons.get(lesson, Done())

    def with_step(self, lesson: str, step: str, now: datetime | None = None) -> Progress:
        """Return this with a step done; the first time counts."""
        done = self.of(lesson)
        steps = done.steps | {step: done.steps.get(step) or now or _now()}
        return self._with(lesson, Done(steps=steps, finished=done.finished))

    def with_end(self, lesson: str, now: datetime | None = None) -> Progress:
        """Return this with a lesson finished; the first time counts."""
        done = self.of(lesson)
        return self._with(lesson, Done(steps=done.steps, finished=done.finished or now or _now()))

    def _with(self, lesson: str, done: Done) -> Progress:
        return Progress(name=self.name, lessons=self.lessons | {lesson: done})

    def next_step(self, lesson: Lesson) -> int:
        """Return the number, from 0, of the first step that is not done; 0 when all are."""
        steps = self.of(lesson.id).steps
        return next((number for number, step in enumerate(lesson.steps) if step.id not in steps), 0)


def merged(one: Progress, other: Progress) -> Progress:
    """Return what was done in either; the earlier time counts, and a name that is given."""
    both = {name: _both(one.of(name), other.of(name)) for name in one.lessons | other.lessons}
    return Progress(name=one.name or other.name, lessons=both)


def _both(one: Done, other: Done) -> Done:
    ends = [end for end in (one.finished, other.finished) if end is not None]
    return Done(steps=_earliest(one.steps, other.steps), finished=min(ends, default=None))


def _earliest(one: Mapping[str, datetime], other: Mapping[str, datetime]) -> dict[str, datetime]:
    return {key: min(times[key] for times in (one, other) if key in times) for key in {**one, **other}}


def read(file: Path) -> Progress:
    """Return what the file says; nothing is done where there is no file.

    Raises:
        ProgressError: it cannot be read, or is no file of progress.
    """
    try:
        progress = msgspec.json.decode(file.read_bytes(), type=Progress)
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        raise ProgressError(file, error.strerror or str(error)) from None
    except msgspec.MsgspecError as error:
        raise ProgressError(file, f"no file of progress: {error}") from None
    if progress.version > VERSION:
        raise ProgressError(file, f"written by a newer Channelscope (version {progress.version}, expected {VERSION})")
    return progress


def write(file: Path, progress: Progress) -> None:
    """Write the file as a whole, so that a power cut leaves the old one or the new one.

    Raises:
        ProgressError: it cannot be written.
    """
    part = file.with_name(file.name + ".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(progress), indent=2) + b"\n")
        part.replace(file)
    except OSError as error:
        raise ProgressError(file, error.strerror or str(error)) from None


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
