# SPDX-License-Identifier: GPL-3.0-or-later
"""A text with numbered lines: Python to edit, or a difference to read."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QTextCursor, QTextFormat
from PyQt5.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from panels.theme import Theme

INDENT = " " * 4


class Editor(QPlainTextEdit):
    """Lines are counted from 1. `marks` are their grounds, `signs` are those with a cross, in the colour of a role."""

    left = pyqtSignal()  # Esc: the keys are to go elsewhere

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.marks: dict[int, QColor] = {}
        self.signs: dict[int, str] = {}  # a line -> a palette role
        self.setObjectName("source")
        self.setAccessibleName(name)
        self.setLineWrapMode(QPlainTextEdit.NoWrap)
        self._numbers = _Numbers(self)
        self.blockCountChanged.connect(lambda _: self._fit())
        self.updateRequest.connect(self._follow)
        self.restyle()

    def restyle(self) -> None:
        """Take the font and the colours from the theme again."""
        self.setFont(self.theme.mono("small"))
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(INDENT))
        self._fit()
        self.show_marks(self.marks, self.signs)

    def show_text(self, text: str) -> None:
        """Put another text in the place of this one; Undo brings it back."""
        if text == self.toPlainText():
            return
        bar = self.verticalScrollBar().value()
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.Document)
        cursor.insertText(text)
        self.verticalScrollBar().setValue(bar)

    def show_marks(self, marks: dict[int, QColor], signs: dict[int, str]) -> None:
        """Give lines another ground, and signs before their numbers."""
        self.marks, self.signs = dict(marks), dict(signs)
        chosen = []
        for line, color in self.marks.items():
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                one = QTextEdit.ExtraSelection()
                one.format.setBackground(color)
                one.format.setProperty(QTextFormat.FullWidthSelection, True)
                one.cursor = QTextCursor(block)
                chosen.append(one)
        self.setExtraSelections(chosen)
        self._numbers.update()

    def go_to(self, line: int) -> None:
        """Bring a line into the upper half, with the cursor in it."""
        block = self.document().findBlockByNumber(line - 1)
        if line and block.isValid():
            self.setTextCursor(QTextCursor(block))
            self.verticalScrollBar().setValue(max(line - 3, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tab and Enter keep to the indentation; Esc leaves, so that the keys are no trap."""
        if event.key() == Qt.Key_Escape:
            self.left.emit()
        elif event.key() == Qt.Key_Tab and not self.isReadOnly() and not self.textCursor().hasSelection():
            self.insertPlainText(INDENT)
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter) and not self.isReadOnly():
            before = self.textCursor().block().text()[: self.textCursor().positionInBlock()]
            indent = before[: len(before) - len(before.lstrip())]
            self.insertPlainText("\n" + indent + INDENT * before.rstrip().endswith(":"))
            self.ensureCursorVisible()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers stand at the left."""
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._numbers.setGeometry(QRect(inside.left(), inside.top(), self.numbers_width(), inside.height()))

    def numbers_width(self) -> int:
        """Return how wide the numbers are, with a sign before them."""
        digits = max(len(str(self.blockCount())), 2)
        return self.fontMetrics().horizontalAdvance("0") * digits + self.theme.px(26)

    def _fit(self) -> None:
        self.setViewportMargins(self.numbers_width(), 0, 0, 0)

    def _follow(self, rect: QRect, dy: int) -> None:
        if dy:
            self._numbers.scroll(0, dy)
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Paint the numbers of the lines in sight."""
        painter, theme = QPainter(self._numbers), self.theme
        painter.fillRect(event.rect(), theme.color("panel"))
        painter.setFont(self.font())
        block, width = self.firstVisibleBlock(), self._numbers.width()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self.blockBoundingRect(block).height()
            line = block.blockNumber() + 1
            role = self.signs.get(line, "muted")
            painter.setPen(theme.color(role))
            place = QRect(0, round(top), width - theme.px(8), round(height))
            painter.drawText(place, int(Qt.AlignRight | Qt.AlignVCenter), str(line))
            if line in self.signs:
                painter.drawText(place.adjusted(theme.px(4), 0, 0, 0), int(Qt.AlignLeft | Qt.AlignVCenter), "✕")
            top += height
            block = block.next()
        painter.end()


class _Numbers(QWidget):
    """The strip at the left of an editor."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        """Return its width."""
        return QSize(self._editor.numbers_width(), 0)

    def paintEvent(self, event: Any) -> None:
        """Have the numbers painted."""
        self._editor.paint_numbers(event)
