# SPDX-License-Identifier: GPL-3.0-or-later
"""Subprotocol and extensions as three columns: offered, supported, chosen; the reason below."""

from __future__ import annotations

import html
from collections.abc import Iterable

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QGridLayout, QWidget

from panels.inspector.header_label import breakable
from panels.inspector.parts import clear, label, rich
from panels.negotiated import Negotiated
from panels.theme import Theme

COLUMNS = ("", "offered", "supported", "chosen")
STRETCH = (0, 5, 2, 5)


class Negotiation(QWidget):
    """A small table, made anew for every handshake."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setVerticalSpacing(theme.px(2))
        for place, stretch in enumerate(STRETCH):
            self._grid.setColumnStretch(place, stretch)

    def show_rows(self, rows: Iterable[Negotiated]) -> None:
        """Show what became of each thing there was to agree on."""
        clear(self._grid)
        for place, title in enumerate(COLUMNS):
            self._grid.addWidget(label(title, "small", is_wrapped=False), 0, place)
        for number, row in enumerate(rows):
            self._add(1 + 2 * number, row)

    def _add(self, place: int, row: Negotiated) -> None:
        name = label(row.name, "muted", is_wrapped=False)
        self._grid.addWidget(name, place, 0, Qt.AlignTop)
        for n, text in enumerate((self._words(row.offered), html.escape(row.supported), self._chosen(row)), 1):
            cell = rich(text)
            cell.setAccessibleName(f"{row.name} {COLUMNS[n]}")
            self._grid.addWidget(cell, place, n, Qt.AlignTop)
        reason = label(row.reason, "bad" if row.is_wrong else "small")
        reason.setContentsMargins(0, 0, 0, self.theme.px(6))
        self._grid.addWidget(reason, place + 1, 0, 1, len(COLUMNS))

    def _chosen(self, row: Negotiated) -> str:
        if not row.chosen:
            return "none"
        color = self.theme.palette.bad if row.is_wrong else self.theme.palette.good
        sign = "✕" if row.is_wrong else "✓"
        return f'<span style="color:{color}">{sign} {self._words(row.chosen)}</span>'

    @staticmethod
    def _words(words: tuple[str, ...]) -> str:
        return "<br>".join(map(breakable, words)) or "none"
