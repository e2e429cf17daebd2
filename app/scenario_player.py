# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a scenario without a window, against real Redis and real processes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from app.player import PATIENCE, Player
from app.scenario import Outcome, Quiet, Scenario, Story


@dataclass(frozen=True)
class Result:
    """How a scenario went: the totals, every fate one by one, and what was not as expected."""

    totals: dict[str, int]
    story: Story
    differences: tuple[str, ...]


class ScenarioPlayer(Player):
    """One lab, for one scenario after the other."""

    def run(self, scenario: Scenario) -> Result:
        """Set up, do everything in its time, and wait until every message has its fate."""
        self._set_up(scenario.setup)
        outcome = Outcome(self._store.state)
        for at, action in scenario.actions:
            self._until(lambda: False, outcome.began + at - time.monotonic())
            self._wait(self._act(action))
        quiet = Quiet()
        self._until(lambda: quiet.look(self._store.state), PATIENCE + (scenario.setup.expiry or 60))
        state = self._store.state
        return Result(outcome.totals(state), outcome.story(state), tuple(outcome.differences(state, scenario.expect)))
