# SPDX-License-Identifier: GPL-3.0-or-later
"""The line under the keys: how many there are, and the commands that show the same as the picture above."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.console.meaning import commands_for, shortened
from panels.panel import set_role
from panels.theme import Theme

MOST = 3  # commands for one picture


class Foot(QWidget):
    """A sentence at the left, buttons with commands at the right; `line_clicked` tells which is to be run."""

    line_clicked = pyqtSignal(str)
    compare_wanted = pyqtSignal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.PlainText)
        self.summary.setAccessibleName("Number of keys")
        self.summary.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)
        set_role(self.summary, role="small")
        self.title = QLabel("Show the command:")
        set_role(self.title, role="small")
        self.buttons = [QPushButton() for _ in range(MOST)]
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(3), theme.px(10), theme.px(3))
        row.setSpacing(theme.px(6))
        self.compare = QPushButton("Compare")
        self.compare.setCheckable(True)
        self.compare.setToolTip("Remember this moment; from then on the table says what is new, gone or changed")
        set_role(self.compare, kind="command")
        self.compare.toggled.connect(self.compare_wanted)
        row.addWidget(self.summary, 1)
        row.addWidget(self.compare)
        row.addWidget(self.title)
        for number, button in enumerate(self.buttons):
            set_role(button, kind="command")
            button.setFocusPolicy(Qt.TabFocus)
            button.clicked.connect(lambda _, number=number: self.line_clicked.emit(self._lines[number]))
            row.addWidget(button)
        self.show_commands("", "")

    def show_summary(self, text: str) -> None:
        """Show how many keys there are."""
        self.summary.setText(text)
        self.summary.setToolTip(text)

    def show_commands(self, key: str, kind: str) -> None:
        """Offer the commands that show one key, or, without one, all keys."""
        lines = commands_for(kind, key) if key else ("keys *",)
        if lines == self._lines:
            return
        self._lines = lines
        for button, line in zip(self.buttons, (*lines, *[""] * MOST), strict=False):
            button.setVisible(bool(line))
            button.setText(shortened(line) if key else line)
            button.setToolTip(line)
            button.setAccessibleName(line)
