# SPDX-License-Identifier: GPL-3.0-or-later
"""A payload for people: JSON laid out and coloured, text as it is, bytes as hex; and the block that shows it."""

from __future__ import annotations

import html
import json
import re

from PyQt5.QtCore import QSizeF, Qt
from PyQt5.QtGui import QTextOption
from PyQt5.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from panels.panel import set_role
from panels.theme import Theme

SHOWN = 8192  # characters or bytes
IN_LINE = 38  # a list or object that fits in so many characters is not spread over lines
# Python's bytes count as a token too: a message on the channel layer may hold some.
_TOKEN = re.compile(r"""b?"(?:[^"\\]|\\.)*"|b'(?:[^'\\]|\\.)*'|[{}\[\],:]|[^\s{}\[\],:"]+""")


def pretty_json(text: str) -> str | None:
    """Return JSON laid out over lines, every value spelt as it was; None when it is no JSON object or list.

    Only the space between tokens changes, so that names given twice and odd numbers stay to be seen.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        json.loads(text)
        return lay_out(text)
    except (ValueError, RecursionError):
        return None


def lay_out(text: str) -> str:
    """Return JSON, or what looks like it, laid out over lines."""
    tokens = _TOKEN.findall(text)
    lines, line, depth, i = [], "", 0, 0
    while i < len(tokens):
        token = tokens[i]
        if token in "{[" and not (short := _in_line(tokens, i)):
            depth += 1
            lines.append(line + token)
            line = "  " * depth
        elif token in "{[":
            line += short
            i = _end(tokens, i)
        elif token in "}]":
            depth -= 1
            lines.append(line)
            line = "  " * depth + token
        elif token == ",":
            lines.append(line + ",")
            line = "  " * depth
        else:
            line += ": " if token == ":" else token
        i += 1
    return "\n".join(text for text in [*lines, line] if text.strip())


def _in_line(tokens: list[str], start: int) -> str:
    """Return the list or object that starts here in one line, "" when it is too long for one."""
    spelt = {",": ", ", ":": ": "}
    piece = "".join(spelt.get(token, token) for token in tokens[start : start + IN_LINE])
    end = _end(tokens, start)
    text = "".join(spelt.get(token, token) for token in tokens[start : end + 1]) if end - start < IN_LINE else piece
    return text if end - start < IN_LINE and len(text) <= IN_LINE else ""


def _end(tokens: list[str], start: int) -> int:
    depth = 0
    for i in range(start, len(tokens)):
        depth += (tokens[i] in "{[") - (tokens[i] in "}]")
        if depth == 0:
            return i
    return len(tokens)


def json_html(text: str, theme: Theme) -> str:
    """Return laid-out JSON with names, strings and other values in colours of the theme."""
    palette = theme.palette

    def colour(match: re.Match[str]) -> str:
        token = match[0]
        if token in "{}[],:":
            return html.escape(token)
        is_name = token[0] == '"' and text[match.end() : match.end() + 1] == ":"
        color = palette.opcode_text if is_name else palette.length_text if token[0] == '"' else palette.flight
        return f'<span style="color:{color}">{html.escape(token)}</span>'

    return _TOKEN.sub(colour, text)


def payload_html(data: bytes, theme: Theme, is_text: bool) -> tuple[str, str]:
    """Return what the payload is ("JSON", "text", "binary", "empty") and its HTML; a long one is cut, and says so."""
    if not data:
        return "empty", f'<span style="color:{theme.palette.muted}">no payload</span>'
    rest = len(data) - SHOWN
    more = f'\n<span style="color:{theme.palette.muted}">… {rest:,} bytes more</span>' if rest > 0 else ""
    if not is_text:
        return "binary", data[:SHOWN].hex(" ") + more
    text = data.decode("utf-8", "replace")
    if rest <= 0 and (laid_out := pretty_json(text)):
        return "JSON", json_html(laid_out, theme)
    return "text", html.escape(text[:SHOWN]) + more


class CodeBlock(QTextEdit):
    """Text in the fixed-width font on a raised ground, as high as its content; it can be selected and copied."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setAccessibleName(name)
        set_role(self, role="code")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setTextInteractionFlags(Qt.TextSelectableByMouse | Qt.TextSelectableByKeyboard)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_html(self, content: str) -> None:
        """Show prepared HTML; spaces and line ends in it count."""
        self.document().setDefaultFont(self.theme.mono("body"))
        self.setHtml(f'<div style="white-space:pre-wrap; line-height:130%">{content}</div>')

    def _fit(self, size: QSizeF) -> None:
        frame = self.height() - self.viewport().height()
        self.setFixedHeight(round(size.height()) + max(frame, 0))
