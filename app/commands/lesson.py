# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py lesson list | check`: the lessons, and whether they hold against the real system."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.commands.line import fail
from app.events import Event
from app.lab import Lab
from app.lesson import LESSONS, Lesson, LessonError, languages, load_all
from app.lesson_recording import LessonRecorder
from app.player import PATIENCE, Player, StepResult, recorded
from app.recording import RecordingError
from app.settings import Settings

LINGER = 1.5  # seconds a recording stays at a step that is done


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what may be done with lessons."""
    parser.add_argument("what", choices=("list", "check"), help="list: one line a lesson; check: play them headless")
    parser.add_argument("ids", nargs="*", metavar="ID", help="check these only")
    parser.add_argument("--lessons", default="", metavar="DIR", help="a folder of lessons, besides the built-in ones")
    parser.add_argument("--patience", type=float, default=PATIENCE, metavar="S", help="seconds for a step (10)")
    parser.add_argument("--record", action="store_true", help="keep each lesson that holds as its recording")
    parser.add_argument("--recorded", action="store_true", help="check the recordings instead; starts no process")
    parser.add_argument("--leave-out", action="append", default=[], metavar="VERB", help="skip an action: it must fail")


def run(args: argparse.Namespace) -> int:
    """List or check; returns 0, or 2 when a lesson is wrong or does not hold."""
    try:
        lessons = _in_every_language(LESSONS)
        if args.lessons:
            lessons += _in_every_language(Path(args.lessons))
    except LessonError as error:
        return fail(str(error))
    unknown = set(args.ids) - {lesson.id for lesson in lessons}
    if unknown:
        known = ", ".join(lesson.id for lesson in lessons)
        return fail(f"there is no lesson {', '.join(sorted(unknown))}; there are: {known}")
    if args.what == "list":
        for lesson in lessons:
            print(f"{lesson.id:<20} {lesson.minutes:>2} min  {lesson.title}: {lesson.summary}")
        return 0
    return _check([lesson for lesson in lessons if not args.ids or lesson.id in args.ids], args)


def _in_every_language(root: Path) -> tuple[Lesson, ...]:
    """Return the lessons of a folder in English; those of other languages must be right too."""
    for language in languages(root):
        load_all(root, language)
    return load_all(root)


def _check(lessons: list[Lesson], args: argparse.Namespace) -> int:
    if args.recorded:
        held = [_check_one(lesson, _or_reason(recorded(lesson))) for lesson in lessons]
    elif args.record:
        held = [_record(lesson, args) for lesson in lessons]
    else:
        with _player(args) as player:
            held = [_check_one(lesson, player.play(lesson)) for lesson in lessons]
    print(f"{sum(held)} of {len(held)} lessons hold")
    return 0 if all(held) else 2


@contextmanager
def _player(args: argparse.Namespace, observed: Callable[[Event], None] | None = None) -> Iterator[Player]:
    """Run a lab for the length of a with block, and a player on it."""
    lab = Lab(Settings(port=0), observed=observed)
    lab.start()
    try:
        yield Player(lab, args.patience, frozenset(args.leave_out), linger=LINGER if args.record else 0.0)
    finally:
        lab.stop()


def _record(lesson: Lesson, args: argparse.Namespace) -> bool:
    """Play a lesson in a lab of its own and keep what happened, unless it failed."""
    recorder = LessonRecorder()
    with _player(args, recorder) as player:
        player.watch_keys()
        holds = _check_one(lesson, player.play(lesson))
        if holds:  # now: how the lab ends is no part of the lesson
            recorder.save(lesson.recording)
    if holds:
        print(f"  kept in {lesson.recording} ({lesson.recording.stat().st_size / 1024:.0f} KiB)")
    return holds


def _or_reason(results: Iterator[StepResult]) -> Iterator[StepResult]:
    """Yield results; say why there are no more where a recording is wrong."""
    try:
        yield from results
    except RecordingError as error:
        print(f"  FAILS: {error}")


def _check_one(lesson: Lesson, play: Iterable[StepResult]) -> bool:
    print(lesson.id)
    results = []
    for number, result in enumerate(play, 1):
        results.append(result)
        print(f"  {number}. {result.step.id}: {'holds' if result.is_done else 'FAILS'} ({result.seconds:.1f} s)")
        _print_checks(result)
        sys.stdout.flush()
    return len(results) == len(lesson.steps) and all(result.is_done for result in results)


def _print_checks(result: StepResult) -> None:
    for pattern in result.step.expect[result.held :]:
        fields = ", ".join(f"{name} = {value}" for name, value in pattern.fields)
        print(f"       not seen: {pattern.says or pattern.event} ({pattern.event}: {fields})")
    for failure in result.failures if not result.is_done else ():
        print(f"       could not be done: {failure}")
    if result.step.predict and result.answer is not None:
        print(f"       the run's answer: {result.step.predict.options[result.answer]}")
