# SPDX-License-Identifier: GPL-3.0-or-later
"""The line commands are typed into: arrows bring back earlier lines, Tab completes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PyQt5.QtCore import QEvent, QStringListModel, Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QCompleter, QLineEdit, QWidget

from app.console.completion import common_start, completions
from panels.console.history import History
from panels.theme import Theme

Keys = Callable[[], Iterable[tuple[str, str]]]  # the names of keys there are, and their types


class CommandLine(QLineEdit):
    """Emits `entered` for each line; `keys` is asked when there is something to complete."""

    entered = pyqtSignal(str)

    def __init__(self, theme: Theme, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.history = History()
        self._keys = keys
        self._choices = QStringListModel(self)
        chooser = QCompleter(self._choices, self)
        chooser.setCompletionMode(QCompleter.UnfilteredPopupCompletion)
        chooser.setMaxVisibleItems(10)
        chooser.activated.connect(self._choose)
        chooser.setWidget(self)  # not setCompleter: it is to open on Tab only
        self._chooser = chooser
        chooser.popup().setObjectName("choices")
        self.setObjectName("command_line")
        self.setAccessibleName("Redis command")
        self.setPlaceholderText("keys *")
        self.returnPressed.connect(self._enter)
        self.restyle()

    def restyle(self) -> None:
        """Take the font from the theme again."""
        self.setFont(self.theme.mono())
        self._chooser.popup().setFont(self.theme.mono())

    def event(self, event: QEvent) -> bool:
        """Complete on Tab, as long as something is typed; else Tab goes on to the next widget."""
        is_tab = event.type() == QEvent.KeyPress and event.key() == Qt.Key_Tab and self.text().strip()
        if is_tab and self._complete():
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through earlier lines with the arrows; Escape empties the line."""
        steps = {Qt.Key_Up: -1, Qt.Key_Down: 1}
        if event.key() in steps:
            self.setText(self.history.step(steps[event.key()], self.text()))
        elif event.key() == Qt.Key_Escape:
            self.clear()
        else:
            super().keyPressEvent(event)

    def _complete(self) -> bool:
        """Go as far as there is no choice, then offer the choices; return whether there was anything."""
        line = self.text()
        lines = completions(line, self._keys())
        if not lines:
            return False
        start = common_start(lines, line)
        if start != line:
            self.setText(start)
        elif len(lines) > 1:
            self._choices.setStringList(lines)
            self._chooser.complete()
        return True

    def _choose(self, line: str) -> None:
        self.setText(line)

    def _enter(self) -> None:
        line = self.text().strip()
        if line:
            self.history.add(line)
            self.clear()
            self.entered.emit(line)
