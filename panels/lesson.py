# SPDX-License-Identifier: GPL-3.0-or-later
"""The lesson pane: the list of lessons, or the current step of one; it never covers what it talks about."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app import events as e
from app.lesson import Action, Lesson, LessonError, Watch, load_all
from app.store import Store
from panels.fitting import FittingScroll
from panels.lesson_list import LessonList
from panels.lesson_parts import Progress, Remark
from panels.lesson_step import OR_LET_IT, StepView
from panels.panel import Panel, set_role
from panels.shortcuts import set_text
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

SHORT = 700  # pixels at scale 1
AGAIN = "The system was reset meanwhile: this lesson's set-up is gone."


class LessonPanel(Panel):
    """Walks through a lesson: each step watches the events and opens the way to the next."""

    id = "lesson"
    title = "Lesson"
    show_requested = pyqtSignal(list)  # ids of panels
    highlight_requested = pyqtSignal(list)  # "panel/item"; none takes the halos away

    def __init__(
        self,
        store: Store,
        lab: Lab,
        theme: Theme,
        lessons: tuple[Lesson, ...] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(store, lab, theme, parent)
        self.lessons, self.trouble = _load() if lessons is None else (lessons, "")
        self.lesson: Lesson | None = None
        self.number = 0  # of the step shown, from 0
        self._watches: dict[int, Watch] = {}
        self._choices: dict[int, int] = {}
        self._finished: set[str] = set()
        self._is_setting_up = False
        self.view: StepView | None = None
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self._lay_out()
        self._show_list()

    @property
    def is_started(self) -> bool:
        """Whether a lesson is being walked through."""
        return self.lesson is not None

    @property
    def watch(self) -> Watch | None:
        """The watch of the step shown."""
        return self._watches.get(self.number) if self.lesson else None

    def _lay_out(self) -> None:
        px = self.theme.px
        self.place, self.heading = QLabel(), QLabel()
        set_role(self.place, role="small")
        set_role(self.heading, role="title")
        self.heading.setWordWrap(True)
        self.leave = QPushButton("All lessons")
        self.leave.setToolTip("Leave this lesson (Alt+L)")
        self.leave.setShortcut("Alt+L")
        set_role(self.leave, kind="text")
        self.leave.clicked.connect(self.close_lesson)
        self.progress = Progress(self.theme)
        self.scroll = FittingScroll(self.theme)
        self.back, self.next = QPushButton("← Back"), QPushButton("Next →")
        self.back.setToolTip("The step before (Alt+Left)")
        self.next.setToolTip("The next step (Alt+Right)")
        self.back.setShortcut("Alt+Left")
        self.next.setShortcut("Alt+Right")
        set_role(self.next, kind="primary")
        self.back.clicked.connect(lambda: self._show_step(self.number - 1))
        self.next.clicked.connect(self._go_on)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.place)
        top.addStretch()
        top.addWidget(self.leave)
        bottom.addWidget(self.back)
        bottom.addStretch()
        bottom.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(12), px(14), px(14))
        column.setSpacing(px(8))
        column.addLayout(top)
        for widget in (self.heading, self.progress):
            column.addWidget(widget)
        column.addWidget(self.scroll, 1)
        self._deeds = QVBoxLayout()
        column.addLayout(self._deeds)
        column.addStretch()
        column.addLayout(bottom)

    # --- what the window calls ---

    def set_lesson(self, name: str) -> None:
        """Start the lesson of that id.

        Raises:
            KeyError: there is none.
        """
        self.start(next((lesson for lesson in self.lessons if lesson.id == name), None) or self._no_lesson(name))

    def _no_lesson(self, name: str) -> Lesson:
        raise KeyError(f"no lesson {name!r}; there is {', '.join(lesson.id for lesson in self.lessons) or 'none'}")

    def advance(self, since: int) -> None:
        """Let the watches look at what happened."""
        if self.lesson is None:
            return
        for event in self.store.since(since):
            if isinstance(event, e.LabStarted):
                self._note_start()
            for watch in self._watches.values():
                watch.feed(event)
        self._show_progress()

    def tick(self, now: float) -> None:
        """Count down beside the check that waits for a message to expire."""
        watch = self.watch
        if watch is None or self.view is None:
            return
        expect, number = watch.step.expect, watch.reached
        text = ""
        if not watch.done and expect[number].event == "MessageExpired":
            key = watch.bindings.get(str(dict(expect[number].fields).get("key")), "")
            message = self.store.state.messages.get(key)
            if message and message.fate.is_open:
                text = f"{max(message.sent + message.expiry - now, 0):.0f} s"
        self.view.show_clock(number, text)

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        if self.lesson is None:
            self._show_list()
        else:
            self._show_view()

    # --- the list ---

    def _show_list(self) -> None:
        self.place.setText("Learn by doing it")
        self.heading.setText("Lessons")
        for widget in (self.progress, self.back, self.next, self.leave):
            widget.hide()
        view = LessonList(self.lessons, self.trouble, frozenset(self._finished), self.theme)
        view.started.connect(self.start)
        self._put(view)

    def close_lesson(self) -> None:
        """Leave the lesson, wherever it is; the live system stays as it is."""
        self.lesson, self.view = None, None
        self.highlight_requested.emit([])
        self._show_list()

    # --- a lesson ---

    def start(self, lesson: Lesson) -> None:
        """Set the live system up for a lesson and show its first step."""
        self.lesson = lesson
        self._watches.clear()
        self._choices.clear()
        for widget in (self.progress, self.back, self.next, self.leave):
            widget.show()
        self.place.setText(f"Lesson {self.lessons.index(lesson) + 1} of {len(self.lessons)}")
        self.heading.setText(lesson.title)
        self._set_up()
        self._show_step(0)

    def _set_up(self) -> None:
        self._is_setting_up = True
        self.lab.set_up(**self.lesson.setup.arguments)  # type: ignore[union-attr]

    def _note_start(self) -> None:
        """The live system began anew: what was before does not count; if it was not for us, say so."""
        if self._is_setting_up:
            self._is_setting_up = False
            self._watches[self.number] = Watch(self.lesson.steps[self.number])  # type: ignore[union-attr]
            self._show_view()
        else:
            self._show_view(AGAIN)

    def _show_step(self, number: int) -> None:
        lesson = self.lesson
        if lesson is None or not 0 <= number < len(lesson.steps):
            return
        self.number = number
        step = lesson.steps[number]
        self._watches.setdefault(number, Watch(step))
        self._show_view()
        self.show_requested.emit(list(step.show))
        self.inbox.put(e.StepShown(t=time.time(), source="window", lesson=lesson.id, step=step.id))

    def _show_view(self, note: str = "") -> None:
        watch = self._watches[self.number]
        self.view = StepView(watch, self._choices.get(self.number), self._do, self.theme)
        self.view.predicted.connect(self._predict)
        if note:
            self.view.layout().insertWidget(0, Remark(note, self._set_up, self.theme))
        self._put(self.view)
        self._was_done: bool | None = None
        self._reached = self._watches[self.number].reached  # a step begins at its top
        self._show_progress()

    def _put(self, view: QWidget) -> None:
        """Show a view, and under it its buttons."""
        view.layout().setContentsMargins(0, self.theme.px(4), self.theme.px(2), 0)
        while item := self._deeds.takeAt(0):
            item.widget().hide()
            item.widget().deleteLater()
        if isinstance(view, StepView):
            self._deeds.addWidget(view.deeds)
        self.scroll.put(view)

    def _show_progress(self) -> None:
        lesson, watch = self.lesson, self.watch
        if lesson is None or watch is None or self.view is None:
            return
        self.view.show_progress()
        self._share_height()
        done = frozenset(number for number, one in self._watches.items() if one.done)
        self.progress.show_step(len(lesson.steps), self.number, done)
        is_last = self.number == len(lesson.steps) - 1
        self.back.setEnabled(self.number > 0)
        set_text(self.next, "Finish" if is_last else "Next →")
        self.next.setEnabled(watch.done)
        if watch.reached != self._reached:
            self._reached = watch.reached
            QTimer.singleShot(0, self._reveal)
        if watch.done != self._was_done:
            self._was_done = watch.done
            QTimer.singleShot(0, self.scroll.fit)
            self.highlight_requested.emit([] if watch.done else list(watch.step.highlight))

    def _share_height(self) -> None:
        """Where there is little height, leave out the one line that the lesson can do without."""
        if self.view is not None:
            is_short = self.height() < self.theme.px(SHORT)
            self.view.hint.setVisible(not is_short or self.view.hint.text() != OR_LET_IT)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _reveal(self) -> None:
        """Bring into sight what happens next, or what happened."""
        if self.view is None or not self.view.checks:
            return
        check = self.view.checks[min(self.view.watch.reached, len(self.view.checks) - 1)]
        self.scroll.ensureWidgetVisible(check if self.view.verdict.isHidden() else self.view.verdict)

    def _go_on(self) -> None:
        if self.lesson is None or self.watch is None or not self.watch.done:
            return
        if self.number < len(self.lesson.steps) - 1:
            self._show_step(self.number + 1)
        else:
            self._finished.add(self.lesson.id)
            self.close_lesson()

    def _predict(self, option: int) -> None:
        self._choices[self.number] = option
        lesson = self.lesson
        if lesson:
            step = lesson.steps[self.number].id
            self.inbox.put(e.Predicted(t=time.time(), source="window", lesson=lesson.id, step=step, option=option))

    def _do(self, action: Action) -> None:
        getattr(self.lab, action.verb)(**action.arguments)


def _load() -> tuple[tuple[Lesson, ...], str]:
    try:
        return load_all(), ""
    except LessonError as error:
        return (), str(error)
