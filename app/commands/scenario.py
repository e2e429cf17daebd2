# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py scenario list | run`: stories of faults, played against real processes, and whether they end as expected."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.commands.line import fail
from app.lab import Lab
from app.lesson import LessonError
from app.scenario import SCENARIOS, Scenario, load_scenario, load_scenarios
from app.scenario_player import Result, ScenarioPlayer
from app.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what may be done with scenarios."""
    parser.add_argument("what", choices=("list", "run"), help="list: one line a scenario; run: play them headless")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of those that come with the program, or files")
    parser.add_argument("--story", action="store_true", help="print the fate of every message")


def run(args: argparse.Namespace) -> int:
    """List or run; returns 0, or 2 when a file is wrong or a scenario does not end as expected."""
    try:
        chosen = [load_scenario(_file(name)) for name in args.names] or list(load_scenarios())
    except LessonError as error:
        return fail(str(error))
    if args.what == "list":
        for scenario in chosen:
            print(f"{scenario.id:<16} {scenario.title}: {scenario.summary}")
        return 0
    lab = Lab(Settings(port=0))
    lab.start()
    try:
        player = ScenarioPlayer(lab)
        held = [_tell(scenario, player.run(scenario), args.story) for scenario in chosen]
    finally:
        lab.stop()
    print(f"{sum(held)} of {len(held)} scenarios end as expected")
    return 0 if all(held) else 2


def _file(name: str) -> Path:
    shipped = SCENARIOS / f"{name}.toml"
    return shipped if "/" not in name and shipped.exists() else Path(name)


def _tell(scenario: Scenario, result: Result, is_story_wanted: bool) -> bool:
    totals = ", ".join(f"{count} {fate}" for fate, count in result.totals.items())
    print(f"{scenario.id}: {totals or 'nothing was tried'}")
    for queue, fates in result.story.items() if is_story_wanted else ():
        print(f"  {queue}: {', '.join(fates)}")
    for difference in result.differences:
        print(f"  FAILS: {difference}")
    return not result.differences
