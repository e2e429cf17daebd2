# SPDX-License-Identifier: GPL-3.0-or-later
"""What every panel is: a widget that reads the store, calls the lab's verbs, and never writes state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from PyQt5.QtCore import QRect, pyqtSignal
from PyQt5.QtWidgets import QTableView, QWidget

from app.events import Selected
from app.inbox import Inbox
from app.store import Store
from app.wire.frames import opcode_name
from panels.halo import Halo, column_in, named, place_in, reveal
from panels.theme import Theme

if TYPE_CHECKING:
    from app.capture.reader import CaptureReader
    from app.lab import Lab

MANY = 100  # events at once: nobody can tell them apart, so what they change is shown with the next `tick`
AT_ONCE = 0.1  # seconds: what happened within them is seen as one


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
        self._halo: Halo | None = None  # made when something is pointed at
        self.setAccessibleName(self.title)

    def set_store(self, store: Store, inbox: Inbox, reader: CaptureReader | None = None) -> None:
        """Read another store from now on; `inbox` is the one that fills it, `reader` that of the capture it is from."""
        self.store = store
        self.inbox = inbox
        self.reader = reader
        self.reset()

    def advance(self, since: int) -> None:
        """Show what happened from sequence number `since` on."""

    def is_crowd(self, since: int) -> bool:
        """Whether what is new is too much to be told apart, or comes right behind so much: the next `tick` shows it."""
        end = self.store.playhead
        if end - since >= MANY:
            return True
        newest = self.store.between(end - MANY, end)
        return len(newest) == MANY and newest[-1].t - newest[0].t < AT_ONCE

    def reset(self) -> None:
        """Show the store's state from scratch."""

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self.update()

    def tick(self, now: float) -> None:
        """Called about 10 times a second while visible, for what changes with the clock alone."""

    def highlight(self, items: frozenset[str]) -> None:
        """Point at items of this panel: "workers/worker-1" comes here as "worker-1", the panel itself as ""."""
        for item in items - self.highlights:
            if part := named(self, item):
                reveal(part)
        self.highlights = items
        if items and self._halo is None:
            self._halo = Halo(self, self.theme, self._halo_places)
        if self._halo is not None:
            self._halo.point(bool(items))
        self.update()

    def _halo_places(self) -> list[QRect]:
        return [place for item in sorted(self.highlights) if (place := self.place_of(item)) is not None]

    def place_of(self, item: str) -> QRect | None:
        """Return where an item is, None when it is not to be seen, or when the panel shows by itself that it is meant.

        An item is a part of the panel by its name, or a column of its table by its title; "" is the panel itself.
        """
        if not item:
            return self.rect()
        part = named(self, item)
        table = getattr(self, "table", None)
        if part is None and isinstance(table, QTableView):
            return column_in(self, table, item)
        return None if part is None else place_in(self, part)

    def select(self, kind: str, item: str, field: str = "") -> None:
        """Tell everybody what the user selected: it is an event like any other; `field` is a field of a frame."""
        direction, opcode = "", ""
        if kind == "frame" and item.isdecimal() and (row := self.store.index.find(int(item))):
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
