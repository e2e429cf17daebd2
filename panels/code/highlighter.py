# SPDX-License-Identifier: GPL-3.0-or-later
"""A little colour for Python: keywords, strings, comments, numbers, decorators and what is defined."""

from __future__ import annotations

import keyword
import re

from PyQt5.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from panels.theme import Theme

_TOKEN = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<open>[rbfu]{0,2}(?P<quotes>\"\"\"|'''))"
    r"|(?P<text>[rbfu]{0,2}(?:\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?))"
    r"|(?P<decorator>^\s*@[\w.]+)"
    r"|(?P<defined>(?<=\bdef )\w+|(?<=\bclass )\w+)"
    r"|(?P<number>\b\d[\d_.]*\b)"
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)",
    re.IGNORECASE,
)
ROLES = {
    "comment": "muted", "text": "good", "open": "good", "decorator": "flight", "defined": "opcode_text",
    "number": "masking_key_text", "keyword": "mask_text",
}  # fmt: skip
QUOTES = ("", '"""', "'''")  # a block's state is the number of those that are open at its end


class PythonHighlighter(QSyntaxHighlighter):
    """Colours a document, block by block."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self.theme = theme

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        at, state = 0, max(self.previousBlockState(), 0)
        while state or at < len(text):
            if state:
                end = text.find(QUOTES[state], at)
                stop = len(text) if end < 0 else end + 3
                self._paint(at, stop, "text")
                if end < 0:
                    break
                at, state = stop, 0
                continue
            token = _TOKEN.search(text, at)
            if token is None:
                break
            kind = token.lastgroup if token.lastgroup != "quotes" else "open"
            self._paint(token.start(), token.end(), str(kind))
            at = token.end()
            if kind == "open":
                state = QUOTES.index(token["quotes"])
        self.setCurrentBlockState(state)

    def _paint(self, start: int, end: int, kind: str) -> None:
        style = QTextCharFormat()
        style.setForeground(self.theme.color(ROLES[kind]))
        self.setFormat(start, end - start, style)
