# SPDX-License-Identifier: GPL-3.0-or-later
"""What was typed and answered, to be read, copied and clicked: a key's name selects the key everywhere."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

from PyQt5.QtCore import QUrl, pyqtSignal
from PyQt5.QtGui import QResizeEvent, QTextCharFormat, QTextCursor, QTextOption
from PyQt5.QtWidgets import QTextBrowser, QWidget

from app.console.meaning import meaning_of
from app.events import CommandRun
from app.settings import STATS_PREFIX
from app.state import State
from panels.stage.views import connection_name
from panels.theme import Theme

LINES = 2000  # kept
PROMPT = "redis"
PLAIN = ("help", "decode", "info", "client")  # verbs whose answers are texts: as bright as what was typed


class Span(NamedTuple):
    """A part of a line: its colour's role, and what a click on it means ("key:NAME" or "run:LINE", "" for nothing)."""

    text: str
    role: str = "muted"
    link: str = ""


Line = list[Span]


class Transcript(QTextBrowser):
    """Lines at the end; the view follows them. `key_clicked` names a key, `line_clicked` a command to be run."""

    key_clicked = pyqtSignal(str)
    line_clicked = pyqtSignal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._lines: deque[Line] = deque(maxlen=LINES)
        self.setObjectName("transcript")
        self.setAccessibleName("Commands and answers")
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapAtWordBoundaryOrAnywhere)
        self.document().setMaximumBlockCount(LINES)
        self.anchorClicked.connect(self._follow)
        self.restyle()

    def restyle(self) -> None:
        """Write everything again in the colours and the font of now."""
        self.setFont(self.theme.mono("small"))
        self.clear()
        self._write(list(self._lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the end in view if it was: lines wrap anew."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        super().resizeEvent(event)
        if follows:
            bar.setValue(bar.maximum())

    def empty(self) -> None:
        """Forget everything."""
        self._lines.clear()
        self.clear()

    def show_run(self, run: CommandRun, state: State, prefix: str) -> None:
        """Add a command and its answer."""
        lines = list(lines_of(run, state, prefix))
        self._lines.extend(lines)
        self._write(lines)

    def _write(self, lines: list[Line]) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.End)
        cursor.beginEditBlock()
        for line in lines:
            if not self.document().isEmpty():
                cursor.insertBlock()
            for span in line:
                cursor.insertText(span.text, self._style(span))
        cursor.endEditBlock()
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _style(self, span: Span) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setForeground(self.theme.color(span.role))
        if span.link:
            style.setAnchor(True)
            style.setAnchorHref(quote(span.link, safe=":"))
            style.setToolTip("Select it everywhere" if span.link.startswith("key:") else "Run it")
        return style

    def _follow(self, url: QUrl) -> None:
        kind, _, item = unquote(bytes(url.toEncoded()).decode()).partition(":")
        (self.key_clicked if kind == "key" else self.line_clicked).emit(item)


def lines_of(run: CommandRun, state: State, prefix: str) -> Iterator[Line]:
    """Yield the lines of one command: itself, its answer, and what may be done next."""
    names = re.compile(rf"((?:{re.escape(prefix)}|{re.escape(STATS_PREFIX)})[\w.:#!?-]+)")
    yield [Span(f"{PROMPT} › ", "good"), *_linked(run.command, "text", names)]
    role = "bad" if run.is_error else "text" if run.verb in PLAIN else "muted"
    for line in run.answer.split("\n"):
        yield [*_linked(line, role, names), *_note(line, state, prefix)]
    if run.verb == "get" and run.key and not run.is_empty and not run.is_error:
        decode = f"decode {prefix}{run.key}"
        yield [Span("This is msgpack: ", "muted"), Span("decode it", "accent", f"run:{decode}")]


def _linked(text: str, role: str, names: re.Pattern[str]) -> Iterator[Span]:
    """Yield text with every key's name as a link."""
    for place, part in enumerate(names.split(text)):
        if part:
            yield Span(part, "accent", f"key:{part}") if place % 2 else Span(part, role)


def _note(line: str, state: State, prefix: str) -> Iterator[Span]:
    """Say whose message an entry of a list is, and that it is a ghost."""
    found = re.search(rf'^ *\d+\) "({re.escape(prefix)}[0-9a-f]{{32}})"$', line)
    message = state.messages.get(meaning_of(found[1], prefix).item) if found else None
    if message is None:
        return
    sender = state.connections.get(message.connection)
    yield Span(f"  ← from {connection_name(sender, state) if sender else message.sender}", "flight")
    if message.key in state.channel_of(message.channel).ghosts:
        yield Span(", a ghost: its body has expired", "bad")
