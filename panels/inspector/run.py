# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a consumer's run: which worker ran what for which message, how long, and what it sent."""

from __future__ import annotations

import html

from app.entities import Fate, Message
from app.journey import journey_of_message
from app.store import Store
from app.way import effects_of
from panels.inspector.layer import link, sent_line
from panels.inspector.parts import Facts, Links
from panels.inspector.stages import StagesSection
from panels.inspector.view import View
from panels.journey import JourneyStrip
from panels.theme import Theme
from panels.times import clock, span

SHOWN = 30


class RunView(View):
    """A run by the key of the message that the consumer ran for."""

    kind = "run"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.journey, self.stages = JourneyStrip(theme), StagesSection(theme)
        self.facts, self.sent = Facts(), Links()
        self.body.addWidget(self.journey)
        self.body.addWidget(self.stages)
        self.add_section("Consumer")
        self.body.addWidget(self.facts)
        self.sent_title = self.add_section("It sent")
        self.body.addWidget(self.sent)
        for part in (self.journey, self.stages, self.facts, self.sent):
            part.picked.connect(self.picked)

    def refresh(self, now: float) -> None:
        """Show how far it is."""
        message = self.state.messages.get(self.item)
        for place in range(1, self.body.count()):
            self.body.itemAt(place).widget().setVisible(message is not None)
        self.head.setText("Run · it is no longer kept here")
        self.stages.show_message(self.store, self.item, now)
        if message is None:
            return
        self.head.setText(f"Run of a consumer · {message.taken_by or 'nobody took it'}")
        self.journey.show_hops(
            journey_of_message(self.state, self.item, self.store.index.time_of), now, ("run", self.item)
        )
        self.facts.show_facts(self._facts(message, now))
        effects = effects_of(self.state, message.key)
        self.sent_title.setText("It sent because of it" if effects else "It sent nothing")
        self.sent.show_lines([sent_line(self.state, effect) for effect in effects[:SHOWN]], len(effects) - SHOWN)

    def tick(self, now: float) -> None:
        """Count on what goes on."""
        self.journey.tick(now)
        self.stages.tick(now)

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.journey.updateGeometry()

    def _facts(self, message: Message, now: float) -> list[tuple[str, str]]:
        facts = [("message", f"{link('message', message.key, message.key[:8])}… on {html.escape(message.channel)}")]
        if message.taken_by:
            facts.insert(0, ("worker", link("worker", message.taken_by)))
        if message.consumer:
            facts.insert(0, ("consumer", html.escape(message.consumer)))
        if message.started:
            is_over = message.fate is not Fate.HELD
            ran = span((message.ended if is_over else now) - message.started)
            facts.append(("began", clock(message.started)))
            facts.append(("ran", ran if is_over else f"{ran} until now"))
        if message.fate not in (Fate.DELIVERED, Fate.HELD):
            facts.append(("end", html.escape(message.fate.value)))
        return facts
