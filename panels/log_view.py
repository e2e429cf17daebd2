# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes say, one line under the other; it follows the newest only while the end is visible."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextFormat, QTextOption
from PyQt5.QtWidgets import QTextEdit, QWidget

from app import events as e
from app.lines import process_of, words_of
from panels.theme import Theme
from panels.times import clock

LINE_LIMIT = 2000
HANG = 26  # characters: the time, the process, and the space behind each
ROLES = {"info": "text", "warning": "flight", "error": "bad", "good": "good", "muted": "muted"}


@dataclass(frozen=True)
class Line:
    """A line of the log; `level` is info, warning, error, good or muted."""

    t: float
    process: str
    text: str
    level: str = "info"


def all_lines(events: Iterable[e.Event]) -> list[Line]:
    """Return what events add to the log, quickly: there may be tens of thousands, and few of them add anything."""
    return [line for event in events if type(event) in KINDS for line in lines_of(event)]


def lines_of(event: e.Event) -> list[Line]:
    """Return what an event adds to the log, mostly nothing."""
    if isinstance(event, e.LogLine):  # its colour says how bad it is
        return [Line(event.t, event.source, event.text, event.level)]
    level = "muted" if isinstance(event, e.WorkerExited) and not (event.signal or event.status) else LEVELS[type(event)]
    line = Line(event.t, process_of(event), words_of(event), level)
    trace = event.traceback.rstrip().splitlines() if isinstance(event, e.ConsumerFailed) else ()
    return [line, *(replace(line, text=f"    {part}") for part in trace)]


LEVELS = {
    e.WorkerStarted: "muted", e.WorkerReady: "good", e.WorkerStopped: "warning", e.WorkerContinued: "good",
    e.WorkerExited: "error", e.ConsumerFailed: "error", e.SourceFailed: "error", e.SourceReady: "good",
    e.RedisLost: "error", e.RedisBack: "good", e.EventsDropped: "warning",
}  # fmt: skip
KINDS = frozenset((e.LogLine, *LEVELS))  # that add lines


class LogView(QTextEdit):
    """Bounded, to be read and copied, not written."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("log")
        self.setReadOnly(True)
        self.document().setMaximumBlockCount(LINE_LIMIT)
        self.setWordWrapMode(QTextOption.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.setAccessibleName("Log of all processes")
        self.lines: deque[Line] = deque(maxlen=LINE_LIMIT)  # one for each block
        self._is_lit: Callable[[Line], bool] = lambda line: False
        self.restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the end in view if it was: lines wrap anew."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        super().resizeEvent(event)
        if follows:
            bar.setValue(bar.maximum())

    def restyle(self) -> None:
        """Take the font and the colours from the theme again; what there is to show must be shown anew."""
        self._keep(0)
        self.setFont(self.theme.mono("small"))
        hang = self.fontMetrics().horizontalAdvance("0" * HANG)  # a long line goes on under its text
        self._indented = QTextBlockFormat()
        self._indented.setLeftMargin(hang)
        self._indented.setTextIndent(-hang)

    def show_only(self, lines: Sequence[Line]) -> None:
        """Show these lines and no others, to their end; the first ones that are there already stay."""
        lines = lines[-LINE_LIMIT:]
        known = next((at for at, (old, new) in enumerate(zip(self.lines, lines, strict=False)) if old != new), None)
        self._keep(min(len(self.lines), len(lines)) if known is None else known)
        self.add(lines[len(self.lines) :])
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _keep(self, count: int) -> None:
        """Keep the first lines only."""
        if not count or self.document().blockCount() != len(self.lines):
            self.clear()
            self.lines.clear()
        elif count < len(self.lines):
            cursor = QTextCursor(self.document().findBlockByNumber(count - 1))
            cursor.movePosition(QTextCursor.EndOfBlock)
            cursor.movePosition(QTextCursor.End, QTextCursor.KeepAnchor)
            cursor.removeSelectedText()
            while len(self.lines) > count:
                self.lines.pop()

    def add(self, lines: Iterable[Line]) -> None:
        """Add lines at the end; the view moves along only if the end was visible."""
        bar = self.verticalScrollBar()
        follows, at = bar.value() >= bar.maximum() - 1, bar.value()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.End)
        cursor.beginEditBlock()
        for line in lines:
            self._write(cursor, line)
        cursor.endEditBlock()
        bar.setValue(bar.maximum() if follows else at)
        self.light(self._is_lit)

    def light(self, is_lit: Callable[[Line], bool]) -> None:
        """Light up the lines that what is selected had written."""
        self._is_lit = is_lit
        ground = QTextCharFormat()
        ground.setBackground(self.theme.color("selection"))
        ground.setProperty(QTextFormat.FullWidthSelection, True)
        marks = []
        for number in [number for number, line in enumerate(self.lines) if is_lit(line)]:
            mark = QTextEdit.ExtraSelection()
            mark.format = ground
            mark.cursor = QTextCursor(self.document().findBlockByNumber(number))
            mark.cursor.movePosition(QTextCursor.EndOfBlock, QTextCursor.KeepAnchor)
            marks.append(mark)
        self.setExtraSelections(marks)

    def _write(self, cursor: QTextCursor, line: Line) -> None:
        self.lines.append(line)
        if not self.document().isEmpty():
            cursor.insertBlock()
        cursor.setBlockFormat(self._indented)
        for text, role in (
            (f"{clock(line.t)}  ", "muted"),
            (f"{line.process:<10}  ", "accent"),
            (line.text, ROLES.get(line.level, "text")),
        ):
            style = QTextCharFormat()
            style.setForeground(self.theme.color(role))
            cursor.insertText(text, style)
