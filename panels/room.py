# SPDX-License-Identifier: GPL-3.0-or-later
"""Open to the room: two switches, off at the start, with what phones and laptops need to get in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QEvent, QObject, QPoint, Qt
from PyQt5.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ports import room_addresses
from app.state import State
from panels.choice import Choice, Tick
from panels.panel import set_role
from panels.qr import QrCode
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

WIDTH = 460  # pixels at scale 1
PHONES = "Phones in the same network open this address. It leads to the pages and to nothing else."
WORKERS = "For another machine that has Channelscope. Its worker can be killed only there; this switch sends all away."
CLOSED = "Share"
OPEN = "● Open to the room"


def is_open(state: State, name: str) -> bool:
    """Return whether a door is open: "room" for phones, "invitation" for workers."""
    source = state.sources.get(name)
    return source is not None and source.status == "ready"


class RoomCard(QFrame):
    """Lies under its button; a click elsewhere or Escape puts it away."""

    def __init__(self, lab: Lab, theme: Theme, button: QPushButton) -> None:
        super().__init__(button)
        self.lab, self.theme, self.button = lab, theme, button
        self._shown: tuple[str, ...] | None = None
        self.setObjectName("shortcuts")
        self.setAccessibleName("Open to the room")
        self.setFocusPolicy(Qt.StrongFocus)
        self.setFixedWidth(theme.px(WIDTH))
        self.phones = Tick("Let phones open the pages", theme)
        self.workers = Tick("Invite workers from other machines", theme)
        self.where = Choice(theme)
        self.where.setAccessibleName("Address of this machine")
        self.code = QrCode(theme)
        self.address, self.line = self._mono("Address for phones"), self._mono("Line for other machines")
        self.copy = QPushButton("Copy")
        self.copy.setAccessibleName("Copy the line")
        self.reason = QLabel()
        self._lay_out()
        self.phones.clicked.connect(lambda on: self.lab.share(on, self.where.currentText()))
        self.workers.clicked.connect(lambda on: self.lab.invite(on, self.where.currentText()))
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.line.text()))
        self.hide()

    def _mono(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setTextInteractionFlags(Qt.TextSelectableByMouse)
        label.setWordWrap(True)
        return set_role(label, role="mono")

    def _lay_out(self) -> None:
        px = self.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(16), px(14), px(16), px(14))
        column.setSpacing(px(10))
        head = QHBoxLayout()
        head.addWidget(set_role(QLabel("Open to the room"), role="section"))
        head.addStretch()
        head.addWidget(self.where)
        column.addLayout(head)
        column.addWidget(self.phones)
        self._inside = QWidget()
        inside = QHBoxLayout(self._inside)
        inside.setContentsMargins(px(26), 0, 0, 0)
        inside.setSpacing(px(14))
        self.code.setFixedSize(self.code.sizeHint())
        inside.addWidget(self.code)
        words = QVBoxLayout()
        words.addWidget(self.address)
        words.addWidget(self._said(PHONES))
        words.addStretch()
        inside.addLayout(words, 1)
        column.addWidget(self._inside)
        column.addWidget(self.workers)
        self._line = QWidget()
        line = QVBoxLayout(self._line)
        line.setContentsMargins(px(26), 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.line, 1)
        row.addWidget(self.copy)
        line.addLayout(row)
        line.addWidget(self._said(WORKERS))
        column.addWidget(self._line)
        self.reason.setWordWrap(True)
        column.addWidget(set_role(self.reason, role="bad"))

    def _said(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setWordWrap(True)
        return set_role(label, role="muted")

    def show_state(self, state: State) -> None:
        """Show which doors are open, here and on the button."""
        doors = [state.sources.get(name) for name in ("room", "invitation")]
        shown = tuple(f"{door.status} {door.detail}" if door else "" for door in doors)
        if shown == self._shown:
            return
        self._shown = shown
        address, code = (door.detail if door and door.status == "ready" else "" for door in doors)
        self.phones.setChecked(bool(address))
        self.workers.setChecked(bool(code))
        self.code.show_text(address)
        self.address.setText(address)
        self.line.setText(f"python main.py worker --join {code}" if code else "")
        self._inside.setVisible(bool(address))
        self._line.setVisible(bool(code))
        self.say(next((door.detail for door in doors if door and door.status == "failed"), ""))
        keys = self.button.shortcut()
        self.button.setText(OPEN if address or code else CLOSED)
        self.button.setShortcut(keys)
        set_role(self.button, level="flight" if address or code else "")
        self._fit()

    def fail(self, state: State, reason: str) -> None:
        """Say why a door could not be opened or closed; the switches show how it is."""
        self._shown = None
        self.show_state(state)
        self.say(reason)

    def say(self, reason: str) -> None:
        """Show a sentence, or none."""
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))
        self._fit()

    def toggle(self) -> None:
        """Show it under its button, or put it away."""
        if self.isVisible():
            self.hide()
            return
        addresses = room_addresses()
        if addresses != [self.where.itemText(number) for number in range(self.where.count())]:
            self.where.clear()
            self.where.addItems(addresses)
        self.where.setVisible(len(addresses) > 1)
        window = self.button.window()
        self.setParent(window)
        self._fit()
        self.show()
        self.raise_()
        self.setFocus()
        window.installEventFilter(self)

    def _fit(self) -> None:
        self.adjustSize()
        window = self.button.window()
        corner = self.button.mapTo(window, QPoint(self.button.width(), self.button.height() + self.theme.px(6)))
        if self.parentWidget() is window:
            self.move(max(corner.x() - self.width(), self.theme.px(8)), corner.y())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click elsewhere puts it away."""
        if event.type() == QEvent.MouseButtonPress and self.isVisible() and not self.underMouse():
            self.hide()
        return False

    def keyPressEvent(self, event: Any) -> None:
        """Escape puts it away."""
        if event.key() == Qt.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
