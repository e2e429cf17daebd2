# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: how many messages were tried, and what became of them; the totals always add up."""

from __future__ import annotations

from collections.abc import Iterator

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.entities import Fate
from app.ledger import ledger
from app.state import State
from panels.flow import Flow
from panels.lit import selected_messages
from panels.numbers import thousands
from panels.panel import set_role
from panels.theme import Theme

ROLES = {Fate.DELIVERED: "good", Fate.WAITING: "flight", Fate.HELD: "flight", Fate.UNSEEN: "muted"}
ALWAYS = ("delivered", "waiting", "expired", "refused")  # the others only when there are any
PLURALS = {"fate not seen": "fates not seen"}
TIPS = {
    "delivered": "A consumer came to its end, or the message went out on its socket",
    "waiting": "In Redis, nobody has taken it yet",
    "held by a worker": "A consumer is running, or its worker is stopped",
    "expired": "Its time was over before anybody took it",
    "refused": "The channel was full, or the message too large: the sender was told",
    "skipped in a group": "One member's channel was full: its copy was left out, nobody was told",
    "lost with a worker": "The worker was killed between taking it and coming to its end",
    "no route": "No consumer listens to what it was",
    "socket closed": "The answer came when its socket was closed",
    "unreadable": "Its body could not be decoded",
    "wiped": "Redis was emptied",
    "dropped on purpose": "The fault lab dropped it",
    "fate not seen": "It is no longer in Redis, and the news of it were dropped: the window could not keep up",
}


def filter_of(fate: str) -> str:
    """Return the Journal's filter for the messages of a fate."""
    kinds = {"refused": "kind:MessageRefused", "skipped in a group": "kind:MessageSkipped"}
    return kinds.get(fate) or f"fate:{Fate(fate).name.lower()}"


class Ledger(QWidget):
    """A button for each fate, and the sum; `chosen` asks for the messages of one."""

    chosen = pyqtSignal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("What became of all messages")
        self.buttons: dict[str, QPushButton] = {}
        self.total = QLabel()
        set_role(self.total, role="small")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(2), theme.px(10), theme.px(4))
        fates = QWidget()  # on two lines where the window is narrow: what happened must not push the panels beside it
        flow = Flow(theme.px(2), fates)
        row.addWidget(fates, 1)
        for name in ledger(State()):
            button = self.buttons[name] = QPushButton()
            button.setObjectName(name)  # what lessons call it
            button.setToolTip(f"{TIPS[name]}\nClick to see them in the Journal")
            button.clicked.connect(lambda _, name=name: self.chosen.emit(name))
            set_role(button, kind="fate", role=self._role(name))
            flow.addWidget(button)
        row.addWidget(self.total, 0, Qt.AlignVCenter)

    def _role(self, name: str) -> str:
        fate = next((fate for fate in Fate if fate.value == name), None)
        return ROLES.get(fate, "bad") if fate else "bad"

    def light(self, fates: frozenset[str]) -> None:
        """Mark the fates of the messages that are selected."""
        for name, button in self.buttons.items():
            if bool(button.property("lit")) != (name in fates):
                set_role(button, lit=name in fates)

    def show_state(self, state: State) -> None:
        """Show the numbers of a state, and what became of what is selected."""
        self.light(frozenset(message.fate.value for message in selected_messages(state)))
        found = ledger(state)
        for name, count in found.items():
            button, text = self.buttons[name], f"{thousands(count)} {PLURALS.get(name, name)}"
            if button.text() != text:
                button.setText(text)
                button.setAccessibleName(text)
            is_shown = bool(count) or name in ALWAYS
            if button.isHidden() == is_shown:
                button.setVisible(is_shown)
            if button.isEnabled() != bool(count):
                button.setEnabled(bool(count))
        text = f"= {thousands(sum(found.values()))} attempts"
        if state.events_dropped:
            text = f"{thousands(state.events_dropped)} observations dropped · {text}"
        if text != self.total.text():
            self.total.setText(text)
            self.total.setToolTip("\n".join(_notes(state)))


def _notes(state: State) -> Iterator[str]:
    """Yield what is not to be seen of these messages, and why."""
    if kinds := ", ".join(f"{count} {kind}" for kind, count in state.unsaid.items() if count):
        yield f"Dropped, because they could not be taken in time: {kinds}"
    if things := ", ".join(f"{count} {what}" for what, count in state.forgotten.items()):
        yield f"Counted, but no longer kept to be looked at: {things}"
