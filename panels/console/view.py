# SPDX-License-Identifier: GPL-3.0-or-later
"""The console as one widget: answers above, the line to type into, and a line of help under it."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.console.commands import command_of
from app.console.completion import hint
from app.console.words import QuoteError, split
from app.events import CommandRun
from app.state import State
from panels.console.line import CommandLine, Keys
from panels.console.question import Question
from panels.console.transcript import PROMPT, Transcript
from panels.panel import set_role
from panels.theme import Theme


class ConsoleView(QWidget):
    """`run_wanted` asks for a line to be run (and says whether a deletion was confirmed), `key_chosen` names a key."""

    run_wanted = pyqtSignal(str, bool)
    key_chosen = pyqtSignal(str)
    opened = pyqtSignal()  # there is something to show now, which needs room

    def __init__(self, theme: Theme, keys: Keys) -> None:
        super().__init__()
        self.theme = theme
        self.is_own = True  # whether keys of this Redis may be deleted at all
        self.setAccessibleName("Redis console")
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self.transcript = Transcript(theme)
        self.transcript.hide()  # there is more room for pictures until something is typed
        self.question = Question(theme)
        self.line = CommandLine(theme, keys)
        self.prompt = QLabel(f"{PROMPT} ›")
        self.help = QLabel(hint(""))
        self._lay_out()
        self.line.entered.connect(self.enter)
        self.line.textChanged.connect(self._help)
        self.question.answered.connect(self._answered)
        self.transcript.line_clicked.connect(self.enter)
        self.transcript.key_clicked.connect(self.key_chosen)

    def _lay_out(self) -> None:
        px = self.theme.px
        set_role(self.prompt, role="prompt")
        set_role(self.help, role="small")
        self.help.setTextFormat(Qt.PlainText)
        self.help.setAccessibleName("Help on what is typed")
        self.help.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
        self.help.setContentsMargins(px(12), 0, px(12), px(5))
        row = QHBoxLayout()
        row.setContentsMargins(px(12), px(2), px(8), px(2))
        row.setSpacing(px(4))
        row.addWidget(self.prompt)
        row.addWidget(self.line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transcript, 1)
        column.addWidget(self.question)
        column.addLayout(row)
        column.addWidget(self.help)

    def enter(self, line: str) -> None:
        """Run a line; ask first when it deletes."""
        try:
            command, _ = command_of([word.decode(errors="replace") for word in split(line)] or [""])
        except QuoteError:
            command = None  # whoever runs it says what is wrong
        if command and command.deletes and self.is_own:
            self.question.ask(line, command.does)
        else:
            self.run_wanted.emit(line, False)

    def type(self, line: str) -> None:
        """Put a line where commands are typed, ready to be run."""
        self.line.setText(line)
        self.line.setFocus(Qt.OtherFocusReason)

    def show_runs(self, runs: list[CommandRun], state: State, prefix: str) -> None:
        """Add what was run."""
        for run in runs:
            self.transcript.show_run(run, state, prefix)
        if runs and self.transcript.isHidden():
            self.transcript.show()
            self.opened.emit()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was run."""
        return self.transcript.isHidden()

    def empty(self) -> None:
        """Forget what was run."""
        self.transcript.empty()
        self.transcript.hide()

    def restyle(self) -> None:
        """Take fonts from the theme again."""
        self.line.restyle()
        self.transcript.restyle()
        self.prompt.setFont(self.theme.mono())

    def _answered(self, line: str, is_yes: bool) -> None:
        self.line.setFocus(Qt.OtherFocusReason)
        if is_yes:
            self.run_wanted.emit(line, True)

    def _help(self, line: str) -> None:
        text = hint(line)
        self.help.setText(text)
        self.help.setToolTip(text)
