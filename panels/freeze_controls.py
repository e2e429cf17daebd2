# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeze, Step and the speed of the live system, in the bar at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QEvent, QObject, Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QPushButton, QShortcut, QWidget

from app.state import State
from panels.bar import BarButton
from panels.choice import Choice
from panels.lit import lit
from panels.shortcuts import set_text
from panels.stage.held import step_for
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

SPEEDS = {"1×": 1.0, "½×": 0.5, "¼×": 0.25, "0.1×": 0.1, "0.05×": 0.05}
FREEZE_TIP = "Hold every message where it is, and the clock of Redis too (F9)"
THAW_TIP = "Let everything go on exactly from here (F9)"
STEP_TIP = "Let one message pass one gate: what is selected, or what is furthest on its way (F10)"
SPEED_TIP = "Slow motion: every gate holds each message for a while (Shift+F9 slower, Shift+F10 faster)"
IDLE_TIP = "Freeze first; then each step lets one message pass one gate (F10)"


def name_of_speed(speed: float) -> str:
    """Return what a speed is called."""
    return next((name for name, known in SPEEDS.items() if known == speed), f"{speed:g}×")


class FreezeControls(QObject):
    """Two buttons and a choice; they act on the live system, not on what is shown of the past."""

    def __init__(self, lab: Lab, theme: Theme) -> None:
        super().__init__()
        self._lab = lab
        self._state = State()
        self.freeze = BarButton("❚❚ Freeze")
        self.freeze.setShortcut("F9")
        self.freeze.setToolTip(FREEZE_TIP)
        self.freeze.setAccessibleName("Freeze")
        self.freeze.clicked.connect(self.toggle)
        self.step = BarButton("▸| Step")
        self.step.setShortcut("F10")
        self.step.setAccessibleName("Step")
        self.step.clicked.connect(self._step)
        self.speed = Choice(theme)
        self.speed.addItems(SPEEDS)
        self.speed.setAccessibleName("Speed of the live system")
        self.speed.setToolTip(SPEED_TIP)
        self.speed.activated.connect(lambda _: self._set_speed())
        for keys, what, by in (("Shift+F9", "Slower", 1), ("Shift+F10", "Faster", -1)):
            shortcut = QShortcut(QKeySequence(keys), self.speed)
            shortcut.setWhatsThis(f"{what}: slow motion of the live system")
            shortcut.activated.connect(lambda by=by: self._change_speed(by))
        self.show_state(self._state)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """What stands in the bar, from left to right."""
        return self.freeze, self.step, self.speed

    def show_state(self, state: State) -> None:
        """Show whether the live system stands still, and how fast it goes."""
        self._state = state
        is_frozen, refusal = bool(state.clock.since), self._lab.no_freeze
        set_text(self.freeze, "▶ Thaw" if is_frozen else "❚❚ Freeze")
        cannot = f"It cannot be frozen: {refusal} (F9)" if refusal else FREEZE_TIP
        _set_tip(self.freeze, THAW_TIP if is_frozen else cannot)
        self.freeze.setEnabled(is_frozen or not refusal)
        self.step.setEnabled(is_frozen)
        _set_tip(self.step, STEP_TIP if is_frozen else IDLE_TIP)
        name = name_of_speed(state.speed)
        if self.speed.findText(name) < 0:
            self.speed.addItem(name)
        if self.speed.currentText() != name and not self.speed.view().isVisible():
            self.speed.setCurrentText(name)

    def toggle(self) -> None:
        """Freeze, or thaw, while the live system is shown."""
        if not self.freeze.isVisible():
            return
        if self._state.clock.since:
            self._lab.thaw()
        elif not self._lab.no_freeze:
            self._lab.freeze()

    def eventFilter(self, watched: QObject, event: Any) -> bool:
        """Space, which no widget of the window took, stops everything and lets it go on."""
        is_space = event.type() == QEvent.KeyPress and event.key() == Qt.Key_Space and not event.isAutoRepeat()
        if is_space:
            self.toggle()
        return is_space

    def _step(self) -> None:
        self._lab.step(**step_for(self._state, lit(self._state)))

    def _set_speed(self) -> None:
        name = self.speed.currentText()
        self._lab.set_speed(SPEEDS.get(name, self._state.speed))

    def _change_speed(self, by: int) -> None:
        speeds = sorted({*SPEEDS.values(), self._state.speed}, reverse=True)
        place = speeds.index(self._state.speed) + by
        if self.speed.isVisible() and 0 <= place < len(speeds):
            self._lab.set_speed(speeds[place])


def _set_tip(button: QPushButton, tip: str) -> None:
    if button.toolTip() != tip:
        button.setToolTip(tip)
