# SPDX-License-Identifier: GPL-3.0-or-later
"""The Wire panel: a row for every frame, with a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import QRect, Qt, QTimer
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.events import ClientNamed, Event, Selected, WebSocketMessageSeen
from app.picked import Picked
from app.store import Store
from app.way import stop_of
from panels.cells import PADDING
from panels.choice import Tick
from panels.export import ExportButton
from panels.filter_line import FilterLine
from panels.halo import row_in
from panels.inspector.parts import column
from panels.lit import NOTHING, frame_of, narrowed
from panels.numbers import thousands
from panels.panel import Panel, set_role
from panels.row_model import RowModel
from panels.row_table import RowTable
from panels.theme import Theme
from panels.wire_rows import TAKEN, WireRows

if TYPE_CHECKING:
    from app.lab import Lab


ADDRESS, PART = 148, 0.19  # pixels at scale 1 for an address and its port, and the part of the width they may take
NARROW = 720  # pixels at scale 1: a table less wide leaves out what its payload column and the Inspector tell as well
SPARED = (4, 6)  # FIN, the mask
CLIENT = 2  # the number of the column


class WirePanel(Panel):
    """The table of frames; `filter_line` is for whoever places it (beside the tabs)."""

    id = "wire"
    title = "Wire"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.rows, self._taken = WireRows(store), Picked(TAKEN)
        self.model = RowModel(self.rows, self)
        self.table = RowTable(self.model, theme, "Frames")
        self.filter_line = FilterLine(theme)
        self.notice = QLabel(self)  # lies over the table's head, so that no row moves when it comes
        self.count = QLabel()
        self.control = Tick("control frames", theme)
        self.export = ExportButton(self, lambda: [item for item in self.rows.shown if item >= 0])
        self.exported = QLabel()
        self._followed: Selected | None = None
        self._is_known = True  # whether the selected thing had a frame when it was followed
        self._lit = NOTHING
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._catch_up)
        self._build()
        self.table.chosen.connect(self._choose)
        self.control.toggled.connect(self._refilter)
        self.filter_line.compiled.connect(self._use_filter)
        self.filter_line.failed.connect(self._show_failure)
        self.export.said.connect(self._show_export)
        self.export.failed.connect(self._show_failure)
        self.reset()

    def _build(self) -> None:
        set_role(self.notice, role="notice")
        self.notice.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        self.notice.hide()
        self.control.setChecked(True)
        self.control.setToolTip("Show CLOSE, PING and PONG frames")
        set_role(self.control, role="small")
        set_role(self.count, role="small")
        foot = QWidget()
        foot.setAttribute(Qt.WA_StyledBackground)
        set_role(foot, surface="panel")
        row = QHBoxLayout(foot)
        row.setContentsMargins(self.theme.px(10), self.theme.px(3), self.theme.px(12), self.theme.px(3))
        set_role(self.exported, role="small")
        row.addWidget(self.count)
        row.addWidget(self.export)
        row.addWidget(self.exported)
        row.addStretch(1)
        row.addWidget(self.control)
        body = column(self, spacing=0)
        body.addWidget(self.table, 1)
        body.addWidget(foot)

    # --- news ---

    def advance(self, since: int) -> None:
        """Add the rows of new frames; those that are told apart differently now are painted again."""
        events = self.store.since(since)
        self._share_width()
        if self.rows.take(events):
            self.rows.refilter()
            self.model.restart()
        self._catch_up(self.is_crowd(since))
        self._touch(events)
        if self.store.state.selected is not self._followed or (not self._is_known and self._selected_row >= 0):
            self._follow_selection()
        self._light()

    def reset(self) -> None:
        """Show the frames up to the playhead from scratch; a reader who goes to another moment stays where he is."""
        old, followed = self.rows, self._followed
        place = self.table.place
        self.rows = WireRows(self.store)
        self.rows.predicate, self.rows.hides_control = old.predicate, old.hides_control
        self._share_width()
        self.rows.take(self._taken.since(self.store, self.store.start))
        self.rows.refilter()
        self.model.restart(self.rows)
        self._catch_up()
        self._follow_selection()
        if followed is self._followed and old.store is self.store:
            self.table.go_to_place(place)
        self._light()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.table.restyle()
        self.filter_line.restyle()
        self._share_width()

    def _share_width(self) -> None:
        """Give addresses more room than names, a capture has no names, and the payload that of lesser columns."""
        width = self.theme.px(self.rows.columns[CLIENT].width + PADDING)
        if self.reader is not None:
            width = max(width, min(self.theme.px(ADDRESS), round(self.width() * PART)))
        if self.table.columnWidth(CLIENT) != width:
            self.table.setColumnWidth(CLIENT, width)
        is_narrow = self.width() < self.theme.px(NARROW)
        for spared in SPARED:
            if self.table.isColumnHidden(spared) != is_narrow:
                self.table.setColumnHidden(spared, is_narrow)

    def _touch(self, events: list[Event]) -> None:
        """Have rows painted again that look different now: a client got its name, a message is complete."""
        rows: list[int] = []
        for event in events:
            if type(event) is WebSocketMessageSeen and len(event.rows) > 1:
                rows += event.rows[:-1]
            elif type(event) is ClientNamed:
                self.model.touch()
                return
        if rows:
            places = [place for place in (self.rows.place_of(rows[0]), self.rows.place_of(rows[-1])) if place >= 0]
            if places:
                self.model.touch(places[0])

    # --- the filter ---

    def _use_filter(self, predicate: object) -> None:
        self.rows.predicate = predicate  # type: ignore[assignment]
        self._refilter()

    def _refilter(self) -> None:
        self.rows.hides_control = not self.control.isChecked()
        self.rows.refilter()
        self.model.restart()
        self._catch_up()
        self._follow_selection()

    def look_again(self) -> None:
        """Show frames that were found to break more rules; a filter that is in force may let others pass now."""
        if self.rows.predicate is None:
            self.model.touch()
        else:
            self._refilter()

    @property
    def is_filtering(self) -> bool:
        """Whether the filter has rows yet to see."""
        return self._more.isActive()

    def _drop(self) -> None:
        """Let go of frames that are no longer kept."""
        if gone := self.rows.fallen():
            self.model.shrink(self.rows.shown_of(gone), lambda: self.rows.drop(gone))
            self._count()

    def _catch_up(self, is_crowd: bool = False) -> None:
        self._drop()
        has_more, capture = self.rows.catch_up(), self.store.state.capture
        is_partial = has_more or is_crowd or (capture is not None and not capture.finished)
        if not is_partial or not self.model.rowCount():  # the first rows at once, more with the next tick
            self._grow()
        if has_more and not self._more.isActive():
            self._more.start()
        elif not has_more:
            self._more.stop()

    def tick(self, now: float) -> None:
        """Show the rows that traffic, a capture or a filter has brought: each time costs a painting of the table."""
        self._drop()
        if len(self.rows) > self.model.rowCount():
            self._grow()

    def _grow(self) -> None:
        self.model.grow()
        self._count()

    def _count(self) -> None:
        shown, known = len(self.rows), len(self.rows.items)
        text = f"{thousands(known)} rows" if shown == known else f"{thousands(shown)} of {thousands(known)} rows"
        if dropped := self.store.index.dropped:
            text += f" · {thousands(dropped)} older frames are no longer kept"
        self.count.setText(text)

    def _show_export(self, text: str) -> None:
        self.exported.setText(text)
        self._show_failure("")

    def _show_failure(self, text: str) -> None:
        self.notice.setText(text)
        self.notice.setVisible(bool(text))
        self.notice.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the notice at the top, as wide as the panel."""
        super().resizeEvent(event)
        self._share_width()
        self.notice.setGeometry(0, 0, self.width(), self.table.horizontalHeader().height())

    # --- the selection ---

    def place_of(self, item: str) -> QRect | None:
        """Return where a part is, or the newest row."""
        return row_in(self, self.table, len(self.rows) - 1) if item == "newest" else super().place_of(item)

    def _choose(self, place: int) -> None:
        item = self.rows.item(place)
        if item >= 0:
            self.select("frame", str(item))
        else:
            self.select("connection", self.rows.note(item).connection)

    def _follow_selection(self) -> None:
        """Have the selected frame's row selected; a handshake's row stays when its connection is what is selected."""
        selected = self._followed = self.store.state.selected
        current = self.table.currentIndex().row()
        if selected and selected.kind == "connection" and 0 <= current < len(self.rows):
            item = self.rows.item(current)
            if item < 0 and self.rows.note(item).connection == selected.item:
                return
        row = self._selected_row
        self._is_known = row >= 0
        if row >= 0 and 0 <= current < len(self.rows) and self.rows.item(current) == row:
            return
        self.table.show_row(self.rows.place_of(row) if row >= 0 else -1)

    @property
    def _selected_row(self) -> int:
        return frame_of(self.store.state, stop_of(self._followed))

    def _light(self) -> None:
        """Light up the frames on the way of what is selected, and those of a connection that is."""
        things = narrowed(self.store.state)
        if things != self._lit:
            self._lit = things
            self.table.light(self._is_lit if things else lambda place: False)

    def _is_lit(self, place: int) -> bool:
        item = self.rows.item(place)
        if item < 0:
            return ("connection", self.rows.note(item).connection) in self._lit
        frame = self.store.index.find(item)
        return frame is not None and not self._lit.isdisjoint((("connection", frame.connection), ("frame", str(item))))
