# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py lesson list | check`: the lessons, and whether they hold against the real system."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.commands.line import fail
from app.lab import Lab
from app.lesson import LESSONS, Lesson, LessonError, load_all
from app.player import PATIENCE, Player, StepResult
from app.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what may be done with lessons."""
    parser.add_argument("what", choices=("list", "check"), help="list: one line a lesson; check: play them headless")
    parser.add_argument("ids", nargs="*", metavar="ID", help="check these only")
    parser.add_argument("--lessons", default="", metavar="DIR", help="a folder of lessons, besides the built-in ones")
    parser.add_argument("--patience", type=float, default=PATIENCE, metavar="S", help="seconds for a step (10)")
    parser.add_argument("--leave-out", action="append", default=[], metavar="VERB", help="skip an action: it must fail")


def run(args: argparse.Namespace) -> int:
    """List or check; returns 0, or 2 when a lesson is wrong or does not hold."""
    try:
        lessons = load_all(LESSONS)
        if args.lessons:
            lessons += load_all(Path(args.lessons))
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


def _check(lessons: list[Lesson], args: argparse.Namespace) -> int:
    lab = Lab(Settings(port=0))
    lab.start()
    try:
        player = Player(lab, args.patience, frozenset(args.leave_out))
        held = [_check_one(lesson, player) for lesson in lessons]
    finally:
        lab.stop()
    print(f"{sum(held)} of {len(held)} lessons hold")
    return 0 if all(held) else 2


def _check_one(lesson: Lesson, player: Player) -> bool:
    print(lesson.id)
    results = []
    for number, result in enumerate(player.play(lesson), 1):
        results.append(result)
        print(f"  {number}. {result.step.id}: {'holds' if result.is_done else 'FAILS'} ({result.seconds:.1f} s)")
        _print_checks(result)
        sys.stdout.flush()
    return len(results) == len(lesson.steps) and all(result.is_done for result in results)


def _print_checks(result: StepResult) -> None:
    for pattern in result.step.expect[result.held :]:
        fields = ", ".join(f"{name} = {value}" for name, value in pattern.fields)
        print(f"       not seen: {pattern.says or pattern.event} ({pattern.event}: {fields})")
    if result.step.predict and result.answer is not None:
        print(f"       the run's answer: {result.step.predict.options[result.answer]}")
