# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers one by one over time, with what can be done to them, and what all processes say."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from app.picked import Picked
from app.store import Store
from app.way import Thing
from panels.choice import Choice
from panels.history import History
from panels.lit import lit, same
from panels.log_view import KINDS, LINE_LIMIT, Line, LogView, all_lines
from panels.panel import Panel, set_role
from panels.theme import Theme
from panels.worker_rows import WorkerTable

if TYPE_CHECKING:
    from app.lab import Lab

ALL = "all processes"
RUNS = ("run", "message")  # what of a selection is known by the key of a run's message
PART = 0.65  # of the height that the table may take from the log
LOG = 84  # pixels at scale 1 that are left for the log: two lines of it
LINES = 40  # of these two, at least


class WorkersPanel(Panel):
    """Processes above, their merged log below."""

    id = "workers"
    title = "Workers"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self._is_moved = False  # the line between table and log
        self._lit: tuple[set[tuple[str, float, float]], set[str]] = set(), set()  # runs, and workers as a whole
        self._lines: deque[Line] = deque(maxlen=LINE_LIMIT)
        self._history, self._told = History(store), Picked(KINDS)
        self.table = WorkerTable(lab, theme)
        self.table.run_chosen.connect(lambda key: self.select("run", key))
        self.table.worker_chosen.connect(lambda name: self.select("worker", name))
        self.log = LogView(theme)
        self.process = Choice(theme)
        self.process.addItem(ALL)
        self.process.setAccessibleName("Whose lines")
        self.process.setToolTip("Show the lines of one process only")
        self.process.currentTextChanged.connect(lambda _: self._show_log())
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="background")
        self._lay_out()
        self.reset()

    def _lay_out(self) -> None:
        px = self.theme.px
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setWidget(self.table)
        below = QWidget()
        head = QHBoxLayout()
        head.setContentsMargins(px(12), px(4), px(12), px(0))
        head.addWidget(set_role(QLabel("Log"), role="section"))
        head.addStretch()
        head.addWidget(self.process)
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.log, 1)
        self.log.setMinimumHeight(
            px(LINES)
        )  # Qt's own is more, and cut the third worker in two where there is little room
        self._splitter = splitter = QSplitter(Qt.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        splitter.addWidget(scroll)
        splitter.addWidget(below)
        splitter.splitterMoved.connect(self._note_move)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def resizeEvent(self, event: Any) -> None:
        """Share the height anew."""
        super().resizeEvent(event)
        self._share_height()

    def _note_move(self) -> None:
        self._is_moved = True

    def _share_height(self) -> None:
        """Give the table what it needs, up to its part of the height, until the user has moved the line."""
        if not self._is_moved:
            most = max(round(self.height() * PART), self.height() - self.theme.px(LOG))
            table = min(self.table.sizeHint().height(), most)
            self._splitter.setSizes([table, self.height() - table])

    def _show_workers(self, now: float) -> None:
        state, history = self.store.state, self._history
        if self.table.show_workers(state, now):
            QTimer.singleShot(0, self._share_height)  # when the layout knows its new rows
        things = lit(state)
        self._light(things)
        keys, playhead = frozenset(item for kind, item in things if kind in RUNS), self.store.playhead
        self.table.show_lanes(history.lanes, now, playhead, keys, history.marks(playhead))

    def _light(self, things: frozenset[Thing]) -> None:
        """Light up who has what is selected, or had it, and what was logged meanwhile."""
        state = self.store.state
        names = frozenset(item for kind, item in things if kind == "worker")
        self.table.light(names)
        runs = [state.messages[item] for kind, item in things if kind == "run" and item in state.messages]
        spans = {(run.taken_by, run.received, run.ended or float("inf")) for run in runs}
        whole = {item for kind, item in same(state) if kind == "worker"}
        if (spans, whole) != self._lit:
            self._lit = spans, whole
            self.log.light(lambda line: line.process in whole or any(_is_in(line, *span) for span in spans))

    def advance(self, since: int) -> None:
        """Show the workers as they are and the lines that came."""
        self._history.catch_up()
        lines = all_lines(self.store.since(since))
        self._take(lines)
        self.log.add([line for line in lines if self._is_shown(line)])
        if not self.is_crowd(since):  # else the next tick shows it
            self._show_workers(self.store.now)

    def reset(self) -> None:
        """Show the store's state from scratch."""
        if self._history.store is not self.store:
            self._history = History(self.store)
        self._history.catch_up()
        self._lines.clear()
        self._take(all_lines(self._told.since(self.store, self.store.start)))
        self._show_log()
        self._show_workers(self.store.now)

    def tick(self, now: float) -> None:
        """Let running times run."""
        self._show_workers(now)

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self.log.restyle()
        self._show_log()
        self.table.restyle()
        self._show_workers(self.store.now)
        self._share_height()

    def highlight(self, items: frozenset[str]) -> None:
        """Point at workers by their names."""
        super().highlight(items)
        self.table.point_at(items)

    def _take(self, lines: list[Line]) -> None:
        self._lines.extend(lines)
        known = {self.process.itemText(number) for number in range(self.process.count())}
        for name in sorted({line.process for line in lines} - known):
            self.process.addItem(name)

    def _is_shown(self, line: Line) -> bool:
        return self.process.currentText() in (ALL, line.process)

    def _show_log(self) -> None:
        self.log.show_only([line for line in self._lines if self._is_shown(line)])


def _is_in(line: Line, process: str, start: float, end: float) -> bool:
    return line.process == process and start <= line.t <= end
