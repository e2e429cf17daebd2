# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of the database: the rows that consumers have saved in this run, the newest first."""

from __future__ import annotations

import html
from collections.abc import Iterator

from app.events import RowSaved
from app.store import Store
from panels.inspector.layer import link
from panels.inspector.parts import Facts, Links
from panels.inspector.view import View
from panels.stage.views import SESSIONS
from panels.theme import Theme
from panels.times import clock

SHOWN = 20


class DatabaseView(View):
    """Its tables with how many rows were made, and which row was saved for which message, by whom."""

    kind = "database"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.facts = Facts()
        self.body.addWidget(self.facts)
        self.rows_title = self.add_section("Saved, the newest first")
        self.rows = Links()
        self.rows.picked.connect(self.picked)
        self.body.addWidget(self.rows)

    def refresh(self, now: float) -> None:
        """Show what was saved."""
        self.head.setText("Database · rows that consumers have saved in this run")
        tables = {table: f"{count} row{'' if count == 1 else 's'} made" for table, count in self.state.tables.items()}
        self.facts.show_facts((html.escape(table), made) for table, made in tables.items())
        saved = list(self._newest())
        self.rows_title.setVisible(bool(saved))
        self.rows.show_lines([self._row(event) for event in saved])

    def _newest(self) -> Iterator[RowSaved]:
        """Yield the newest saves but those of sessions, of which every socket has some."""
        events = (event for events in reversed(self.state.saved.values()) for event in reversed(events))
        for _, event in zip(range(SHOWN), (event for event in events if event.table != SESSIONS), strict=False):
            yield event

    def _row(self, event: RowSaved) -> str:
        muted, cause = self.theme.palette.muted, link("message", event.cause, f"{event.cause[:8]}…")
        by = f"{clock(event.t)} · {link('worker', event.source)} for {cause}"
        name = f"<b>{html.escape(event.row)}</b> {html.escape(event.shows or event.table)}"
        return f'{name}{"" if event.is_new else " (again)"}<br><span style="color:{muted}">{by}</span>'
