# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks before something is deleted."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from panels.panel import set_role
from panels.theme import Theme


class Question(QFrame):
    """A strip with the line in question; `answered` says whether it is to be run."""

    answered = pyqtSignal(str, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.line = ""
        self.setObjectName("question")
        self.setAccessibleName("Before something is deleted")
        self._text = QLabel()
        self._text.setTextFormat(Qt.PlainText)
        self._text.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)
        self.do = QPushButton("Delete")
        set_role(self.do, kind="danger")
        self.leave = QPushButton("Leave it")
        for button, is_yes in ((self.do, True), (self.leave, False)):
            button.setAutoDefault(True)
            button.clicked.connect(lambda _, is_yes=is_yes: self._answer(is_yes))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(4), theme.px(10), theme.px(4))
        row.addWidget(self._text, 1)
        row.addWidget(self.do)
        row.addWidget(self.leave)
        self.hide()

    def ask(self, line: str, what: str) -> None:
        """Ask whether a line is to be run; `what` it does."""
        self.line = line
        self._text.setText(f"{line}: {what}. It cannot be undone.")
        self._text.setToolTip(self._text.text())
        self.show()
        self.leave.setFocus(Qt.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves it."""
        if event.key() == Qt.Key_Escape:
            self._answer(False)
        else:
            super().keyPressEvent(event)

    def _answer(self, is_yes: bool) -> None:
        self.hide()
        self.answered.emit(self.line, is_yes)
