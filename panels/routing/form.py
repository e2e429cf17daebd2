# SPDX-License-Identifier: GPL-3.0-or-later
"""A message to fill in: its channel, and a line for each thing in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from panels.choice import Choice
from panels.inspector.parts import column
from panels.panel import set_role
from panels.routing.examples import CHANNELS
from panels.routing.values import read, written
from panels.theme import Theme

LONGEST = 30_000  # characters that a line takes; a longer value is shown and kept, not edited
HOW = "Text as it stands; behind = anything else: = 3, = b'bytes', = ['a', 'list']"


class Line(QWidget):
    """A name and a value."""

    changed = pyqtSignal()
    entered = pyqtSignal()
    removed = pyqtSignal()

    def __init__(self, theme: Theme, name: str, value: Any) -> None:
        super().__init__()
        self._value = value
        self.name, self.value, self.remove = QLineEdit(name), QLineEdit(), QPushButton("✕")
        text = written(value)
        self.value.setText(text[:LONGEST])
        self.value.setCursorPosition(0)
        self.value.setReadOnly(len(text) > LONGEST)
        self.name.setFixedWidth(theme.px(76))
        self.name.setPlaceholderText("name")
        self.name.setAccessibleName("Name of an attribute")
        self.value.setAccessibleName(f"Value of {name}" if name else "Value of an attribute")
        self.value.setToolTip(HOW)
        self.remove.setAccessibleName(f"Remove {name}".rstrip())
        self.remove.setToolTip("Take it out of the message")
        set_role(self.remove, kind="text")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        for widget in (self.name, self.value):
            set_role(widget, role="typed")
            widget.textEdited.connect(self._edited)
            widget.returnPressed.connect(self.entered)
            row.addWidget(widget)
        row.addWidget(self.remove)
        self.remove.clicked.connect(self.removed)

    def _edited(self) -> None:
        set_role(self.value, state="")
        self.changed.emit()

    def read(self) -> Any:
        """Return the value; raises ValueError, and shows where."""
        if not self.value.isModified():
            return self._value  # nothing is lost of what was captured
        try:
            return read(self.value.text())
        except ValueError:
            set_role(self.value, state="wrong")
            raise


class MessageForm(QWidget):
    """`changed` after each key, `entered` when it is to be tried at once."""

    changed = pyqtSignal()
    entered = pyqtSignal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.lines: list[Line] = []
        self.channel = Choice(theme)
        self.channel.setEditable(True)
        self.channel.setInsertPolicy(Choice.NoInsert)
        self.channel.setAccessibleName("Channel")
        self.channel.lineEdit().setAccessibleName("Channel")
        self.channel.setObjectName("channel")
        self.channel.addItems(CHANNELS)
        self.add = QPushButton("+ attribute")
        self.add.setToolTip("Any text in a message can be routed on")
        set_role(self.add, kind="text")
        self._lay_out()
        self.channel.editTextChanged.connect(lambda _: self.changed.emit())
        self.channel.lineEdit().returnPressed.connect(self.entered)
        self.add.clicked.connect(lambda: self._add("", "").name.setFocus())

    def _lay_out(self) -> None:
        px = self.theme.px
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(set_role(QLabel("Channel"), role="small"))
        head.addWidget(self.channel, 1)
        inner = QWidget()
        self._column = column(inner, px(4))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(px(4))
        self._column.addLayout(self._rows)
        self._column.addWidget(self.add, 0, Qt.AlignLeft)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        whole = column(self, px(6))
        whole.addLayout(head)
        whole.addWidget(scroll, 1)

    def offer(self, channels: Iterable[str]) -> None:
        """Offer channels to choose from, beside those of the interface server."""
        known = {self.channel.itemText(number) for number in range(self.channel.count())}
        if more := sorted(set(channels) - known):
            self.channel.blockSignals(True)
            text = self.channel.currentText()
            self.channel.addItems(more)
            self.channel.setEditText(text)
            self.channel.blockSignals(False)

    def show_message(self, channel: str, content: dict[str, Any]) -> None:
        """Fill in another message."""
        self.channel.blockSignals(True)
        self.channel.setEditText(channel)
        self.channel.blockSignals(False)
        for line in [*self.lines]:
            self._remove(line)
        for name, value in content.items():
            self._add(name, value)

    def message(self) -> tuple[str, dict[str, Any]]:
        """Return the channel and the content; raises ValueError for what cannot be read."""
        channel = self.channel.currentText().strip()
        if not channel:
            raise ValueError("a message is sent on a channel: name one")
        return channel, {line.name.text(): line.read() for line in self.lines if line.name.text()}

    def _add(self, name: str, value: Any) -> Line:
        line = Line(self.theme, name, value)
        line.changed.connect(self.changed)
        line.entered.connect(self.entered)
        line.removed.connect(lambda: self._remove(line))
        line.removed.connect(self.changed)
        self.lines.append(line)
        self._rows.addWidget(line)
        return line

    def _remove(self, line: Line) -> None:
        self.lines.remove(line)
        line.hide()
        line.deleteLater()
