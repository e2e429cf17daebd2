# SPDX-License-Identifier: GPL-3.0-or-later
"""The line in which a built-in client writes a chat message."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QRectF, Qt, pyqtSignal
from PyQt5.QtWidgets import QLineEdit, QWidget

from panels.theme import Theme


class SayLine(QLineEdit):
    """Opens over a client's card; Enter sends, Escape or a click elsewhere closes."""

    sent = pyqtSignal(str, str)  # client, text

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.name = ""
        self.setAccessibleName("Chat message")
        self.setObjectName("say")
        self.returnPressed.connect(self._send)
        self.hide()

    def open(self, name: str, card: QRectF) -> None:
        """Write as `name`, over its card."""
        self.name = name
        self.setPlaceholderText(f"Message as {name}, Enter sends")
        self.setGeometry(int(card.left()), int(card.top()), self.theme.px(280), int(card.height()))
        self.show()
        self.setFocus(Qt.OtherFocusReason)

    def _send(self) -> None:
        if self.text():
            self.sent.emit(self.name, self.text())
            self.clear()

    def keyPressEvent(self, event: Any) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key_Escape:
            self.hide()
            self.parentWidget().setFocus()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        """Close when the user goes elsewhere, not when the window does."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.ActiveWindowFocusReason, Qt.PopupFocusReason):
            self.hide()
