# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a connection: its opening handshake header by header, and how the accept value is made."""

from __future__ import annotations

import html

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.entities import Connection
from app.events import HandshakeSeen
from app.journey import journey_of_handshake
from app.store import Store
from app.wire.handshake import GUID, Handshake, accept_steps
from panels.headers import HeaderLine, request_lines, response_lines
from panels.inspector.frame import violation_card
from panels.inspector.parts import clear, column, label, rich
from panels.inspector.view import View, name_of
from panels.journey import JourneyStrip
from panels.panel import set_role
from panels.streams import handshake_at
from panels.theme import Theme
from panels.times import clock, span

MARKS = {"right": ("✓", "good"), "wrong": ("✕", "bad"), "plain": ("·", "muted")}
TIED = ("sec-websocket-key", "sec-websocket-accept")  # one is made from the other


class ConnectionView(View):
    """A connection's handshake, in the order in which things were said."""

    kind = "connection"

    def __init__(self, store: Store, theme: Theme) -> None:
        super().__init__(store, theme)
        self.journey = JourneyStrip(theme)
        self.journey.picked.connect(self.picked)
        self.violations, self.request, self.response = QWidget(), QWidget(), QWidget()
        for part in (self.violations, self.request, self.response):
            column(part, spacing=0)
        self.body.addWidget(self.journey)
        self.body.addWidget(self.violations)
        self.request_title = self.add_section("Request")
        self.body.addWidget(self.request)
        self.proof_title = self.add_section("How the server proves it understood")
        self.proof = AcceptSteps(theme)
        self.body.addWidget(self.proof)
        self.response_title = self.add_section("Response")
        self.body.addWidget(self.response)
        self.facts = rich("", "small")
        self.body.addWidget(self.facts)
        self._handshake: Handshake | None = None
        self._answered = 0.0

    def show_item(self, item: str, now: float) -> None:
        """Show the connection with an id."""
        self.item = item
        self._handshake = None
        self._build()
        self.refresh(now)

    def refresh(self, now: float) -> None:
        """Show what may have come meanwhile: the handshake itself, frames, the end."""
        if self._handshake is None:
            self._handshake = handshake_at(self.store.index, self.item)
            if self._handshake:
                self._answered = self._time_of_answer()
                self._build()
        known = self.state.connections.get(self.item)
        hops = journey_of_handshake(self.state, self.item, self._answered)
        self.journey.show_hops(hops, now)
        self.head.setText(self._headline(known.opened if known else 0.0))
        self.facts.setText(_facts(known, now) if known else "")

    def tick(self, now: float) -> None:
        """Count on what waits."""
        self.journey.tick(now)

    def restyle(self) -> None:
        """Build again in the theme of now."""
        if self.item:
            self._build()
            self.proof.restyle()

    def _time_of_answer(self) -> float:
        for event in self.store.since(self.store.start):
            if isinstance(event, HandshakeSeen) and event.connection == self.item:
                return event.t
        return 0.0

    def _headline(self, began: float) -> str:
        way = f"{name_of(self.state, self.item)} → server"
        if self._handshake is None:
            return f"Connection · {way} · its handshake was not seen"
        took = f" in {span(self._answered - began)}" if began and self._answered > began else ""
        status = self._handshake.status
        return f"Handshake · {way} · {f'accepted{took}' if status == 101 else f'refused with {status}{took}'}"

    def _build(self) -> None:
        handshake = self._handshake
        parts = (self.request_title, self.request, self.response_title, self.response, self.proof_title, self.proof)
        for part in (*parts, self.violations):
            part.setVisible(handshake is not None)
        for part in (self.violations, self.request, self.response):
            clear(part.layout())
        if handshake is None:
            return
        for violation in handshake.violations:
            self.violations.layout().addWidget(violation_card(self.theme, violation))
        self.violations.setVisible(bool(handshake.violations))
        if handshake.request:
            request = handshake.request
            self._fill(self.request, f"{request.method} {request.target} {request.version}", request_lines(handshake))
            self.proof.show_key(handshake.key)
        answer = handshake.response
        self._fill(self.response, f"HTTP/1.1 {answer.status} {answer.reason}".rstrip(), response_lines(handshake))
        self.response.layout().addSpacing(self.theme.px(6))
        self.response.layout().addWidget(label(_choice(handshake), "small"))

    def _fill(self, part: QWidget, first: str, lines: tuple[HeaderLine, ...]) -> None:
        chip = label(first, "chip")
        part.layout().addWidget(chip)
        for line in lines:
            part.layout().addWidget(HeaderLabel(line, self.theme))


