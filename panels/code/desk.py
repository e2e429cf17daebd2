# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the tab "Code": a module, whose version of it, the editor or the difference, and how it is in a line."""

from __future__ import annotations

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QWidget

from app.events import ConsumersChecked
from app.versions import EDITED, MODULES, SHIPPED, TALK, shipped, texts_of
from panels.choice import Choice
from panels.code.drafts import Drafts, first_change
from panels.code.editor import Editor
from panels.code.failures import Failure, Failures
from panels.code.status import ASIDE, Facts, Status
from panels.inspector.parts import column, linked
from panels.panel import set_role
from panels.theme import Theme

PAUSE = 500  # milliseconds without a key before it is looked whether this is Python


class Desk(QWidget):
    """`check_wanted` and `use_wanted` have a module, its text, and the texts of the others that differ."""

    check_wanted = pyqtSignal(str, str, dict)
    use_wanted = pyqtSignal(str, str, dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.drafts = Drafts(theme, self)
        self._says = Status(theme)
        self.failures = Failures()
        self.running: dict[str, str] = {}  # what workers that start now run, where it differs from the shipped version
        self.workers: list[tuple[str, str]] = []  # name and version of those that live here
        self._checked: ConsumersChecked | None = None  # of what is in the editor
        self._mistake: tuple[int, str] | None = None
        self.aside: dict[str, str] = {}  # somebody's text, before another version was put here
        self._sent: dict[str, str] | None = None  # what is to be run, or only checked
        self._last: dict[str, str] = {}  # the texts as they were when they were last looked at
        self._is_busy = False  # it is being checked, or workers are being restarted
        self._found = ""  # the consumer that was looked for
        self.remark = ""
        self.module = Choice(theme)
        self.shipped, self.talk = QPushButton("Shipped"), QPushButton("The talk's")
        self.difference, self.check = QPushButton("Difference"), QPushButton("Check")
        self.use = QPushButton("Restart workers with this")
        self.editor = Editor(theme, "Text of the module")
        self.diff = Editor(theme, "Difference to the shipped version")
        self.pages = QStackedWidget()
        self.status = linked()
        self._pause = QTimer(self)
        self._lay_out()
        self._wire_up()
        self.open("consumers")

    @property
    def current(self) -> str:
        """The module that is shown."""
        return str(self.module.currentData())

    def _lay_out(self) -> None:
        px = self.theme.px
        for name, title in MODULES.items():
            self.module.addItem(f"{title} · {name}.py", name)
        self.module.setAccessibleName("Module")
        self.module.setMinimumWidth(px(96))  # the buttons go first
        for button, tip in (
            (self.shipped, "Put the texts that came with the program into the editor (Ctrl+Z brings yours back)"),
            (self.talk, "Put the chat in the manner of the 2016 talk into the editor (Ctrl+Z brings yours back)"),
            (self.difference, "Show how this module differs from the shipped one"),
            (self.check, "Load it as a worker would; nothing is restarted"),
            (self.use, "Check it, then start the workers again one by one; sockets stay open"),
        ):
            button.setToolTip(tip)
            set_role(button, kind="primary" if button is self.use else "desk")
        self.difference.setCheckable(True)
        self.difference.setObjectName("difference")
        self.use.setObjectName("use")
        self.diff.setReadOnly(True)
        self.diff.setObjectName("diff")
        self.status.setObjectName("status")
        self.status.setAccessibleName("How it is")
        self.status.setContentsMargins(px(12), px(4), px(12), px(5))
        row = QHBoxLayout()
        row.setContentsMargins(px(8), px(6), px(8), px(6))
        row.setSpacing(px(5))
        row.addWidget(self.module)
        for button in (self.shipped, self.talk, self.difference):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.check)
        row.addWidget(self.use)
        self.pages.addWidget(self.editor)
        self.pages.addWidget(self.diff)
        whole = column(self, 0)
        whole.addLayout(row)
        whole.addWidget(self.pages, 1)
        whole.addWidget(self.status)

    def _wire_up(self) -> None:
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._look)
        self.drafts.changed.connect(self._edited)
        self.module.currentIndexChanged.connect(lambda _: self._turn())
        self.shipped.clicked.connect(lambda: self._take(SHIPPED))
        self.talk.clicked.connect(lambda: self._take(TALK))
        self.difference.toggled.connect(lambda _: self._turn())
        self.check.clicked.connect(lambda: self._send(self.check_wanted))
        self.use.clicked.connect(lambda: self._send(self.use_wanted))
        self.editor.left.connect(lambda: self.use.setFocus(Qt.OtherFocusReason))
        self.diff.left.connect(lambda: self.use.setFocus(Qt.OtherFocusReason))
        self.status.linkActivated.connect(self._follow)

    # --- what is on the desk ---

    def open(self, module: str, line: int = 0) -> None:
        """Show a module, at a line if one is given."""
        if module in MODULES:
            self.module.setCurrentIndex(list(MODULES).index(module))
            self._turn()
            if line:
                self.difference.setChecked(False)
                self.editor.go_to(line)

    def show_consumer(self, consumer: str) -> bool:
        """Show where a consumer is defined; returns whether it is one of the demo's."""
        place = self.drafts.place_of(consumer)
        if place is None:
            return False
        self._found = consumer
        self.open(*place)
        self.show_state()
        return True

    def follow(self, texts: dict[str, str]) -> None:
        """The workers run another version. Show it, where it is not from this desk; what was here is put aside."""
        self.running, self._is_busy = dict(texts), False
        self.failures.clear()
        here = self.drafts.texts
        if here != texts and texts != self._sent:
            if self.drafts.name == EDITED:
                self.aside = here
            before = self.drafts.text(self.current)
            self.drafts.take(texts)
            self._turn()
            self.editor.go_to(first_change(before, self.drafts.text(self.current)))
        self._sent = None
        self._turn()

    def take_back(self) -> None:
        """Show again what was put aside."""
        texts, self.aside = self.aside, {}
        self.drafts.take(texts)
        self._turn()

    def show_checked(self, checked: ConsumersChecked) -> None:
        """Show whether it could be loaded."""
        is_ours, self._checked, self._is_busy = self._is_busy, checked, False
        if not checked.is_good and checked.file in MODULES:
            self.open(checked.file, checked.line)
        elif not is_ours:
            self.open(checked.module)
        self.show_state()

    def show_workers(self, workers: list[tuple[str, str]]) -> None:
        """Show which versions the workers run."""
        if workers != self.workers:
            self.workers = workers
            self.show_state()

    def show_failed(self, reason: str) -> None:
        """Show that it could not be done at all."""
        self.remark, self._is_busy = reason, False
        self.show_state()

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self.editor.restyle()
        self.diff.restyle()
        self.drafts.restyle()
        self._turn()

    def _take(self, name: str) -> None:
        self.drafts.take(texts_of(name))
        self._turn()

    def _send(self, signal: object) -> None:
        module, texts = self.current, self.drafts.texts
        texts.pop(module, None)
        self._checked, self._is_busy, self.remark = None, True, ""
        self._sent = self.drafts.texts
        self.show_state()
        signal.emit(module, self.drafts.text(module), texts)  # type: ignore[attr-defined]

    def _edited(self) -> None:
        """Something was typed: what was found out about the texts before does not hold for these."""
        texts = self.drafts.texts
        if texts == self._last:
            return
        self._last, self._checked, self._mistake, self.remark, self._found = texts, None, None, "", ""
        self._pause.start()
        self.show_state()

    def _look(self) -> None:
        self._mistake = self.drafts.mistake(self.current)
        self.show_state()

    def _turn(self) -> None:
        """Show the current module, or its difference."""
        if self.editor.document() is not self.drafts.documents[self.current]:
            self.editor.setDocument(self.drafts.documents[self.current])
            self.editor.restyle()
            self._mistake = self.drafts.mistake(self.current)
        if self.difference.isChecked():
            self._show_difference()
        self.pages.setCurrentWidget(self.diff if self.difference.isChecked() else self.editor)
        self.show_state()

    def _show_difference(self) -> None:
        lines = self.drafts.difference(self.current) or ["", "  No difference: this is the shipped text."]
        self.diff.setPlainText("\n".join(lines))
        grounds = {"+": self.theme.color("good", 45), "-": self.theme.color("bad", 45), "@": self.theme.color("raised")}
        marks = {n: grounds[line[0]] for n, line in enumerate(lines, 1) if line[:1] in grounds and n > 2}
        self.diff.show_marks(marks, {})

    # --- how it is ---

    def show_state(self) -> None:
        """Show marks at lines, and one sentence on the most urgent thing."""
        failures = self.failures.of(self.current) if self._runs_here else []
        signs, marks = {failure.line: "bad" for failure in failures}, dict[int, QColor]()
        wrong = self._wrong_here()
        if wrong:
            signs[wrong[0]] = "bad"
        for line in signs:
            marks[line] = self.theme.color("bad_soft")
        place = self.drafts.place_of(self._found) if self._found else None
        if place and place[0] == self.current:
            marks.setdefault(place[1], self.theme.color("selection"))
        if (marks, signs) != (self.editor.marks, self.editor.signs):
            self.editor.show_marks(marks, signs)
        text = self._says.of(self._facts(failures, wrong))
        if text != self.status.text():
            self.status.setText(text)
        self.use.setEnabled(not self._is_busy)
        self.check.setEnabled(not self._is_busy)

    @property
    def _runs_here(self) -> bool:
        """Whether the text in the editor is what runs."""
        return self.drafts.texts == self.running

    def _wrong_here(self) -> tuple[int, str] | None:
        """Return the line and the reason why this module cannot be loaded, if that is known."""
        checked = self._checked
        if checked and not checked.is_good and checked.file == self.current and checked.line:
            return checked.line, checked.error
        return self._mistake

    def _facts(self, failures: list[Failure], wrong: tuple[int, str] | None) -> Facts:
        running: dict[str, list[str]] = {}
        for name, version in self.workers:
            running.setdefault(version, []).append(name)
        return Facts(
            module=self.current,
            name=self.drafts.name,
            is_busy=self._is_busy,
            wrong=wrong,
            checked=self._checked,
            remark=self.remark,
            failures=failures,
            workers=running,
            others=[name for name in MODULES if self.drafts.text(name) != (self.running.get(name) or shipped(name))],
            has_aside=bool(self.aside) and self.aside != self.drafts.texts,
        )

    def _follow(self, link: str) -> None:
        module, _, line = link.partition(":")
        if module == ASIDE:
            self.take_back()
        else:
            self.open(module, int(line))
        self.editor.setFocus(Qt.OtherFocusReason)
