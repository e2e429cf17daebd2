# SPDX-License-Identifier: GPL-3.0-or-later
"""What every view of the Inspector is: it shows one thing of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QLabel, QWidget

from app.state import State
from app.store import Store
from panels.inspector.parts import column, label
from panels.theme import Theme

if TYPE_CHECKING:
    from app.capture.reader import CaptureReader


class View(QWidget):
    """A part of the Inspector that is shown while something of its kind is selected."""

    kind: ClassVar[str] = ""
    picked = pyqtSignal(str, str)  # the user follows a link to something else: its kind and item
    chosen = pyqtSignal(str)  # a part of what is shown: the name of a frame's field
    told = pyqtSignal(object)  # an event: what the user did here
    wants = pyqtSignal(str, object)  # a verb of the lab, and its arguments

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__()
        self.store = store
        self.theme = theme
        self.reader: CaptureReader | None = None  # of the capture that is shown
        self.item = ""
        self.body = column(self)
        self.head = label("", "small")
        self.body.addWidget(self.head)

    @property
    def state(self) -> State:
        """The state at the playhead."""
        return self.store.state

    def show_item(self, item: str, now: float) -> None:
        """Show another thing of this kind."""
        self.item = item
        self.refresh(now)

    def refresh(self, now: float) -> None:
        """Show what events may have changed."""

    def tick(self, now: float) -> None:
        """Show what the clock alone changes."""

    def restyle(self) -> None:
        """Take measures and colours from the theme again."""

    def show_part(self, name: str) -> None:
        """Show one part of the thing more closely."""

    def highlight(self, items: frozenset[str]) -> QWidget | None:
        """Point at parts by their names; returns one that should be in sight."""
        return None

    def add_section(self, title: str) -> QLabel:
        """Add a section's title; returns it."""
        made = label(title, "section")
        made.setContentsMargins(0, self.theme.px(6), 0, 0)
        self.body.addWidget(made)
        return made


def name_of(state: State, connection: str) -> str:
    """Return what to call a connection's client: the name the demo gave it, else its address."""
    known = state.connections.get(connection)
    return (known.name or known.client) if known else connection


def way_of(state: State, connection: str, direction: str) -> str:
    """Return who sends to whom."""
    name = name_of(state, connection)
    return f"{name} → server" if direction == "client" else f"server → {name}"
