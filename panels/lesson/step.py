# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of a lesson on the screen, as far as its watch has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.lesson import Watch
from panels.flow import Flow
from panels.lesson.parts import Check, Option
from panels.lesson.words import Say
from panels.panel import set_role
from panels.prose import bound, to_html
from panels.theme import Theme

FIRST_SAY = "First say what you expect."
OR_LET_IT = "Do it yourself in the window, or here:"
AGAIN = "Again:"


Deed = tuple[str, str, int, Callable[[], object]]  # of a button: text, kind, checks that come first, what it does


class StepView(QWidget):
    """Text, prediction, checks and buttons of a step; `choice` is what the learner predicted so far."""

    predicted = pyqtSignal(int)
    helped = pyqtSignal()  # another hint is shown, or none

    def __init__(self, watch: Watch, choice: int | None, deeds: Sequence[Deed], theme: Theme, say: Say = str) -> None:
        super().__init__()
        self.watch, self.choice, self.theme, self.say = watch, choice, theme, say
        self.held = ""  # why nothing can be done here for now
        self.invitation = OR_LET_IT
        self._is_helped = False  # the hint was asked for
        self.step = watch.step
        self.options: list[Option] = []
        self.checks = [
            Check(bound(pattern.says or pattern.event), theme, pattern.event == "MessageExpired")
            for pattern in self.step.expect
        ]
        self.buttons: list[QPushButton] = []
        self._afters: list[int] = []
        column = self._column = QVBoxLayout(self)
        column.setSpacing(theme.px(6))
        self._add_text(self.step.text, "What this step is about")
        self.notes = self._add_text(self.step.notes, "Speaker notes", "notes")
        self._add_prediction()
        for check in self.checks:
            column.addWidget(check)
        self.verdict = self._add_verdict()
        self.afterwards = self._add_text(self.step.afterwards, "What it means", "afterwards")
        self.help = self._add_text("", "Hint", "hint")
        column.addStretch()
        self.deeds = self._make_deeds(deeds)
        self.show_progress()

    def _add_text(self, text: str, name: str, kind: str = "") -> QLabel:
        label = QLabel(to_html(text, self.theme))
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextSelectableByMouse)
        label.setAccessibleName(name)
        label.setObjectName(kind)
        label.setVisible(not kind)
        self._column.addWidget(label)
        return label

    def _add_prediction(self) -> None:
        predict = self.step.predict
        if predict is None:
            return
        ask = QLabel(bound(predict.ask))
        ask.setWordWrap(True)
        font = self.theme.sans(bold=True)
        ask.setFont(font)
        set_role(ask, role="strong")
        self._column.addWidget(ask)
        group = QButtonGroup(self)
        for number, text in enumerate(predict.options):
            option = Option(bound(text), self.theme)
            option.setChecked(number == self.choice)
            group.addButton(option, number)
            self.options.append(option)
            self._column.addWidget(option)
        group.buttonClicked[int].connect(self._choose)
        self._column.addSpacing(self.theme.px(4))

    def _add_verdict(self) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setObjectName("verdict")
        label.setAccessibleName("What happened")
        label.hide()
        self._column.addWidget(label)
        return label

    def _make_deeds(self, deeds: Sequence[Deed]) -> QFrame:
        """Make the buttons that do it for the learner; the pane puts them where they are always in sight."""
        frame, self.hint, row = QFrame(), QLabel(), Flow(self.theme.px(8))
        self.hint.setWordWrap(True)
        set_role(self.hint, role="small")
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, self.theme.px(4), 0, self.theme.px(4))
        column.setSpacing(self.theme.px(6))
        column.addWidget(self.hint)
        column.addLayout(row)
        for label, kind, after, work in deeds:
            button = QPushButton(label)
            button.setAccessibleName(label)
            set_role(button, kind=kind or "plain")
            button.clicked.connect(lambda _, work=work: work())
            row.addWidget(button)
            self.buttons.append(button)
            self._afters.append(after)
        if not self.buttons:
            frame.hide()
        return frame

    def _choose(self, number: int) -> None:
        self.choice = number
        self.predicted.emit(number)
        self.show_progress()

    def show_progress(self) -> None:
        """Tick what has happened; reveal the answer when the run has given it."""
        for number, check in enumerate(self.checks):
            check.show_done(number < self.watch.reached)
        must_choose = self.step.predict is not None and self.choice is None and not self.watch.done
        for check in self.checks:
            check.setVisible(not must_choose)  # they would tell what is asked
        self.afterwards.setVisible(self.watch.done and bool(self.step.afterwards))
        for button, after in zip(self.buttons, self._afters, strict=True):
            button.setEnabled(not must_choose and not self.held and self.watch.reached >= after)
        invitation = FIRST_SAY if must_choose else AGAIN if self.watch.done else self.invitation
        self.hint.setText(self.say(self.held or invitation))
        self._show_help()
        answer = self.watch.answer
        if self.step.predict is None or answer is None or not self.verdict.isHidden():
            return
        for number, option in enumerate(self.options):
            option.set_verdict("right" if number == answer else "wrong")
        is_right = answer == self.choice
        so = "Just as you said: " if is_right else "Not quite. " if self.choice is not None else "What happened: "
        what = _sentence(self.step.predict.options[answer], is_right or self.choice is None)
        self.verdict.setText(bound(f"{self.say(so)}{what}"))
        set_role(self.verdict, level="good" if is_right else "flight")
        self.verdict.show()

    def _show_help(self) -> None:
        """Answer the newest wrong try, or who asked for a hint, until the step is done."""
        text = "" if self.watch.done else self.watch.hint or (self.step.hint if self._is_helped else "")
        if text != self.help.property("said"):
            self.help.setProperty("said", text)
            self.help.setText(to_html(text, self.theme))
            self.help.setVisible(bool(text))
            self.helped.emit()

    def ask_help(self) -> None:
        """Show the hint of the step."""
        self._is_helped = True
        self.show_progress()

    def hold(self, why: str) -> None:
        """Let nothing be done here for now, and say why; "" lets it be done again."""
        self.held = why
        self.show_progress()

    def show_clock(self, number: int, text: str) -> None:
        """Show a countdown beside a check, and none beside the others."""
        for place, check in enumerate(self.checks):
            check.show_clock(text if place == number else "")


def _sentence(text: str, goes_on: bool) -> str:
    text = text if text.endswith(".") else text + "."
    return text[0].lower() + text[1:] if goes_on and not text[1:2].isupper() and text.split()[0] in _LOWER else text


_LOWER = ("It", "The", "A", "Nobody", "Nothing", "Il", "Elle", "Le", "La", "Un", "Une", "Personne", "Rien")
