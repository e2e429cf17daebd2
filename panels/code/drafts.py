# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts on the desk, a document for each module, so that each keeps its own undoing; knows no lab."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping

from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtGui import QTextCursor, QTextDocument
from PyQt5.QtWidgets import QPlainTextDocumentLayout

from app.versions import MODULES, PACKAGE, name_of, shipped
from panels.code.highlighter import PythonHighlighter
from panels.theme import Theme


class Drafts(QObject):
    """The modules as they are in the editor."""

    changed = pyqtSignal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._shipped = {module: shipped(module) for module in MODULES}
        self.documents = {module: self._document(text) for module, text in self._shipped.items()}
        self._highlighters = [PythonHighlighter(document, theme) for document in self.documents.values()]

    def _document(self, text: str) -> QTextDocument:
        document = QTextDocument(self)
        document.setDocumentLayout(QPlainTextDocumentLayout(document))
        document.setPlainText(text)
        document.contentsChanged.connect(self.changed)
        return document

    def text(self, module: str) -> str:
        """Return a module's text."""
        return self.documents[module].toPlainText()

    @property
    def texts(self) -> dict[str, str]:
        """The modules that differ from the shipped ones."""
        texts = {module: self.text(module) for module in MODULES}
        return {module: text for module, text in texts.items() if text != self._shipped[module]}

    @property
    def name(self) -> str:
        """What version this is."""
        return name_of(self.texts)

    def take(self, texts: Mapping[str, str]) -> None:
        """Put a version in the place of what is here; Undo brings a module back."""
        for module, document in self.documents.items():
            text = texts.get(module, self._shipped[module])
            if text != document.toPlainText():
                cursor = QTextCursor(document)
                cursor.select(QTextCursor.Document)
                cursor.insertText(text)

    def difference(self, module: str) -> list[str]:
        """Return the lines by which a module differs from the shipped one, with some around them."""
        before, after = self._shipped[module].splitlines(), self.text(module).splitlines()
        return list(difflib.unified_diff(before, after, "shipped", "in the editor", lineterm="", n=2))

    def mistake(self, module: str) -> tuple[int, str] | None:
        """Return the line and the reason why a module is not Python, None where it is."""
        try:
            ast.parse(self.text(module))
        except SyntaxError as error:
            return error.lineno or 1, error.msg or "this is not Python"
        except ValueError as error:  # a null byte
            return 1, str(error)
        return None

    def place_of(self, consumer: str) -> tuple[str, int] | None:
        """Return the module and the line where a consumer is defined, by its dotted name."""
        module, _, name = consumer.removeprefix(PACKAGE).partition(".")
        if module not in self.documents:
            return None
        found = re.search(rf"^\s*(?:async def|def|class)\s+{re.escape(name)}\b", self.text(module), re.MULTILINE)
        if found is None:
            return module, 1
        return module, self.text(module).count("\n", 0, found.end()) + 1

    def restyle(self) -> None:
        """Colour everything again."""
        for highlighter in self._highlighters:
            highlighter.rehighlight()


def first_change(before: str, after: str) -> int:
    """Return the first line of a text that another had not, 0 where they are the same."""
    if before == after:
        return 0
    pairs = zip(before.split("\n"), after.split("\n"), strict=False)
    same = next((number for number, (old, new) in enumerate(pairs) if old != new), None)
    return min(len(before.split("\n")), len(after.split("\n"))) if same is None else same + 1
