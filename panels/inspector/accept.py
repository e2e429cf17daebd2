# SPDX-License-Identifier: GPL-3.0-or-later
"""The accept value in three steps, from a key that may be changed to see what happens (RFC 6455 §4.2.2)."""

from __future__ import annotations

import html
from functools import partial

from PyQt5.QtCore import QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.wire.handshake import GUID, accept_steps, key_length
from panels.inspector.header_label import broken_up
from panels.inspector.parts import column, label, rich
from panels.panel import set_role
from panels.theme import Theme

OTHERS = (  # keys to try beside the connection's own
    ("the talk's", "x3JJHMbDL1EzLkh9GBhXDw==", "the key on the slide of the talk"),
    ("the RFC's", "dGhlIHNhbXBsZSBub25jZQ==", "the key of the example in RFC 6455 §1.3"),
)
TITLES = ("key + the fixed GUID of the RFC", "SHA-1 of both together: 20 bytes", "these bytes in base64")


class AcceptSteps(QWidget):
    """Key, digest, accept value; whoever changes the key sees everything below follow."""

    computed = pyqtSignal(str, str)  # by the user: a key, and the accept value that belongs to it

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._sent = self._answered = ""
        self.key = QLineEdit()
        self.key.setAccessibleName("Sec-WebSocket-Key, to try another one")
        self.key.setToolTip("Change the key and see how everything below follows")
        self.presets = self._make_presets()
        self.guid, self.digest, self.accept = label(GUID, "code"), rich("", "code"), rich("", "code")
        self.verdict = label("", "small")
        self._build()
        self.key.textChanged.connect(self._compute)
        self.key.textEdited.connect(self._edited)
        self.key.returnPressed.connect(self._tell)
        self.restyle()

    def _make_presets(self) -> tuple[QPushButton, ...]:
        made = []
        for name, key, tip in (("this connection's", "", "the key that was sent on this connection"), *OTHERS):
            button = QPushButton(name)
            set_role(button, kind="small")
            button.setToolTip(f"Use {tip}")
            button.clicked.connect(partial(self._use, key))
            made.append(button)
        return tuple(made)

    def _build(self) -> None:
        theme = self.theme
        row = QWidget()
        buttons = QHBoxLayout(row)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(theme.px(4))
        buttons.addWidget(label("Key:", "muted", is_wrapped=False))
        for button in self.presets:
            buttons.addWidget(button)
        buttons.addStretch(1)
        body = column(self, spacing=theme.px(6))
        body.addWidget(row)
        grid = QGridLayout()
        body.addLayout(grid)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(6))
        grid.setColumnStretch(1, 1)
        parts: tuple[tuple[QWidget, ...], ...] = (
            (self.key, self.guid), (self.digest,), (self.accept, self.verdict),
        )  # fmt: skip
        for number, (title, widgets) in enumerate(zip(TITLES, parts, strict=True)):
            grid.addWidget(Number(theme, number + 1), number, 0, Qt.AlignTop)
            cell = QWidget()
            lines = column(cell, spacing=theme.px(4))
            lines.addWidget(label(title))
            for widget in widgets:
                lines.addWidget(widget)
            grid.addWidget(cell, number, 1)

    def show_key(self, key: str, answered: str = "") -> None:
        """Begin with the key that was sent, and the accept value that came back."""
        if (key, answered) == (self._sent, self._answered):
            return  # a key being tried stays
        self._sent, self._answered = key, answered
        self.presets[0].setEnabled(bool(key))
        self.key.setText(key)
        self.key.setCursorPosition(0)
        self._compute(key)

    def point(self, is_pointed: bool) -> None:
        """Point at the key, or no longer."""
        set_role(self.key, pointed=is_pointed)

    def restyle(self) -> None:
        """Take the font from the theme again."""
        self.key.setFont(self.theme.sans("body"))  # JetBrains Mono would join the two = at the end
        self._compute(self.key.text())

    def try_key(self, key: str) -> None:
        """Show what comes of a key; tells nobody."""
        self.key.setText(key)
        self.key.setCursorPosition(0)

    def begin_again(self) -> None:
        """Show the key that was sent."""
        self.try_key(self._sent)

    def _use(self, key: str) -> None:
        self.try_key(key or self._sent)
        self._tell()

    def _edited(self, key: str) -> None:
        if key_length(key) == 16:  # half a key is nothing to talk about
            self._tell()

    def _tell(self) -> None:
        key = self.key.text().strip()
        self.computed.emit(key, accept_steps(key)[2])

    def _compute(self, key: str) -> None:
        _, digest, accept = accept_steps(key)
        self.digest.setText(f'<span style="font-size:{self.theme.px(11)}px">{broken_up(digest)}</span>')
        self.accept.setText(f'<span style="color:{self.theme.palette.good}">{html.escape(accept)}</span>')
        text, role = self._judge(key.strip(), accept)
        self.verdict.setText(text)
        set_role(self.verdict, role=role)

    def _judge(self, key: str, accept: str) -> tuple[str, str]:
        """Return what is to be said of the result, and the style of the words."""
        if (length := key_length(key)) != 16:
            found = "no base64" if length < 0 else f"{length} bytes"
            return f"✕ The key must be 16 bytes in base64; this is {found}.", "bad"
        if key != self._sent:
            return "Not this connection's key, so not its answer.", "small"
        if not self._answered:
            return "The server sent no accept value.", "small"
        if accept == self._answered:
            return "✓ The server sent the same.", "good"
        return f"✕ The server sent {self._answered}: the client must fail the connection.", "bad"


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
