# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a connection: its opening handshake header by header, its proof, what was chosen, how to break it."""

from __future__ import annotations

import time

from PyQt5.QtWidgets import QWidget

from app.entities import Connection
from app.events import AcceptComputed, Event, HandshakeSeen
from app.journey import journey_of_handshake
from app.picked import Picked
from app.store import Store
from app.wire.handshake import Handshake
from panels.headers import HeaderLine, request_lines, response_lines
from panels.inspector.accept import AcceptSteps
from panels.inspector.attempts import AttemptTable
from panels.inspector.frame import violation_card
from panels.inspector.header_label import HeaderLabel, breakable
from panels.inspector.negotiation import Negotiation
from panels.inspector.parts import clear, column, label, rich
from panels.inspector.socket_session import SocketSession
from panels.inspector.view import View, name_of
from panels.journey import JourneyStrip
from panels.negotiated import negotiated
from panels.streams import handshake_at
from panels.theme import Theme
from panels.times import clock, span


class ConnectionView(View):
    """A connection's handshake, in the order in which things were said."""

    kind = "connection"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self._handshake: Handshake | None = None
        self._answers = Picked(frozenset((HandshakeSeen,)))
        self._answered = 0.0
        self._computed: AcceptComputed | None = None  # what the proof has followed
        self._is_computed_new = False  # for the thing that is shown
        self.journey = JourneyStrip(theme)
        self.violations, self.request, self.response = QWidget(), QWidget(), QWidget()
        for part in (self.violations, self.request, self.response):
            column(part, spacing=0)
        self.body.addWidget(self.journey)
        self.body.addWidget(self.violations)
        self.request_title = self._add("Request", self.request)
        self.proof = AcceptSteps(theme)
        self.proof_title = self._add("How the server proves it understood", self.proof)
        self.response_title = self._add("Response", self.response)
        self.choice = Negotiation(theme)
        self.choice_title = self._add("Agreed on", self.choice)
        self.session = SocketSession(theme)
        self.session_title = self._add("The session of this socket", self.session)
        self.facts = rich("", "small")
        self.body.addWidget(self.facts)
        self.attempts = AttemptTable(theme)
        self.attempts_title = self._add("Break it on purpose", self.attempts)
        self.journey.picked.connect(self.picked)
        self.attempts.picked.connect(self.picked)
        self.session.picked.connect(self.picked)
        self.attempts.wanted.connect(lambda mutation: self.wants.emit("try_handshake", (mutation,)))
        self.proof.computed.connect(self._tell_accept)

    def _add(self, title: str, part: QWidget) -> QWidget:
        made = self.add_section(title)
        self.body.addWidget(part)
        return made

    # --- what is shown ---

    def show_item(self, item: str, now: float) -> None:
        """Show the connection with an id."""
        self.item = item
        self._handshake = None
        self._is_computed_new = True
        self._look_for_handshake()
        self._build()
        self._show(now)

    def refresh(self, now: float) -> None:
        """Show what may have come meanwhile: the handshake itself, frames, the end."""
        if self._handshake is None and self._look_for_handshake():
            self._build()
        self._show(now)

    def _look_for_handshake(self) -> bool:
        """Read the handshake from the bytes, unless it is over only after the moment that is shown."""
        if not self.store.is_live and self._answer_in(self._answers.to_come(self.store)):
            return False
        self._handshake = handshake_at(self.store.index, self.item)
        self._answered = self._answer_in(self._answers.since(self.store, self.store.start)) if self._handshake else 0.0
        return self._handshake is not None

    def _show(self, now: float) -> None:
        known = self.state.connections.get(self.item)
        hops = journey_of_handshake(self.state, self.item, self._answered)
        self.journey.show_hops(hops, now)
        self.head.setText(self._headline(known.opened if known else 0.0))
        self.facts.setText(_facts(known, now) if known else "")
        has_session = self.session.show_connection(self.state, known)
        for part in (self.session_title, self.session):
            part.setVisible(has_session)
        for part in (self.attempts_title, self.attempts):
            part.setVisible(self._is_live)
        if self._is_live:
            self.attempts.show_tried(self.state)
        self._follow_computed()

    def _follow_computed(self) -> None:
        """Try the key that somebody asked for, not here, since this was selected."""
        computed, selected = self.state.computed, self.state.selected
        if computed is self._computed and not self._is_computed_new:
            return
        self._computed, self._is_computed_new = computed, False
        if computed and computed.source == "lab" and (selected is None or computed.t >= selected.t):
            self.proof.try_key(computed.key)
        elif not self.store.is_live:  # in the past it is as it was then
            self.proof.begin_again()

    def tick(self, now: float) -> None:
        """Count on what waits."""
        self.journey.tick(now)

    def restyle(self) -> None:
        """Build again in the theme of now."""
        if self.item:
            self._build()
            self.proof.restyle()
            self.refresh(time.time())

    @property
    def _is_live(self) -> bool:
        """Whether there is a server to be asked; a capture has none."""
        return self.state.settings is not None and self.state.capture is None

    def _answer_in(self, events: list[Event]) -> float:
        return next((one.t for one in events if isinstance(one, HandshakeSeen) and one.connection == self.item), 0.0)

    def _headline(self, began: float) -> str:
        way = f"{name_of(self.state, self.item)} → server"
        if self._handshake is None:
            return f"Connection · {way} · its handshake was not seen"
        took = f" in {span(self._answered - began)}" if began and self._answered > began else ""
        status = self._handshake.status
        is_open = status == 101 and not self._handshake.violations
        return f"Handshake · {way} · {'accepted' if is_open else f'answered with {status}'}{took}"

    def _build(self) -> None:
        handshake = self._handshake
        parts = (self.response_title, self.response, self.choice_title, self.choice, self.violations)
        for part in parts:
            part.setVisible(handshake is not None)
        has_request = handshake is not None and handshake.request is not None
        for part in (self.request_title, self.request, self.proof_title, self.proof):
            part.setVisible(has_request)
        for part in (self.violations, self.request, self.response):
            clear(part.layout())
        if handshake is None:
            return
        for violation in handshake.violations:
            self.violations.layout().addWidget(violation_card(self.theme, violation))
        self.violations.setVisible(bool(handshake.violations))
        if request := handshake.request:
            self._fill(self.request, f"{request.method} {request.target} {request.version}", request_lines(handshake))
            self.proof.show_key(handshake.key, handshake.accept)
        answer = handshake.response
        self._fill(self.response, f"HTTP/1.1 {answer.status} {answer.reason}".rstrip(), response_lines(handshake))
        self.choice.show_rows(negotiated(handshake, is_ours=self._is_live and self.item[:1] == "c"))

    def _fill(self, part: QWidget, first: str, lines: tuple[HeaderLine, ...]) -> None:
        part.layout().addWidget(label(first, "chip"))
        for line in lines:
            part.layout().addWidget(HeaderLabel(line, self.theme))

    # --- what lessons point at, and wait for ---

    def highlight(self, items: frozenset[str]) -> QWidget | None:
        """Point at the key ("accept") or at a mutation's button ("no key")."""
        self.proof.point("accept" in items)
        button = self.attempts.point(items)
        return self.proof if "accept" in items else button

    def _tell_accept(self, key: str, accept: str) -> None:
        is_sent = self._handshake is not None and key == self._handshake.key
        self.told.emit(AcceptComputed(t=time.time(), source="window", key=key, accept=accept, is_sent=is_sent))


def _facts(known: Connection, now: float) -> str:
    parts = [f"Opened {clock(known.opened)}"]
    parts.append(f"closed {clock(known.closed)}" if known.closed else f"open for {span(now - known.opened)}")
    parts.append(f"{known.frames['client']} frames in, {known.frames['server']} out")
    if known.reply_channel:
        parts.append(f"reply channel {breakable(known.reply_channel)}")
    return " · ".join(parts)
