# SPDX-License-Identifier: GPL-3.0-or-later
"""The overlay that lists every shortcut of the window."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QEvent, QObject, Qt
from PyQt5.QtWidgets import QAbstractButton, QFrame, QGridLayout, QLabel, QShortcut, QVBoxLayout, QWidget

from panels.panel import set_role
from panels.theme import Theme

ROW, HEAD, KEYS = 27, 110, 204  # pixels at scale 1: of a line, of what is not lines, of a column's keys and spaces
COLUMNS = 2
ALWAYS = (
    ("arrow keys", "Stage: from card to card; Enter does what a click does, the menu key opens the rest"),
    ("Space", "freeze, and go on, where nothing else takes it"),
    ("Tab", "to the next part of the window"),
    ("Esc", "close this"),
)


def set_text(button: QAbstractButton, text: str) -> None:
    """Give a button another text; Qt would take its shortcut away with the old one."""
    if button.text() != text:
        keys = button.shortcut()
        button.setText(text)
        button.setShortcut(keys)


class Shortcuts(QFrame):
    """Collects what is there, so that it never lists what is not; Escape or a click closes it."""

    def __init__(self, theme: Theme, owner: QWidget) -> None:
        super().__init__(owner)
        self.theme, self.owner = theme, owner
        self.setObjectName("shortcuts")
        self.setAccessibleName("Shortcuts")
        self.setFocusPolicy(Qt.StrongFocus)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(14))
        self._grid.setVerticalSpacing(theme.px(3))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(24), theme.px(18), theme.px(24), theme.px(20))
        column.setSpacing(theme.px(12))
        column.addWidget(set_role(QLabel("Shortcuts"), role="heading"))
        column.addLayout(self._grid)
        self.hide()

    def toggle(self) -> None:
        """Show it over the middle of the window, or put it away."""
        if self.isVisible():
            self.hide()
            return
        window = self.owner.window()
        self.setParent(window)
        self._fill(window)
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, (window.height() - self.height()) // 2)
        self.show()
        self.raise_()
        self.setFocus()
        window.installEventFilter(self)

    def _fill(self, window: QWidget) -> None:
        while item := self._grid.takeAt(0):
            item.widget().deleteLater()
        rows = [
            (button.shortcut().toString(), button.toolTip().rpartition(" (")[0] or button.accessibleName())
            for button in window.findChildren(QAbstractButton)
            if not button.shortcut().isEmpty() and button.isVisible()
        ]
        rows += [
            (one.key().toString(), one.whatsThis())
            for one in window.findChildren(QShortcut)
            if one.whatsThis() and one.isEnabled() and one.parentWidget().isVisible()
        ]
        rows += ALWAYS
        room = (window.height() - self.theme.px(HEAD)) // self.theme.px(ROW)
        columns = min(-(-len(rows) // max(room, 1)), COLUMNS)
        deep = -(-len(rows) // columns)
        width = window.width() // columns - self.theme.px(KEYS)
        for number, (keys, what) in enumerate(rows):
            key, text = QLabel(keys), QLabel(what)
            key.setObjectName("keys")
            if text.sizeHint().width() > width:
                text.setWordWrap(True)
                text.setFixedSize(width, text.heightForWidth(width))
            self._grid.addWidget(key, number % deep, number // deep * 2, Qt.AlignLeft)
            self._grid.addWidget(text, number % deep, number // deep * 2 + 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click elsewhere puts it away; it fits a window that becomes smaller."""
        if event.type() == QEvent.MouseButtonPress:
            self.hide()
        elif event.type() == QEvent.Resize and self.isVisible():
            self.hide()
            self.toggle()
        return False

    def keyPressEvent(self, event: Any) -> None:
        """Escape puts it away."""
        if event.key() == Qt.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        """So does going elsewhere."""
        super().focusOutEvent(event)
        self.hide()
