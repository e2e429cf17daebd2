# SPDX-License-Identifier: GPL-3.0-or-later
"""The row of controls under the Stage, and the line above it that says what went wrong."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING

from PyQt5.QtCore import QPoint, Qt, pyqtSignal
from PyQt5.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from app.events import VerbFailed
from app.settings import Settings
from app.state import State
from panels.numbers import tied
from panels.panel import set_role
from panels.shortcuts import set_text
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

EXPIRIES = (5, 15, 60)  # seconds
FAULTS = {  # by name: what the menu says, and what it means
    "drop": ("Drop one in five", "A fifth of all messages is thrown away on purpose, the same ones every time"),
    "delay": ("Delay up to 0.5 s", "Every send takes up to half a second longer"),
    "fill": (
        "Fill a channel",
        "All workers are killed, and a client says one line more than its channel has places: it is refused (1013)",
    ),
    "none": ("No more faults", "Nothing is dropped or delayed any longer"),
    "flushdb": ("Empty Redis (flushdb)", "All messages and groups are gone; the sockets do not know"),
    "restart": ("Restart Redis", "A new, empty one; the interface server closes its sockets (1012)"),
}
SEED = 1  # of what fails on purpose: a lecture can be repeated
SURE = {"flushdb": "Delete all messages and groups"}  # faults that are asked for twice, and how the second time


def let_fail(lab: Lab, fault: str, state: State) -> None:
    """Let something go wrong on purpose, one of FAULTS."""
    match fault:
        case "drop":
            lab.set_faults(drop={"*": 0.2}, seed=SEED)
        case "delay":
            lab.set_faults(delay={"*": 0.5}, seed=SEED)
        case "fill":
            _fill(lab, state)
        case "none":
            lab.set_faults()
        case "flushdb":
            lab.run_command("flushdb", confirmed=True)
        case "restart":
            lab.restart_redis()


def _fill(lab: Lab, state: State) -> None:
    speaker = next(iter(state.clients), "")
    if not speaker:
        reason = "Nobody is there who could fill a channel."
        failed = VerbFailed(t=time.time(), source="window", verb="fill", reason=reason, remedy="Add a client first.")
        return lab.inbox.put(failed)
    lab.kill_all_workers()
    capacity = state.settings.capacity if state.settings else Settings.capacity
    taken = sum(worker.is_alive for worker in state.workers.values())  # each may take one before it is dead
    lab.send_text(speaker, "Is there room for one more?", count=capacity + taken + 1)


class Controls(QWidget):
    """Kill all workers, start workers, expiry, reset: large, always in the same place."""

    kill_all = pyqtSignal()
    start_workers = pyqtSignal()
    expiry_chosen = pyqtSignal(int)
    reset_wanted = pyqtSignal()
    fault_chosen = pyqtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("controls")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(16), theme.px(4), theme.px(16), theme.px(8))
        row.setSpacing(theme.px(8))
        self.buttons: dict[str, QPushButton] = {}
        self._add("kill_all", "Kill all workers", "Ctrl+K", "SIGKILL to every worker: they die at once", self.kill_all)
        set_role(self.buttons["kill_all"], kind="danger")
        tip = "Bring the workers back to the number at the start"
        self._add("start_workers", "Start workers", "Ctrl+Shift+K", tip, self.start_workers)
        row.addStretch()
        row.addWidget(self._expiry())
        row.addStretch()
        self.faults = QPushButton("Faults ▾")
        self.faults.setAccessibleName("Faults")
        self.faults.setShortcut("Ctrl+Shift+F")
        self.faults.setToolTip("Let something go wrong on purpose (Ctrl+Shift+F)")
        self.fault_menu = QMenu(self)
        for name, (text, tip) in FAULTS.items():
            menu = self.fault_menu.addMenu(text) if name in SURE else self.fault_menu
            menu.setToolTipsVisible(True)
            action = menu.addAction(SURE.get(name, text), lambda name=name: self.fault_chosen.emit(name))
            action.setToolTip(tip)
        self.fault_menu.addSeparator()
        self.scenario_menu = self.fault_menu.addMenu("Play a scenario")
        self.scenario_menu.setToolTipsVisible(True)
        self.faults.clicked.connect(self._open_faults)
        row.addWidget(self.faults)
        self.buttons["faults"] = self.faults
        self._add("reset", "Reset", "Ctrl+R", "Back to the start state; asks nothing", self.reset_wanted)

    def show_expiry(self, seconds: float) -> None:
        """Mark the expiry in force, or, if it is none of the three, name it."""
        self._choice.setExclusive(False)  # or one of them would stay marked
        for number, button in self.choices.items():
            button.setChecked(number == seconds)
        self._choice.setExclusive(True)
        self.expiry.setText("Expiry " if seconds in self.choices else f"Expiry {seconds:g} s ")

    def show_faults(self, is_failing: bool) -> None:
        """Say whether something fails on purpose now."""
        set_text(self.faults, "Faults on ▾" if is_failing else "Faults ▾")
        kind = "danger" if is_failing else ""
        if self.faults.property("kind") != kind:
            set_role(self.faults, kind=kind)

    def _open_faults(self) -> None:
        above = QPoint(0, -self.fault_menu.sizeHint().height())
        self.fault_menu.popup(self.faults.mapToGlobal(above))

    def point_at(self, items: frozenset[str]) -> None:
        """Put a halo around the controls a lesson points at."""
        for name, button in {**self.buttons, "expiry": self.frame}.items():
            set_role(button, pointed="true" if name in items else "false")

    def _add(self, name: str, text: str, keys: str, tip: str, signal: pyqtSignal) -> None:
        button = QPushButton(text)
        button.setShortcut(keys)
        button.setToolTip(f"{tip} ({keys})")
        button.setAccessibleName(text)
        button.clicked.connect(lambda: signal.emit())
        self.layout().addWidget(button)
        self.buttons[name] = button

    def _expiry(self) -> QWidget:
        self.frame = QFrame()
        self.frame.setAccessibleName("Expiry of a message")
        row = QHBoxLayout(self.frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.theme.px(2))
        self.expiry = QLabel("Expiry ")
        row.addWidget(set_role(self.expiry, role="muted"))
        self.choices: dict[int, QPushButton] = {}
        self._choice = QButtonGroup(self.frame)
        for place, seconds in enumerate(EXPIRIES):
            button = QPushButton(f"{seconds} s")
            button.setCheckable(True)
            button.setShortcut(f"Alt+{place + 1}")
            button.setToolTip(f"A message nobody reads is gone after {seconds} s (Alt+{place + 1})")
            button.setAccessibleName(f"Expiry {seconds} seconds")
            button.clicked.connect(lambda _, chosen=seconds: self.expiry_chosen.emit(chosen))
            set_role(button, kind="segment")
            self._choice.addButton(button)
            row.addWidget(button)
            self.choices[seconds] = button
        return self.frame


class Notice(QFrame):
    """One line that says what was seen and what to do; a cross puts it away."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(4), theme.px(4), theme.px(4))
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.RichText)
        self.label.setTextInteractionFlags(Qt.TextBrowserInteraction)
        self.label.setOpenExternalLinks(True)
        self._said: tuple[object, ...] = ()
        self.cross = QToolButton()
        self.cross.setText("✕")
        self.cross.setAccessibleName("Dismiss")
        self.cross.setToolTip("Dismiss")
        self.cross.clicked.connect(self.hide)
        row.addWidget(self.label, 1)
        row.addWidget(self.cross)
        self.hide()

    def say(
        self, what: str, remedy: str = "", level: str = "bad", can_dismiss: bool = True, links: tuple[str, ...] = ()
    ) -> None:
        """Show a line; `level` is "bad" or "flight", `links` are addresses that open in the browser."""
        said = what, remedy, level, can_dismiss, links, self.theme.palette.name
        if said == self._said:  # asked for many times a second
            return self.show()
        self._said = said
        code = f"<span style=\"font-family:'{self.theme.mono().family()}'\">\\1</span>"
        text = html.escape(what, quote=False) + (f" &nbsp;·&nbsp; {html.escape(remedy, quote=False)}" if remedy else "")
        opened = "".join(
            f' &nbsp;<a href="{html.escape(link)}">{html.escape(link.partition("://")[2])}</a>' for link in links
        )
        self.label.setText(re.sub(r"`([^`]+)`", code, tied(text)) + opened)
        self.cross.setVisible(can_dismiss)
        set_role(self, level=level)
        self.show()
