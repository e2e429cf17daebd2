# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a message on the channel layer: its journey, where it is, what is in it."""

from __future__ import annotations

import html

from app.entities import Fate, Message
from app.events import RowSaved
from app.journey import journey_of_message
from app.layer.describe import describe
from app.store import Store
from app.way import is_run, rows_out
from panels.inspector.layer import OnLayer, link
from panels.inspector.parts import Facts
from panels.inspector.stages import StagesSection
from panels.inspector.view import View, name_of
from panels.inspector.xray import Xray
from panels.journey import JourneyStrip
from panels.payload import CodeBlock, json_html, lay_out
from panels.theme import Theme
from panels.times import clock


class MessageView(View):
    """A message by its key."""

    kind = "message"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.journey = JourneyStrip(theme)
        self.body.addWidget(self.journey)
        self.stages = StagesSection(theme)
        self.body.addWidget(self.stages)
        self.xray = Xray(theme)
        self.body.addWidget(self.xray)
        self.layer_title = self.add_section("In Redis now")
        self.layer = OnLayer(theme)
        self.body.addWidget(self.layer)
        self.content_title = self.add_section("Body")
        self.content = CodeBlock(theme, "Body of the message")
        self.body.addWidget(self.content)
        self.facts_title = self.add_section("Message")
        self.facts = Facts()
        self.body.addWidget(self.facts)
        self.xray.wants.connect(self.wants)
        self.journey.picked.connect(self.picked)
        self.stages.picked.connect(self.picked)
        self.layer.picked.connect(self.picked)
        self.facts.picked.connect(self.picked)

    def show_item(self, item: str, now: float) -> None:
        """Show the message with a key."""
        super().show_item(item, now)
        if message := self.state.messages.get(item):
            self.content_title.setText(f"Body · {len(message.body)} bytes of msgpack")
            self.content.show_html(json_html(lay_out(describe(message.body)), self.theme))

    def refresh(self, now: float) -> None:
        """Show how far it has come."""
        message = self.state.messages.get(self.item)
        for part in (self.layer_title, self.layer, self.content_title, self.content, self.facts_title, self.facts):
            part.setVisible(message is not None)
        self.stages.show_message(self.store, self.item, now)
        self.xray.show_message(self.state, message)
        if message is None:
            self.journey.show_hops((), now)
            self.head.setText("Message · it is no longer kept here")
            return
        self.head.setText(f"Message · {message.channel}")
        rows = rows_out(self.state, message)  # the pill of a reply that went out stands for its frame
        here = ("frame", str(rows[0])) if rows else ("message", self.item)
        self.journey.show_hops(journey_of_message(self.state, self.item, self.store.index.time_of), now, here)
        self.layer_title.setText("In Redis now" if message.fate.is_open else "What became of it")
        self.layer.show_message(self.state, message, now)
        self.facts.show_facts(self._facts(message))

    def tick(self, now: float) -> None:
        """Count on what waits."""
        self.journey.tick(now)
        self.stages.tick(now)
        self.layer.tick(now)

    def restyle(self) -> None:
        """Show everything again in the theme of now."""
        self.show_item(self.item, self.journey.now)

    def _facts(self, message: Message) -> tuple[tuple[str, str], ...]:
        facts = [
            ("key", f"<span style=\"font-family:'{self.theme.mono().family()}'\">{message.key}</span>"),
            ("channel", link("channel", message.channel)),
            ("sent", f"{clock(message.sent)} by {html.escape(message.sender)}"),
            ("expiry", f"{message.expiry:g} s after that"),
        ]
        if message.received:
            who = link("run", message.key, message.taken_by) if is_run(message) else html.escape(message.taken_by)
            facts.append(("taken", f"{clock(message.received)} by {who}"))
        if message.ended and message.fate is not Fate.DELIVERED:
            at = link("worker", message.taken_by) if message.fate is Fate.LOST else link("channel", message.channel)
            where = f"{'with' if message.fate is Fate.LOST else 'on'} {at}"
            facts.append(
                ("ended", f"{clock(message.ended)} {where}: {html.escape(message.reason or message.fate.value)}")
            )
        if message.group:
            facts.append(("group", link("group", message.group)))
        if message.connection:
            facts.append(("from", link("connection", message.connection, name_of(self.state, message.connection))))
        if rows := self.state.saved.get(message.key):
            facts.append(("saved", "<br>".join(dict.fromkeys(_row(event) for event in rows))))
        if message.cause:
            facts.append(("because of", link("message", message.cause, message.cause[:8] + "…")))
        return tuple(facts)


def _row(event: RowSaved) -> str:
    """Name a row of the database that the message's consumer has saved."""
    return f"row {html.escape(event.row)} of {html.escape(event.table)}"
