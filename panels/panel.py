# SPDX-License-Identifier: GPL-3.0-or-later
"""What every panel is: a widget that reads the store, calls the lab's verbs, and never writes state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget

from app.events import Selected
from app.inbox import Inbox
from app.store import Store
from app.wire.frames import opcode_name
from panels.theme import Theme

if TYPE_CHECKING:
    from app.capture.reader import CaptureReader
    from app.lab import Lab


class Panel(QWidget):
    """A part of the window.

    The window calls `advance` after new events (only while the panel is visible), `reset` when the playhead went back,
    another store was put in, or the panel was hidden meanwhile, and `restyle` when the theme changed.
    """

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    highlighted = pyqtSignal(str)

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.lab = lab
        self.inbox = lab.inbox
        self.reader: CaptureReader | None = None  # of the capture that is shown
        self.theme = theme
        self.highlights: frozenset[str] = frozenset()
        self.setAccessibleName(self.title)

    def set_store(self, store: Store, inbox: Inbox, reader: CaptureReader | None = None) -> None:
        """Read another store from now on; `inbox` is the one that fills it, `reader` that of the capture it is from."""
        self.store = store
        self.inbox = inbox
        self.reader = reader
        self.reset()

    def advance(self, since: int) -> None:
        """Show what happened from sequence number `since` on."""

    def reset(self) -> None:
        """Show the store's state from scratch."""

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self.update()

    def tick(self, now: float) -> None:
        """Called about 10 times a second while visible, for what changes with the clock alone."""

    def highlight(self, items: frozenset[str]) -> None:
        """Point at items of this panel: "workers/worker-1" comes here as "worker-1", the panel itself as ""."""
        self.highlights = items
        self.update()

    def select(self, kind: str, item: str, field: str = "") -> None:
        """Tell everybody what the user selected: it is an event like any other; `field` is a field of a frame."""
        direction, opcode = "", ""
        if kind == "frame" and item.isdecimal() and int(item) < len(self.store.index):
            row = self.store.index.row(int(item))
            direction, opcode = row.direction, opcode_name(row.opcode)
        selected = Selected(
            t=time.time(), source="window", kind=kind, item=item, direction=direction, opcode=opcode, field=field
        )
        self.inbox.put(selected)


def set_role(widget: QWidget, **properties: Any) -> QWidget:
    """Set style-sheet properties on a widget (`role="muted"`, `kind="danger"`) and have it restyled."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return widget
