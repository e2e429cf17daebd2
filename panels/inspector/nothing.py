# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Inspector says while nothing is selected: what there is to select, and what it shows of it."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from panels.inspector.parts import Card, column, label
from panels.panel import set_role
from panels.theme import Theme

LIVE = (
    ("opcode", "A frame", "Its bits field by field, its bytes, and its way to a worker and back."),
    ("good", "A client", "Its opening handshake, and how the server proves that it understood."),
    ("flight", "A waiting message", "What is in it, and how long Redis still keeps it."),
    ("mask", "A channel or a worker", "What waits there, what it runs, what it had."),
)


class Nothing(QWidget):
    """A title and a card for each kind of thing."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        body = column(self)
        body.addWidget(label("Inspector", "small"))
        body.addWidget(set_role(label("Select something to take it apart"), role="heading"))
        self._cards: dict[str, Card] = {}
        for color, what, shows in LIVE:
            card = self._cards[what] = Card(theme, color)
            card.body.addWidget(set_role(label(what), role="strong"))
            card.body.addWidget(label(shows, "muted"))
            body.addWidget(card)
        self.hint = label("", "small")
        body.addWidget(self.hint)

    def show_for(self, is_capture: bool) -> None:
        """Offer only what is there: a capture has frames and handshakes."""
        for number, card in enumerate(self._cards.values()):
            card.setVisible(not is_capture or number < 2)
        place = "in the table" if is_capture else "anywhere in the window"
        self.hint.setText(f"One click on it, {place}. What is selected in one place is selected everywhere.")
