# SPDX-License-Identifier: GPL-3.0-or-later
"""Break it on purpose: handshakes with one thing wrong, each with its predicted status, and the real one afterwards."""

from __future__ import annotations

import html
from functools import partial

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from app.clients.mutations import MUTATIONS, Mutation
from app.events import HandshakeTried
from app.state import State
from panels.inspector.parts import Card, column, label, linked, rich, tip
from panels.panel import set_role
from panels.theme import Theme


class AttemptTable(QWidget):
    """A row for each mutation: the button that sends it, what RFC 6455 predicts, what happened."""

    wanted = pyqtSignal(str)  # the name of a mutation to be tried
    picked = pyqtSignal(str, str)  # the connection of an attempt, to be looked at

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.buttons: dict[str, QPushButton] = {}
        self.results: dict[str, QLabel] = {}
        self._newest: HandshakeTried | None = None
        body = column(self, spacing=theme.px(6))
        body.addWidget(
            label("Each button sends a handshake of its own to the live server; it also appears in Wire.", "small")
        )
        body.addLayout(self._make_grid())
        self.card = Card(theme)
        self.sentence, self.why = rich(), label("", "small")
        self.card.body.addWidget(self.sentence)
        self.card.body.addWidget(self.why)
        self.card.hide()
        body.addWidget(self.card)

    def _make_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.px(10))
        grid.setVerticalSpacing(self.theme.px(3))
        grid.setColumnStretch(2, 1)
        for place, title in enumerate(("", "predicted", "answered")):
            grid.addWidget(label(title, "small", is_wrapped=False), 0, place)
        for number, mutation in enumerate(MUTATIONS, 1):
            button = self.buttons[mutation.name] = QPushButton(mutation.name)
            set_role(button, kind="small")
            button.setToolTip(tip(self.theme, mutation.change, mutation.why, f"RFC 6455 §{mutation.section}"))
            button.setAccessibleDescription(f"{mutation.change} Predicted: {mutation.predicted}")
            button.clicked.connect(partial(self.wanted.emit, mutation.name))
            result = self.results[mutation.name] = linked()
            result.setWordWrap(False)
            result.setToolTip("Look at its connection")
            result.setAccessibleName(f"What came of {mutation.name}")
            result.linkActivated.connect(lambda link: self.picked.emit(*link.split(":", 1)))
            grid.addWidget(button, number, 0)
            grid.addWidget(label(mutation.predicted, is_wrapped=False), number, 1, Qt.AlignVCenter)
            grid.addWidget(result, number, 2, Qt.AlignVCenter)
        return grid

    def point(self, names: frozenset[str]) -> QPushButton | None:
        """Point at the buttons of mutations, and at no others; returns the last of them."""
        for name, button in self.buttons.items():
            set_role(button, pointed=name in names)
        return next((self.buttons[name] for name in reversed(self.buttons) if name in names), None)

    def show_tried(self, state: State) -> None:
        """Show what has come of the attempts so far."""
        places = {known.client: known.id for known in state.connections.values()}
        for mutation in MUTATIONS:
            tried = state.tried.get(mutation.name)
            text = self._result(mutation, tried, places.get(tried.address, "")) if tried else ""
            if self.results[mutation.name].text() != text:
                self.results[mutation.name].setText(text)
        newest = max(state.tried.values(), key=lambda tried: tried.t, default=None)
        if newest is not self._newest:
            self._show_outcome(newest)

    def _result(self, mutation: Mutation, tried: HandshakeTried, connection: str) -> str:
        is_right = tried.status in mutation.statuses
        palette = self.theme.palette
        color, sign = (palette.good, "✓") if is_right else (palette.flight, "≠")
        status = str(tried.status or "nothing")
        shown = f'<a href="connection:{connection}">{status}</a>' if connection else status
        return f'{shown} <b style="color:{color}">{sign}</b>'

    def _show_outcome(self, newest: HandshakeTried | None) -> None:
        self._newest = newest
        self.card.setVisible(newest is not None)
        mutation = next((one for one in MUTATIONS if newest and one.name == newest.mutation), None)
        if newest and mutation:
            is_right = newest.status in mutation.statuses
            self.card.color = "good" if is_right else "flight"
            self.card.update()
            self.sentence.setText(f"<b>{html.escape(mutation.name)}</b> — {html.escape(newest.outcome)}")
            self.why.setText(f"{mutation.change} {mutation.why}")
