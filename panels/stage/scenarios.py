# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios in the window: chosen in the menu of faults, played on the live system, judged by its ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer, pyqtSignal
from PyQt5.QtWidgets import QMenu

from app.events import LabStarted
from app.lesson import LessonError
from app.lesson.ready import is_set_up
from app.scenario import Outcome, Quiet, Scenario, load_scenarios
from app.state import State

if TYPE_CHECKING:
    from app.lab import Lab

LOOK = 30  # milliseconds between two looks
PATIENCE = 30.0  # seconds for the set-up


class ScenarioStage(QObject):
    """Plays one at a time; `said` tells how it goes, and whether that is as expected.

    Args:
        lab: does what is to be done.
        state: returns the newest state.
    """

    said = pyqtSignal(str, bool)

    def __init__(self, lab: Lab, state: Callable[[], State], parent: QObject) -> None:
        super().__init__(parent)
        self._lab, self._state = lab, state
        self._scenario: Scenario | None = None
        self._future: Future[None] | None = None
        self._outcome: Outcome | None = None
        self._due: list[int] = []  # numbers of the actions that are still to be done
        self._began = 0.0
        self._run: LabStarted | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)

    def fill(self, menu: QMenu) -> None:
        """Offer all of them, when the menu is opened first."""
        if menu.isEmpty():
            try:
                for scenario in load_scenarios():
                    action = menu.addAction(scenario.title, lambda scenario=scenario: self.play(scenario))
                    action.setToolTip(scenario.summary)
            except LessonError as error:
                self.said.emit(str(error), False)

    def play(self, scenario: Scenario) -> None:
        """Set up and begin; what was played before is given up."""
        self._scenario, self._outcome, self._quiet = scenario, None, Quiet()
        self._due = list(range(len(scenario.actions)))
        self._began = time.monotonic()
        self._future = self._lab.set_up(**scenario.setup.arguments)
        if self._future is not None:  # in a file nothing can be done
            self.said.emit(f"{scenario.title}: {scenario.summary}", True)
            self._timer.start()

    def _look(self) -> None:
        scenario, state, now = self._scenario, self._state(), time.monotonic()
        if scenario is None or self._future is None:
            return
        if self._outcome is None:
            if self._future.done() and is_set_up(state, scenario.setup):
                self._outcome, self._run = Outcome(state), state.settings
            elif now - self._began > PATIENCE:
                self._end("could not be set up", False)
        elif state.settings is not self._run:
            self._end("was given up: the live system began anew", True)
        elif self._due:
            at, action = scenario.actions[self._due[0]]
            if now - self._outcome.began >= at:
                del self._due[0]
                getattr(self._lab, action.verb)(**action.arguments)
        elif self._quiet.look(state):
            self._judge(scenario, self._outcome, state)

    def _judge(self, scenario: Scenario, outcome: Outcome, state: State) -> None:
        if differences := list(outcome.differences(state, scenario.expect)):
            self._end(f"not as expected: {', '.join(differences)}", False)
        else:
            totals = ", ".join(f"{count} {fate}" for fate, count in outcome.totals(state).items())
            self._end(f"as expected: {totals}", True)

    def _end(self, how: str, is_good: bool) -> None:
        title = self._scenario.title if self._scenario else ""
        self._timer.stop()
        self._scenario = None
        self.said.emit(f"{title} {how}" if how.startswith(("could", "was")) else f"{title}: {how}", is_good)
