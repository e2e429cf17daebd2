# SPDX-License-Identifier: GPL-3.0-or-later
"""The line for a filter: it completes words, and compiles what was typed once the typing pauses."""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QStringListModel, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QCompleter, QLineEdit, QWidget

from app.filters import FilterError, compile_filter, completions
from panels.panel import set_role
from panels.theme import Theme

PAUSE = 250  # milliseconds without a key before a filter counts as typed


class FilterLine(QLineEdit):
    """A search field; `compiled` gives a new predicate (None: no filter), `failed` a text, empty when all is well."""

    compiled = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._applied = ""
        self._words = QStringListModel(self)
        self.setAccessibleName("Filter")
        self.setPlaceholderText("opcode == TEXT and client == bob")
        self.setToolTip(
            "Show only some frames, in Wireshark's words or shorter ones:\n"
            'websocket.opcode == 9     tcp.stream == 3     length > 125\n'
            'opcode == TEXT and client == "bob"     payload contains "hello"'
        )  # fmt: skip
        self.setClearButtonEnabled(True)
        self._set_completer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.apply)
        self.textChanged.connect(self._pause.start)
        self.textEdited.connect(self._offer)
        self.returnPressed.connect(self.apply)
        self.restyle()

    def _set_completer(self) -> None:
        completer = QCompleter(self._words, self)
        completer.setCompletionMode(QCompleter.PopupCompletion)
        self.setCompleter(completer)

    def restyle(self) -> None:
        """Take font and measures from the theme again."""
        self.setFont(self.theme.mono("body"))
        self.setTextMargins(self.theme.px(18), 0, 0, 0)

    def apply(self) -> None:
        """Compile what stands here; a wrong filter leaves the former one in force."""
        self._pause.stop()
        text = self.text().strip()
        try:
            predicate = compile_filter(text)
        except FilterError as error:
            self._show_state("wrong")
            self.failed.emit(str(error))
            return
        self._show_state("")
        self.failed.emit("")
        if text != self._applied:
            self._applied = text
            self.compiled.emit(predicate if text else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape take the filter away."""
        if event.key() == Qt.Key_Escape:
            self.clear()
            self.apply()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field and a magnifying glass in it."""
        super().paintEvent(event)
        painter, px = QPainter(self), self.theme.px
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(QPen(self.theme.color("muted"), px(1) * 1.5))
        centre = QPointF(px(15), self.height() / 2 - px(1))
        painter.drawEllipse(centre, px(4), px(4))
        painter.drawLine(centre + QPointF(px(3), px(3)), centre + QPointF(px(6), px(6)))

    def _offer(self, text: str) -> None:
        words = completions(text)
        begun = next((n for n in range(len(text), 0, -1) if words and words[0].startswith(text[-n:])), 0)
        start = text[: len(text) - begun]
        self._words.setStringList([start + word for word in words] if begun else [])

    def _show_state(self, state: str) -> None:
        if self.property("state") != state:
            set_role(self, state=state)
