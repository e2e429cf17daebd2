# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a group: its members with their age, whose they are, and whether they still live.

Where a message's way leads to it, that way comes first, with the copies that were made.
"""

from __future__ import annotations

import html

from app.console.meaning import key_of
from app.journey import journey_of_message
from app.settings import PREFIX
from app.store import Store
from app.way import copies_of, unheard_from
from panels.inspector.layer import command_links, link, sent_line
from panels.inspector.parts import Facts, Links, label
from panels.inspector.stages import StagesSection
from panels.inspector.view import View
from panels.journey import JourneyStrip
from panels.members import Member, members_of
from panels.theme import Theme
from panels.times import span

SHOWN = 30
SIGNS = {"alive": "●", "dead": "✕", "unknown": "?"}  # never by colour alone


class GroupView(View):
    """A group: everybody who gets a copy of what is sent to it."""

    kind = "group"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self._cause = ""  # key of the message with whose run it was sent to; "": it is on no way
        self.journey, self.stages = JourneyStrip(theme), StagesSection(theme)
        self.body.addWidget(self.journey)
        self.body.addWidget(self.stages)
        self.copies_title = self.add_section("Copies")
        self.copies = Links()
        self.body.addWidget(self.copies)
        self.facts = Facts()
        self.body.addWidget(self.facts)
        self.members_title = self.add_section("Members, the oldest first")
        self.members = Links()
        self.body.addWidget(self.members)
        self.dead = label("A closed socket stays a member until its consumer takes it out, or the membership expires."
                          " A copy is made for it all the same, and is lost.", "small")  # fmt: skip
        self.body.addWidget(self.dead)
        self.commands = Links()
        self.body.addWidget(self.commands)
        for part in (self.journey, self.stages, self.copies, self.facts, self.members, self.commands):
            part.picked.connect(self.picked)

    def show_part(self, name: str) -> None:
        """Show it as a stop on the way of a message, by the message's key; "": by itself."""
        self._cause = name
        self.refresh(self.store.now)

    def refresh(self, now: float) -> None:
        """Show who is in it, and the way that leads to it."""
        self.head.setText(f"Group · {self.item}")
        self.commands.show_lines([command_links("group", self._key)])
        self._show_way(now)
        self.tick(now)

    def _show_way(self, now: float) -> None:
        copies = copies_of(self.state, self.item, self._cause) if self._cause else []
        is_on_way = bool(copies or unheard_from(self.state, self.item, self._cause))
        for part in (self.copies_title, self.copies):
            part.setVisible(bool(copies))
        self.stages.show_message(self.store, self._cause if is_on_way else "", now)
        hops = journey_of_message(self.state, self._cause, self.store.index.time_of) if is_on_way else ()
        self.journey.show_hops(hops, now, ("group", self.item))
        self.copies_title.setText(f"{len(copies)} cop{'y' if len(copies) == 1 else 'ies'} of it")
        self.copies.show_lines(
            [sent_line(self.state, copy, with_group=False) for copy in copies[:SHOWN]], len(copies) - SHOWN
        )

    @property
    def _key(self) -> str:
        return key_of("group", self.item, self.state.settings.prefix if self.state.settings else PREFIX)

    def tick(self, now: float) -> None:
        """Count on how long everybody has been in it."""
        self.journey.tick(now)
        self.stages.tick(now)
        members = members_of(self.state, self.state.groups.get(self.item, {}).items())
        dead = sum(member.status == "dead" for member in members)
        count = f"{len(members)}, {dead} of them dead" if dead else str(len(members))
        self.facts.show_facts([("key", html.escape(self._key)), ("members", count), ("sent to it", self._sent())])
        self.members_title.setText("Members, the oldest first" if members else "Nobody is in it")
        self.members.show_lines([self._member(one, now) for one in members[:SHOWN]], len(members) - SHOWN)
        self.dead.setVisible(dead > 0)

    def restyle(self) -> None:
        """Take measures from the theme again."""
        self.journey.updateGeometry()

    def _sent(self) -> str:
        copies = [message for message in self.state.messages.values() if message.group == self.item]
        causes = {message.cause for message in copies}
        return f"{len(causes)} message{'' if len(causes) == 1 else 's'}, {len(copies)} copies"

    def _member(self, member: Member, now: float) -> str:
        color = {"alive": "good", "dead": "bad", "unknown": "muted"}[member.status]
        sign = f'<span style="color:{getattr(self.theme.palette, color)}">{SIGNS[member.status]}</span>'
        who = link("connection", member.connection, member.name) if member.connection else "nobody seen here"
        left = f", its socket closed {span(now - member.closed)} ago" if member.closed else ""
        channel = html.escape(member.channel.rpartition(".")[2])
        joined = f"{member.status}{left} · in it for {span(self.state.clock.between(member.joined, now))}"
        return f'{sign} {who} {joined}<br><span style="color:{self.theme.palette.muted}">…{channel}</span>'
