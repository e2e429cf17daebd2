# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ladder panel: one connection followed from end to end, an arrow for every frame, or beside DevTools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.events import Selected
from app.picked import Picked
from app.store import Store
from app.way import stop_of
from panels.choice import Tick
from panels.devtools import DevToolsView
from panels.inspector.parts import column
from panels.ladder_rows import TAKEN, LadderRows
from panels.ladder_view import LadderView
from panels.lit import frame_of, narrowed
from panels.panel import Panel, set_role
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab


class LadderPanel(Panel):
    """Shows the connection of what is selected, or the first one there is."""

    id = "ladder"
    title = "Ladder"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.rows, self._taken = LadderRows(store), Picked(TAKEN)
        self.view = LadderView(self.rows, theme)
        self.table = DevToolsView(self.rows, theme)
        self.devtools = Tick("beside what DevTools shows", theme)
        self._stack = QStackedWidget()
        self._build()
        self._followed: Selected | None = None
        self._is_known = True  # whether the selected thing had a frame when it was followed
        self._is_marked = True  # whether the selected frame has been found among the steps
        self._has_grown = False  # and not shown it
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._catch_up)
        for view in (self.view, self.table):
            view.chosen.connect(self._choose)
        self.devtools.toggled.connect(self.show_devtools)
        self.reset()

    def _build(self) -> None:
        self.setFocusProxy(self.view)
        for view in (self.view, self.table):
            self._stack.addWidget(view)
        self.devtools.setToolTip("For each message, what the developer tools of Chrome would show of it")
        set_role(self.devtools, role="small")
        foot = QWidget()
        foot.setAttribute(Qt.WA_StyledBackground)
        set_role(foot, surface="panel")
        row = QHBoxLayout(foot)
        row.setContentsMargins(self.theme.px(10), self.theme.px(3), self.theme.px(12), self.theme.px(3))
        row.addStretch(1)
        row.addWidget(self.devtools)
        body = column(self, spacing=0)
        body.addWidget(self._stack, 1)
        body.addWidget(foot)

    def show_devtools(self, is_wanted: bool = True) -> None:
        """Show the connection beside what DevTools shows of it, or its arrows."""
        self.devtools.setChecked(is_wanted)
        self._stack.setCurrentWidget(self.table if is_wanted else self.view)
        self.setFocusProxy(self._stack.currentWidget())

    # --- news ---

    def advance(self, since: int) -> None:
        """Add the steps of new frames; follow the selection to another connection."""
        events = self.store.since(since)
        if self.rows.take(events):
            self._restart()
        self.table.take(events)
        if self.store.state.selected is not self._followed or (not self._is_known and self._selected_row >= 0):
            self._follow_selection()
        elif not self.rows.connection:
            self._follow(self.rows.first_connection)
        self._catch_up(self.is_crowd(since))
        self._light()

    def tick(self, now: float) -> None:
        """Show the steps that much traffic has brought: each time costs a painting of the view."""
        self._drop()
        if self._has_grown:
            self._grow()

    def reset(self) -> None:
        """Show what there is up to the playhead from scratch."""
        connection, old = self.rows.connection, self.rows.store
        self.rows = LadderRows(self.store, self.reader)
        self.rows.take(self._taken.since(self.store, self.store.start))
        self._restart()
        self._follow(connection if old is self.store else "")
        self._follow_selection()
        if not self.rows.connection or not (self._is_known or self.store.is_live):  # what comes later shows nothing now
            self._follow(self.rows.first_connection)
        self._catch_up()
        self._light()

    def restyle(self) -> None:
        """Take measures and colours from the theme again."""
        self.view.restyle()
        self.table.restyle()

    def _restart(self) -> None:
        for view in (self.view, self.table):
            view.restart(self.rows)

    def _follow(self, connection: str) -> None:
        if connection != self.rows.connection:
            self.rows.follow(connection)
            self._restart()

    def _drop(self) -> None:
        if gone := self.rows.fallen():
            self.table.shrink(gone, lambda: self.rows.drop(gone))
            self.view.shrink(gone)

    def _catch_up(self, is_crowd: bool = False) -> None:
        self._drop()
        has_more, self._has_grown = self.rows.catch_up(), True
        if not is_crowd:
            self._grow()
        if has_more != self._more.isActive():
            self._more.start() if has_more else self._more.stop()

    def _grow(self) -> None:
        self._has_grown = False
        self.view.ends = self._ends()
        self.view.grow()
        self.table.grow()
        if not self._is_marked:
            self._mark()

    def _ends(self) -> tuple[str, str]:
        opened = self.rows.opened.get(self.rows.connection)
        if opened is None:
            return ("client", "server")
        known = self.store.state.connections.get(self.rows.connection)
        name = f"{known.name} · " if known and known.name else ""
        return (f"{name}{opened.client} · client", f"{opened.server} · server")

    # --- the selection ---

    def _show_place(self, place: int) -> None:
        for view in (self.view, self.table):
            view.show_place(place)

    def _choose(self, place: int) -> None:
        item = self.rows.items[place]
        if item >= 0:
            self.select("frame", str(item))
        else:
            self.select("connection", self.rows.connection)

    def _follow_selection(self) -> None:
        """Show the selected frame's connection, with the frame marked; a handshake stays marked as long as it is it."""
        selected = self._followed = self.store.state.selected
        self._is_marked, row = True, self._selected_row
        self._is_known = row >= 0 or not selected or selected.kind not in ("frame", "message", "run")
        if selected and selected.kind == "connection":
            self._follow(selected.item)
            if self.view.current >= 0 and self.rows.items[self.view.current] >= 0:
                self._show_place(-1)
        elif frame := self.store.index.find(row):
            self._follow(frame.connection)
            self._mark()
        else:
            self._show_place(-1)

    @property
    def _selected_row(self) -> int:
        return frame_of(self.store.state, stop_of(self._followed))

    def _mark(self) -> None:
        """Mark the selected frame if its step is there by now."""
        row = self._selected_row
        place = self.rows.place_of(row) if row >= 0 else -1
        self._is_marked = place >= 0
        self._show_place(place)

    def _light(self) -> None:
        """Light up the other frames on the same way."""
        things = narrowed(self.store.state)
        rows = frozenset(int(item) for kind, item in things if kind == "frame" and item.isdecimal())
        self.view.light(rows)
        self.table.table.light(lambda place: self.rows.items[place] in rows)
