# SPDX-License-Identifier: GPL-3.0-or-later
"""The Journal: every event as one line, to be filtered and exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QAbstractItemView, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from app import codec
from app.events import Selected
from app.store import Store
from app.telling import subject, tell
from panels.choice import Tick
from panels.inspector.parts import column
from panels.journal_rows import JournalError, JournalRows
from panels.lit import NOTHING, is_about, narrowed
from panels.numbers import thousands
from panels.panel import Panel, set_role
from panels.row_model import RowModel
from panels.row_table import RowTable
from panels.save_dialog import ask_where
from panels.theme import Theme
from panels.times import clock

if TYPE_CHECKING:
    from app.lab import Lab

LOOKED = 5_000  # lines looked through for one that tells of what is selected
PAUSE = 250  # milliseconds without a key before a filter counts as typed
FORMATS = {"jsonl": "JSON lines", "txt": "Text"}


class JournalPanel(Panel):
    """The table of events; choosing a line selects what it is about."""

    id = "journal"
    title = "Journal"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.rows = JournalRows(store)
        self.model = RowModel(self.rows, self)
        self.table = RowTable(self.model, theme, "Events")
        self.filter = QLineEdit()
        self.quiet = Tick("measurements and bytes", theme)
        self.count = QLabel()
        self.said = QLabel()
        self.export = QPushButton("Export…")
        self._lit = NOTHING
        self._followed: Selected | None = None
        self._dialog: QFileDialog | None = None
        self._pause, self._more = QTimer(self), QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._more.setInterval(0)
        self._build()
        self._wire_up()
        self.reset()

    def _build(self) -> None:
        px = self.theme.px
        self.filter.setAccessibleName("Filter the journal")
        self.filter.setPlaceholderText("fate:expired    kind:WorkerExited    source:worker-1    any words")
        self.filter.setClearButtonEnabled(True)
        self.quiet.setToolTip("Show also what is measured all the time, and runs of bytes")
        self.export.setToolTip("Write the lines shown into a file")
        self.export.setAccessibleName("Export events")
        set_role(self.export, kind="text")
        for label in (self.count, self.said, self.quiet):
            set_role(label, role="small")
        head, foot = QWidget(), QWidget()
        for bar in (head, foot):
            bar.setAttribute(Qt.WA_StyledBackground)
            set_role(bar, surface="panel")
        top, row = QHBoxLayout(head), QHBoxLayout(foot)
        top.setContentsMargins(px(8), px(4), px(12), px(4))
        top.addWidget(self.filter)
        row.setContentsMargins(px(10), px(3), px(12), px(3))
        for widget in (self.count, self.export, self.said):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.quiet)
        body = column(self, spacing=0)
        body.addWidget(head)
        body.addWidget(self.table, 1)
        body.addWidget(foot)

    def _wire_up(self) -> None:
        self._pause.timeout.connect(self._use_filter)
        self._more.timeout.connect(self._catch_up)
        self.filter.textChanged.connect(self._pause.start)
        self.filter.returnPressed.connect(self._use_filter)
        self.quiet.toggled.connect(self._use_filter)
        self.table.chosen.connect(self._choose)
        self.export.clicked.connect(self._ask)

    # --- news ---

    def advance(self, since: int) -> None:
        """Add the lines of new events."""
        is_crowd = self.is_crowd(since)
        if not is_crowd:  # or the next tick does: it paints the table too
            self._drop()
        if self.rows.take():
            self.model.restart()
        self._catch_up(is_crowd)
        self._light()

    def _drop(self) -> None:
        """Let go of events that are no longer kept."""
        if gone := self.rows.fallen():
            self.model.shrink(self.rows.shown_of(gone), lambda: self.rows.drop(gone))

    def tick(self, now: float) -> None:
        """Show the lines that much traffic has brought: each time costs a painting of the table."""
        self._drop()
        if len(self.rows) > self.model.rowCount():
            self._grow()

    def reset(self) -> None:
        """Show the events up to the playhead from scratch."""
        self.rows = JournalRows(self.store)
        self.rows.take()
        self._use_filter()
        if not self.store.is_live:  # a moment of the past begins at its end, whatever was selected
            self._followed = self.store.state.selected
        self._light()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.table.restyle()

    def show_filter(self, text: str) -> None:
        """Filter by this text, as if it were typed."""
        self.filter.setText(text)
        self._use_filter()

    def _use_filter(self) -> None:
        self._pause.stop()
        self.rows.hides_quiet = not self.quiet.isChecked()
        try:
            self.rows.use(self.filter.text())
            self._say("")
        except JournalError as error:
            self._say(str(error), "bad")
            self.rows.refilter()
        set_role(self.filter, state="wrong" if self.said.text() else "")
        self.model.restart(self.rows)
        self._catch_up()

    def _catch_up(self, is_crowd: bool = False) -> None:
        has_more = self.rows.catch_up()
        if not (is_crowd or has_more) or not self.model.rowCount():
            self._grow()
        if has_more and not self._more.isActive():
            self._more.start()
        elif not has_more:
            self._more.stop()

    def _grow(self) -> None:
        self.model.grow()
        shown, known = len(self.rows), len(self.rows.events)
        text = f"{thousands(shown)} of {thousands(known)} events"
        if text != self.count.text():
            self.count.setText(text)

    def _choose(self, row: int) -> None:
        kind, item = subject(self.rows.shown[row])
        if kind:
            self.select(kind, item)

    def _light(self) -> None:
        """Light up the lines that tell of what is selected; of what was selected elsewhere one is brought into view."""
        things, selected = narrowed(self.store.state), self.store.state.selected
        if things != self._lit:
            self._lit = things
            self.table.light(lambda row: is_about(self.rows.shown[row], things))
        if selected is not self._followed:
            self._followed = selected
            self._show_lit()

    def _show_lit(self) -> None:
        """Bring the newest lit line into view, unless one is in view."""
        first, last = self.table.rowAt(0), self.table.rowAt(self.table.viewport().height() - 1)
        shown, things = self.rows.shown, self._lit
        last = last if last >= 0 else len(shown) - 1
        if not things or any(is_about(shown[row], things) for row in range(max(first, 0), last + 1)):
            return
        looked = range(len(shown) - 1, max(len(shown) - LOOKED, 0) - 1, -1)
        row = next((row for row in looked if is_about(shown[row], things)), -1)
        if row >= 0:
            self.table.scrollTo(self.model.index(row, 0), QAbstractItemView.PositionAtCenter)

    # --- export ---

    def _ask(self) -> None:
        self._dialog = ask_where(self.window(), self.theme, "Export events", "events", FORMATS, self.write)

    def write(self, path: Path) -> None:
        """Write the lines shown: as text when the suffix is .txt, else as JSON lines."""
        shown = list(self.rows.shown)
        try:
            with path.open("wb") as file:
                if path.suffix == ".txt":
                    file.writelines(f"{clock(v.t)} {v.source} {tell(v)}\n".encode() for v in shown)
                else:
                    file.writelines(codec.encode(event) for event in shown)
        except OSError as error:
            self._say(f"{path.name} was not written: {error.strerror}", "bad")
        else:
            self._say(f"{len(shown)} events written to {path.name}")

    def _say(self, text: str, role: str = "small") -> None:
        self.said.setText(text)
        set_role(self.said, role=role)
