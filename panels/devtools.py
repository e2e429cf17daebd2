# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a connection twice: a table whose left half is what a browser's developer tools would show."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.events import Event, WebSocketMessageSeen
from panels.cells import PADDING
from panels.devtools_rows import DevToolsRows
from panels.inspector.parts import column
from panels.ladder_rows import LadderRows
from panels.panel import set_role
from panels.row_model import RowModel
from panels.row_table import RowTable
from panels.theme import Theme

ARROW, DATA, LENGTH, TIME, GAP = range(5)  # the left half's columns, and what lies between the halves
NARROW = 720  # pixels at scale 1: a table less wide leaves out the time and the mask, which the bytes show too
MASK = 7
BROWSER, WIRE = "What DevTools shows", "What is on the wire"


class DevToolsView(QWidget):
    """Two halves of a row each; `chosen` tells the place of the step that the user clicked or went to by keys."""

    chosen = pyqtSignal(int)

    def __init__(self, rows: LadderRows, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.model = RowModel(DevToolsRows(rows), self)
        self.table = RowTable(self.model, theme, "What DevTools shows beside what is on the wire")
        self.table.horizontalHeader().setMinimumSectionSize(theme.px(8))
        self.table.restyle()  # with columns that narrow
        self.table.chosen.connect(self.chosen)
        self.browser, self.wire = QLabel(BROWSER), QLabel(WIRE)
        head = QWidget()
        set_role(head, surface="panel")
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.px(10), theme.px(4), theme.px(10), theme.px(2))
        row.setSpacing(0)
        for label in (self.browser, self.wire):
            set_role(label, role="section")
            row.addWidget(label)
        row.addStretch(1)
        body = column(self, spacing=0)
        body.addWidget(head)
        body.addWidget(self.table, 1)
        self.setFocusProxy(self.table)

    def grow(self) -> None:
        """Show steps that came."""
        self.model.grow()

    def shrink(self, count: int, drop: Callable[[], object]) -> None:
        """Let the first steps fall off; `drop` takes them from the ladder."""
        self.model.shrink(count, drop)

    def restart(self, rows: LadderRows) -> None:
        """Show other steps from their beginning."""
        self.model.restart(DevToolsRows(rows))

    def show_place(self, place: int) -> None:
        """Mark a step and bring it into view; -1 marks none."""
        self.table.show_row(place if place < self.model.rowCount() else -1)

    def take(self, events: Iterable[Event]) -> None:
        """Show a message once its last fragment has come: its frame was there a moment before."""
        if any(isinstance(event, WebSocketMessageSeen) and len(event.rows) > 1 for event in events):
            self.model.touch()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.table.restyle()
        self._share_width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give each half its part."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Let the left half have a good half of the width, in which the data takes what is left."""
        is_narrow = self.width() < self.theme.px(NARROW)
        for spared in (TIME, MASK):
            self.table.setColumnHidden(spared, is_narrow)
        others = sum(self.table.columnWidth(number) for number in (ARROW, LENGTH, TIME, GAP))
        data = max(round(self.width() * 0.5) - others, self.theme.px(90))
        self.table.setColumnWidth(DATA, data)
        self.browser.setFixedWidth(others + data - self.theme.px(10 - PADDING))
