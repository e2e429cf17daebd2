# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in Redis now: every key with its type, size, time to live and meaning."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QRect, Qt
from PyQt5.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.console.meaning import key_of, meaning_of
from app.events import CommandRun, Event, KeysSeen, Selected
from app.keys_then import keys_then
from app.picked import Picked
from app.store import Store
from panels.console import ConsoleView
from panels.halo import row_in
from panels.lit import lit, same
from panels.panel import Panel, set_role
from panels.redis_changes import told, with_changes
from panels.redis_foot import Foot
from panels.redis_rows import COLUMNS, KeyRows, rows_of
from panels.row_model import RowModel
from panels.row_table import RowTable
from panels.theme import Theme
from panels.times import clock_second

if TYPE_CHECKING:
    from app.lab import Lab

EMPTY = "Redis is empty: no message waits and nobody is in a group."
KEPT = ("message", "channel", "group")  # what can be selected and has a key
LOOKING = "Looking at Redis …"


class RedisPanel(Panel):
    """The keys of the private Redis; it is looked at only while this panel is shown."""

    id = "redis"
    title = "Redis"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self._places: dict[str, int] = {}
        self._runs = Picked(frozenset((CommandRun,)))
        self._signature: tuple[Any, ...] = ()
        self._followed: Selected | None = None
        self._lit: frozenset[str] = frozenset()  # names of rows
        self._before: KeysSeen | None = None  # what the keys are compared with
        self.rows = KeyRows()
        self.model = RowModel(self.rows, self)
        self.table = RowTable(self.model, theme, "Keys in Redis", follows=False)
        self.table.chosen.connect(self._choose)
        self.foot = Foot(theme)
        self.console = ConsoleView(theme, self._key_names)
        self.console.is_own = lab.owns_redis
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="background")
        self._lay_out()
        self.foot.line_clicked.connect(self.console.enter)
        self.foot.compare_wanted.connect(self._compare)
        self.console.run_wanted.connect(self.lab.run_command)
        self.console.key_chosen.connect(self.select_key)
        self.console.opened.connect(self._share_height)
        self.reset()

    def _lay_out(self) -> None:
        pictures = QWidget()
        upper = QVBoxLayout(pictures)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self.table, 1)
        upper.addWidget(self.foot)
        self.split = QSplitter(Qt.Vertical)
        self.split.setHandleWidth(1)
        self.split.addWidget(pictures)
        self.split.addWidget(self.console)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        self.split.setCollapsible(0, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.split)

    def advance(self, since: int) -> None:
        """Show the keys as they were last seen, what was typed, and what is selected."""
        self._show_runs(self.store.since(since))
        if not self.is_crowd(since):  # else the next tick shows it
            self._show()

    def reset(self) -> None:
        """Show the store's state from scratch."""
        self._places.clear()
        self.console.empty()
        self._show_runs(self._runs.since(self.store, self.store.start))
        if self.console.is_empty:
            least = self.console.sizeHint().height()
            self.split.setSizes([max(self.split.height() - least, 0), least])
        self._show()

    def _show_runs(self, events: Iterable[Event]) -> None:
        runs = [event for event in events if isinstance(event, CommandRun)]
        self.console.show_runs(runs, self.store.state, self._prefix)

    def tick(self, now: float) -> None:
        """Let the times to live run down."""
        self.rows.now = now
        self._show()

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.table.restyle()
        self.console.restyle()
        self._share_width()

    def resizeEvent(self, event: Any) -> None:
        """Give names and bars their part of the width."""
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        units = self.width() / self.theme.scale
        for column, width in ((0, min(max(units * 0.31, 170), 420)), (1, 66), (2, 72), (3, min(units * 0.22, 190))):
            self.table.setColumnWidth(column, self.theme.px(width))

    def _share_height(self) -> None:
        """Give the console two fifths, once there is something in it."""
        whole = self.split.height()
        self.split.setSizes([whole - whole * 2 // 5, whole * 2 // 5])

    def showEvent(self, event: Any) -> None:
        """Look at Redis from now on."""
        super().showEvent(event)
        self.lab.watch_keys(True)

    def hideEvent(self, event: Any) -> None:
        """Leave Redis in peace."""
        super().hideEvent(event)
        self.lab.watch_keys(False)

    def _show(self) -> None:
        state = self.store.state
        self.rows.clock = state.clock
        self.rows.seen = state.keys.t if state.keys else 0.0
        self.rows.now = self.rows.now or self.store.now
        rows = rows_of(state, self._places)
        summary = _summary(state.keys, state.redis_lost)
        if self._before:
            after = keys_then(state, self.store.now)
            rows = with_changes(rows, self._before, after)
            summary = f"{told(self._before, after)} since {clock_second(self._before.t)}"
        signature = tuple((row.kind, row.name) for row in rows)
        if signature == self._signature:
            self.rows.rows = rows
            self.model.touch()
        else:
            self._rebuild(rows, signature)
        self._show_selection()
        self._light()
        self.foot.show_summary(summary)

    def _compare(self, is_wanted: bool) -> None:
        """Remember this moment and say what is otherwise from now on, or no longer."""
        self._before = keys_then(self.store.state, self.store.now) if is_wanted else None
        self._show()

    def _rebuild(self, rows: list[Any], signature: tuple[Any, ...]) -> None:
        """Show other rows, keeping the one at the top of the view where it is."""
        bar = self.table.verticalScrollBar()
        top = self.table.rowAt(0)
        anchor = self._signature[top] if 0 <= top < len(self._signature) and bar.value() > 0 else None
        offset = self.table.rowViewportPosition(top) if anchor else 0
        at = bar.value()
        self.rows.rows, self._signature = rows, signature
        self.model.restart()
        self.table.clearSpans()
        for number, row in enumerate(rows):
            if row.is_heading:
                self.table.setSpan(number, 0, 1, len(COLUMNS))
        if anchor in signature:
            at = signature.index(anchor) * self.table.verticalHeader().defaultSectionSize() - offset
        bar.setValue(at)

    def _show_selection(self) -> None:
        selected = self.store.state.selected
        things = [(selected.kind, selected.item)] if selected else []
        sought = [self._row_of(kind, item) for kind, item in (*things, *same(self.store.state))]
        places = {name: number for number, (_, name) in reversed([*enumerate(self._signature)])}
        name = next((name for name in sought if name and name in places), "")
        row = places[name] if name else -1
        bar = self.table.verticalScrollBar()
        at = bar.value()
        self.table.show_row(row)
        if selected is self._followed:  # nothing new is selected: the table stays where the reader has it
            bar.setValue(at)
        self._followed = selected
        key = self.rows.rows[row].key if row >= 0 else None
        shown = key.name if key else next(filter(None, sought), "")
        self.foot.show_commands(shown, meaning_of(shown, self._prefix).kind if shown else "")

    def _light(self) -> None:
        """Light up the keys on the way of what is selected, and the members who get it."""
        names = frozenset(self._row_of(kind, item) for kind, item in lit(self.store.state)) - {""}
        if names != self._lit:
            self._lit = names
            self.table.light(lambda number: self.rows.rows[number].name in names)

    def _row_of(self, kind: str, item: str) -> str:
        """Return the name of the row that shows something selected, "" when Redis keeps nothing of it."""
        if kind == "connection":
            owner = self.store.state.connections.get(item)
            return owner.reply_channel if owner else ""
        return item if kind == "key" else key_of(kind, item, self._prefix) if kind in KEPT else ""

    @property
    def _prefix(self) -> str:
        settings = self.store.state.settings
        return settings.prefix if settings else self.lab.settings.prefix

    def place_of(self, item: str) -> QRect | None:
        """Return where a part is, or a key: by its name, with or without the prefix, or by a group's."""
        names = [item, self._prefix + item, f"{self._prefix}:group:{item}"]
        row = next((number for number, (_, name) in enumerate(self._signature) if name in names), -1)
        return row_in(self, self.table, row) if row >= 0 else super().place_of(item)

    def _choose(self, number: int) -> None:
        row = self.rows.rows[number]
        if row.member and row.member.connection:
            self.select("connection", row.member.connection)
        elif row.name:
            self.select_key(row.key.name if row.member and row.key else row.name)

    def select_key(self, name: str) -> None:
        """Select what a key is, everywhere."""
        meaning = meaning_of(name, self._prefix)
        if meaning.kind in KEPT:
            self.select(meaning.kind, meaning.item)
        else:
            self.select("key", name)

    def _key_names(self) -> list[tuple[str, str]]:
        """Return the names and types of the keys that are known, for completion."""
        return [(row.name, row.key.type) for row in self.rows.rows if row.key and not row.member]


def _summary(keys: KeysSeen | None, lost: str) -> str:
    if lost:
        return f"Redis does not answer: {lost}"
    if keys is None:
        return LOOKING
    if not keys.total:
        return EMPTY
    shown = f"{len(keys.keys)} of {keys.total} keys" if len(keys.keys) < keys.total else f"{keys.total} keys"
    how = "as the events tell, at" if keys.source == "events" else "looked at"
    return f"{shown}, {how} {clock_second(keys.t)}"
