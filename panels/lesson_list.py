# SPDX-License-Identifier: GPL-3.0-or-later
"""The lessons there are, each with a button to start it."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app.lesson import Lesson
from panels.panel import set_role
from panels.theme import Theme


class LessonList(QWidget):
    """A card for each lesson; `trouble` says why there is none."""

    started = pyqtSignal(object)

    def __init__(self, lessons: tuple[Lesson, ...], trouble: str, finished: frozenset[str], theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(10))
        if trouble:
            label = QLabel(trouble)
            label.setWordWrap(True)
            label.setObjectName("verdict")
            column.addWidget(set_role(label, level="bad"))
        self.buttons: dict[str, QPushButton] = {}
        for lesson in lessons:
            column.addWidget(self._card(lesson, lesson.id in finished, theme))
        column.addStretch()

    def _card(self, lesson: Lesson, is_finished: bool, theme: Theme) -> QWidget:
        card = QFrame()
        card.setObjectName("lesson_card")
        column = QVBoxLayout(card)
        column.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(12))
        column.setSpacing(theme.px(6))
        title, summary = QLabel(lesson.title), QLabel(lesson.summary)
        set_role(title, role="heading")
        set_role(summary, role="muted")
        summary.setWordWrap(True)
        length = QLabel(f"{lesson.minutes} min · {len(lesson.steps)} steps" + (" · ✓ done" if is_finished else ""))
        set_role(length, role="small")
        button = QPushButton("Again" if is_finished else "Start")
        button.setAccessibleName(f"Start the lesson {lesson.title}")
        set_role(button, kind="plain" if is_finished else "primary")
        button.clicked.connect(lambda: self.started.emit(lesson))
        self.buttons[lesson.id] = button
        for widget in (title, summary, length):
            column.addWidget(widget)
        column.addSpacing(theme.px(2))
        column.addWidget(button, 0, Qt.AlignLeft)
        return card
