# SPDX-License-Identifier: GPL-3.0-or-later
"""The lessons there are, each with a button to start it; words find them and their steps again."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.lesson import Lesson
from app.lesson.progress import Progress
from app.lesson.search import Hit, search
from panels.lesson.words import Say
from panels.panel import set_role
from panels.theme import Theme


class LessonList(QWidget):
    """A card for each lesson, or for each thing found; `trouble` says what is wrong with some of them."""

    started = pyqtSignal(object, int)  # lesson, number of the step
    changed = pyqtSignal()  # it needs another height

    def __init__(
        self, lessons: tuple[Lesson, ...], trouble: str, progress: Progress, theme: Theme, say: Say = str
    ) -> None:
        super().__init__()
        self.lessons, self.progress, self.theme, self.say = lessons, progress, theme, say
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(10))
        if trouble:
            label = QLabel(trouble)
            label.setWordWrap(True)
            label.setObjectName("verdict")
            column.addWidget(set_role(label, level="bad"))
        self.sought = QLineEdit()
        self.sought.setPlaceholderText(say("Search all lessons"))
        self.sought.setAccessibleName(say("Search all lessons"))
        self.sought.setClearButtonEnabled(True)
        self.sought.textChanged.connect(self._fill)
        self.sought.setVisible(bool(lessons))
        column.addWidget(self.sought)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.px(10))
        column.addLayout(self._cards)
        column.addStretch()
        self.buttons: dict[str, QPushButton] = {}
        self.found: list[QPushButton] = []
        self._fill("")

    def _fill(self, words: str) -> None:
        while item := self._cards.takeAt(0):
            item.widget().hide()
            item.widget().deleteLater()
        self.buttons, self.found = {}, []
        if words.strip():
            self._show_found(words)
        else:
            for lesson in self.lessons:
                self._cards.addWidget(self._card(lesson))
        self.changed.emit()

    def _show_found(self, words: str) -> None:
        hits = search(self.lessons, words)
        for hit in hits:
            self._cards.addWidget(self._hit(hit))
        if not hits:
            self._cards.addWidget(set_role(QLabel(self.say("Nothing has these words.")), role="muted"))

    def _frame(self) -> tuple[QFrame, QVBoxLayout]:
        card, px = QFrame(), self.theme.px
        card.setObjectName("lesson_card")
        column = QVBoxLayout(card)
        column.setContentsMargins(px(12), px(10), px(12), px(10))
        column.setSpacing(px(6))
        return card, column

    def _card(self, lesson: Lesson) -> QWidget:
        card, column = self._frame()
        done = self.progress.of(lesson.id)
        number = 0 if done.finished else self.progress.next_step(lesson)
        for text, role in ((lesson.title, "heading"), (lesson.summary, "muted"), (self._length(lesson), "small")):
            label = QLabel(text)
            label.setWordWrap(True)
            column.addWidget(set_role(label, role=role))
        text = "Again" if done.finished else "Go on" if number else "Start"
        button = self._button(text, lesson, number)
        set_role(button, kind="plain" if done.finished else "primary")
        self.buttons[lesson.id] = button
        row = QHBoxLayout()
        row.addWidget(button)
        if number:
            row.addWidget(set_role(self._button("From the start", lesson, 0), kind="text"))
        row.addStretch()
        column.addLayout(row)
        return card

    def _length(self, lesson: Lesson) -> str:
        done = self.progress.of(lesson.id)
        count, of = len(done.steps.keys() & {step.id for step in lesson.steps}), len(lesson.steps)
        so_far = f" · ✓ {self.say('done')}" if done.finished else f" · {count}/{of}" if count else ""
        return f"{lesson.minutes} min · {of} {self.say('steps')}{so_far}"

    def _button(self, text: str, lesson: Lesson, number: int) -> QPushButton:
        button = QPushButton(self.say(text))
        button.setAccessibleName(f"{self.say(text)}: {lesson.title}")
        button.clicked.connect(lambda: self.started.emit(lesson, number))
        return button

    def _hit(self, hit: Hit) -> QWidget:
        card, column = self._frame()
        where = "" if hit.number < 0 else f" · {self.say('step')} {hit.number + 1}"
        excerpt = QLabel(hit.excerpt)
        excerpt.setTextFormat(Qt.PlainText)
        excerpt.setWordWrap(True)
        button = self._button("Start", hit.lesson, max(hit.number, 0))
        button.setText(f"{hit.lesson.title}{where}")
        button.setAccessibleName(f"{hit.lesson.title}{where}: {hit.excerpt}")
        set_role(button, kind="found")
        column.addWidget(button, 0, Qt.AlignLeft)
        column.addWidget(set_role(excerpt, role="muted"))
        self.found.append(button)
        return card
