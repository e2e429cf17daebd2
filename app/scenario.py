# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario: what is done when, and what must have become of the messages; played, it is the same story every time.

A file is written as a lesson's step is: `[setup]`, actions under `[[do]]` with a time, and `[expect]`, the ledger's
totals of what was tried since the set-up. Fates that are not named there must not occur.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.ledger import NAMES, ledger
from app.lesson.place import Place, read_toml
from app.lesson.reading import read_setup
from app.lesson.ready import is_over
from app.lesson.steps import read_action
from app.lesson.texts import Words
from app.lesson.values import Action, Setup
from app.metrics import queue_of
from app.state import State

SCENARIOS = Path(__file__).parents[1] / "scenarios"
KEYS = ("title", "summary", "setup", "do", "expect")
REPLIES = "replies"  # all reply channels: their names are made anew by each server

QUIET = 0.6  # seconds without an open message, after which nothing more comes of it

Story = dict[str, tuple[str, ...]]  # by channel the fates of its messages, in the order they were sent


@dataclass(frozen=True)
class Scenario:
    """`actions` are (seconds after the set-up, what is done), by time; `expect` are the totals of fates."""

    id: str
    title: str
    summary: str
    setup: Setup
    actions: tuple[tuple[float, Action], ...]
    expect: dict[str, int]


def load_scenario(file: Path) -> Scenario:
    """Return the scenario in a file; raises LessonError, which says what is wrong with it."""
    data, place = read_toml(file), Place(file, "")
    place.only(data, KEYS)
    setup = read_setup(Place(file, "setup"), place.take(data, "setup", dict, {}))
    words = Words(setup, None)
    actions = [_timed(Place(file, f"do {n}"), one, words) for n, one in enumerate(place.tables(data, "do"), 1)]
    expect: dict[str, Any] = place.take(data, "expect", dict)
    for fate in expect:
        place.at("expect").one_of("fate", fate, NAMES)
        place.at("expect").take(expect, fate, int)
    return Scenario(
        id=file.stem,
        title=place.take(data, "title", str),
        summary=place.take(data, "summary", str),
        setup=setup,
        actions=tuple(sorted(actions, key=lambda one: one[0])),
        expect=expect,
    )


def load_scenarios(folder: Path = SCENARIOS) -> tuple[Scenario, ...]:
    """Return all scenarios of a folder, by name; raises LessonError."""
    return tuple(map(load_scenario, sorted(folder.glob("*.toml"))))


def _timed(place: Place, data: dict[str, Any], words: Words) -> tuple[float, Action]:
    at = place.convert("at", data.get("at", 0.0), float)
    return at, read_action(place, {key: value for key, value in data.items() if key != "at"}, words, 0)


class Outcome:
    """What became of what was tried since this was made; `state` is what the events up to then add up to."""

    def __init__(self, state: State) -> None:
        self._known = frozenset(state.messages)
        self._before = ledger(state)
        self.began = time.monotonic()

    def totals(self, state: State) -> dict[str, int]:
        """Return the fates that occurred, with their numbers."""
        found = Counter(ledger(state))
        found.subtract(self._before)
        return {fate: count for fate, count in found.items() if count}

    def story(self, state: State) -> Story:
        """Return the fates one by one."""
        new = [message for key, message in state.messages.items() if key not in self._known]
        told: dict[str, list[str]] = {}
        for message in sorted(new, key=lambda message: message.sent):
            queue = REPLIES if "!" in message.channel else queue_of(message.channel)
            told.setdefault(queue, []).append(message.fate.value)
        return {queue: tuple(fates) for queue, fates in told.items()}

    def differences(self, state: State, expect: dict[str, int]) -> Iterator[str]:
        """Say what is not as it was expected."""
        totals = self.totals(state)
        for fate in sorted(totals.keys() | expect.keys()):
            if totals.get(fate, 0) != expect.get(fate, 0):
                yield f"{totals.get(fate, 0)} {fate}, expected {expect.get(fate, 0)}"


class Quiet:
    """Notices when nothing more comes."""

    def __init__(self) -> None:
        self._since = 0.0

    def look(self, state: State) -> bool:
        """Return whether every message has had its fate for a while; to be asked again and again."""
        now = time.monotonic()
        self._since = (self._since or now) if is_over(state) else 0.0
        return bool(self._since) and now - self._since > QUIET