class HeaderLabel(QWidget):
    """A header with its mark; what it is for is its tip."""

    def __init__(self, line: HeaderLine, theme: Theme) -> None:
        super().__init__()
        sign, role = MARKS[line.mark]
        mark = set_role(QLabel(sign), role=role)
        mark.setFixedWidth(theme.px(14))
        color = theme.color("bad" if line.mark == "wrong" else "text").name()
        text = rich(
            f'<b>{html.escape(line.name)}</b>&nbsp; <span style="color:{color}">{_breakable(line.value)}</span>'
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(4), theme.px(2), theme.px(4), theme.px(2))
        row.setSpacing(theme.px(4))
        row.addWidget(mark, 0, Qt.AlignTop)
        row.addWidget(text, 1)
        self.setToolTip(line.meaning)
        self.setAccessibleName(f"{line.name}: {line.value}")
        self.setAccessibleDescription(line.meaning)
        if line.name.lower() in TIED:
            self.setAttribute(Qt.WA_StyledBackground)
            set_role(self, role="tied")


def _breakable(value: str) -> str:
    """Return a value whose long words may be broken at the line's end."""
    words = (html.escape(word) if len(word) <= 30 else _broken(word) for word in value.split(" "))
    return " ".join(words)


def _broken(word: str) -> str:
    return "&#8203;".join(html.escape(word[i : i + 8]) for i in range(0, len(word), 8))


def _choice(handshake: Handshake) -> str:
    """Return what was offered and what of it was chosen."""
    parts = []
    for header, chosen, one in (
        ("sec-websocket-protocol", handshake.subprotocol, "subprotocol"),
        ("sec-websocket-extensions", ", ".join(handshake.extensions), "extension"),
    ):
        offered = handshake.request.header(header) if handshake.request else ""
        if offered or chosen:
            parts.append(f"{one} {chosen or 'none'}, offered: {offered or 'none'}")
        else:
            parts.append(f"no {one} offered")
    return f"Chosen: {' · '.join(parts)}."


def _facts(known: Connection, now: float) -> str:
    parts = [f"Opened {clock(known.opened)}"]
    parts.append(f"closed {clock(known.closed)}" if known.closed else f"open for {span(now - known.opened)}")
    parts.append(f"{known.frames['client']} frames in, {known.frames['server']} out")
    if known.reply_channel:
        parts.append(f"reply channel {_breakable(known.reply_channel)}")
    return " · ".join(parts)


class AcceptSteps(QWidget):
    """The accept value in three steps, from a key that may be changed to see what happens."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(1, 1)
        self.key = QLineEdit()
        self.key.setAccessibleName("Sec-WebSocket-Key, to try another one")
        self.key.setToolTip("Change the key and see how everything below follows")
        self.key.textChanged.connect(self._compute)
        self.guid, self.digest, self.accept = label(GUID, "code"), rich("", "code"), rich("", "code")
        titles = ("key + the fixed GUID of the RFC", "SHA-1 of both together: 20 bytes", "these bytes in base64")
        parts: tuple[tuple[QWidget, ...], ...] = ((self.key, self.guid), (self.digest,), (self.accept,))
        for number, (title, widgets) in enumerate(zip(titles, parts, strict=True)):
            grid.addWidget(Number(theme, number + 1), number, 0, Qt.AlignTop)
            cell = QWidget()
            body = column(cell, spacing=3)
            body.addWidget(label(title))
            for widget in widgets:
                body.addWidget(widget)
            grid.addWidget(cell, number, 1)
        self.restyle()

    def show_key(self, key: str) -> None:
        """Begin with the key that was sent."""
        self.key.setText(key)
        self.key.setCursorPosition(0)

    def restyle(self) -> None:
        """Take the font from the theme again."""
        self.key.setFont(self.theme.sans("body"))  # JetBrains Mono would join the two = at the end
        self._compute(self.key.text())

    def _compute(self, key: str) -> None:
        _, digest, accept = accept_steps(key)
        self.digest.setText(f'<span style="font-size:{self.theme.px(11)}px">{_broken(digest)}</span>')
        self.accept.setText(f'<span style="color:{self.theme.palette.good}">{html.escape(accept)}</span>')


class Number(QWidget):
    """A step's number on a disc."""

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self.theme = theme
        self._text = str(number)
        self.setFixedSize(theme.px(20), theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint disc and number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.color("accent"))
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(self.theme.color("on_accent"))
        painter.setFont(self.theme.sans("small", bold=True))
        painter.drawText(self.rect(), Qt.AlignCenter, self._text)
