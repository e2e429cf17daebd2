# SPDX-License-Identifier: GPL-3.0-or-later
"""The lesson pane: the list of lessons, or the current step of one; it never covers what it talks about."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from app import events as e
from app.lesson import Action, Lesson, Watch
from app.store import Store
from panels.lesson.keeper import Keeper
from panels.lesson.list import LessonList
from panels.lesson.page import Page
from panels.lesson.parts import Remark
from panels.lesson.shelf import Shelf
from panels.lesson.step import OR_LET_IT, StepView
from panels.lesson.walk import Walk
from panels.lesson.way_back import WayBack
from panels.lesson.words import Say, words_in
from panels.panel import Panel, set_role
from panels.shortcuts import set_text
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

SHORT = 700  # pixels at scale 1
LOOK = 1.0  # seconds between two looks at the files of lessons
SETTING_UP = "Setting up …"
RESET = "The system was reset meanwhile: this lesson's set-up is gone."
FREE = "You are free. Everything in the window is real and nothing counts; the lesson waits for you at this step."
BY_WINDOW = ("inspect", "open_capture")  # verbs that are done in the window, where they are to be seen


class Mode(Enum):
    """What the live system is to the lesson just now."""

    LIVE = "live"  # what happens counts
    SETTING_UP = "setting up"
    FREE = "free"  # nothing counts
    RECORDING = "recording"  # what was recorded counts


class LessonPanel(Panel):
    """Walks through a lesson: each step watches the events and opens the way to the next."""

    id = "lesson"
    title = "Lesson"
    show_requested = pyqtSignal(list)  # ids of panels
    highlight_requested = pyqtSignal(list)  # "panel/item"; none takes the halos away
    capture_requested = pyqtSignal(str)  # a file of captures/, "" for the live system
    inspect_requested = pyqtSignal(dict)  # the arguments of the lab's verb

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.shelf, self.keeper = Shelf(), Keeper(self)
        self.walk: Walk | None = None
        self.mode = Mode.LIVE
        self.view: StepView | None = None
        self._way_back: WayBack | None = None
        self._remark: tuple[str, tuple[tuple[str, Any], ...]] | None = None
        self._looked = 0.0
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self.page = Page(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self._wire_up()
        self._show_list()

    def _wire_up(self) -> None:
        page = self.page
        page.leave.clicked.connect(self.close_lesson)
        page.back.clicked.connect(lambda: self._go(-1))
        page.next.clicked.connect(lambda: self._go(1))
        page.links["restart"].clicked.connect(self.return_to_step)
        page.links["free"].clicked.connect(self.set_free)
        page.more.menu().aboutToShow.connect(self._fill_menu)
        self.keeper.changed.connect(self._refresh_list)

    def _fill_menu(self) -> None:
        menu = self.page.more.menu()
        menu.clear()
        menu.addAction(self.say("Export progress…"), self.keeper.ask_where_to)
        menu.addAction(self.say("Import progress…"), self.keeper.ask_where_from)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons there are."""
        return self.shelf.lessons

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that is being walked through."""
        return self.walk.lesson if self.walk else None

    @property
    def is_started(self) -> bool:
        """Whether a lesson is being walked through."""
        return self.walk is not None

    @property
    def watch(self) -> Watch | None:
        """The watch of the step shown."""
        return self.walk.watch if self.walk else None

    @property
    def say(self) -> Say:
        """What puts the pane's words into the language of the lessons."""
        return words_in(self.shelf.language)

    # --- what the window calls ---

    def use_folder(self, folder: Path) -> None:
        """Offer the lessons of a folder too, and read them again whenever a file in it changes."""
        self.shelf = Shelf(folder, self.shelf.language)
        self._refresh_list()

    def use_progress(self, file: Path) -> None:
        """Keep what is done in this file."""
        self.keeper.use(file)
        self._refresh_list()

    def set_lesson(self, name: str) -> None:
        """Start the lesson of that id.

        Raises:
            KeyError: there is none.
        """
        lesson = self.shelf.find(name)
        if lesson is None:
            raise KeyError(f"no lesson {name!r}; there is {', '.join(one.id for one in self.lessons) or 'none'}")
        self.start(lesson)

    def advance(self, since: int) -> None:
        """Let the lesson look at what happened."""
        self.look(self.store.since(since))

    def look(self, events: Sequence[e.Event]) -> None:
        """Let the lesson look at events, of the live system or of a capture that is open."""
        if self.walk is None:
            return
        if self.mode is Mode.SETTING_UP:
            self._get_on(events)
        elif self.mode is Mode.LIVE:
            self.walk.feed(events)
            if any(isinstance(event, e.LabStarted) for event in events):
                self._show_step((self.say(RESET), ((self.say("Set it up again"), self.return_to_step),)))
        self._show_progress()

    def tick(self, now: float) -> None:
        """Count down beside the check that waits for a message to expire; see whether files have changed."""
        if now - self._looked > LOOK:
            self._looked = now
            self._read_changed()
        if self.mode is Mode.SETTING_UP:
            self._get_on(())
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
        if self.walk is None:
            self._show_list()
        else:
            self._show_step(self._remark)

    # --- the list ---

    def _show_list(self) -> None:
        self.page.set_words(self.say)
        self.page.place.setText(self.say("Learn by doing it"))
        self.page.heading.setText(self.say("Lessons"))
        self.page.show_lesson(False)
        trouble = "\n".join(filter(None, (self.shelf.trouble, self.keeper.trouble)))
        view = LessonList(self.lessons, trouble, self.keeper.progress, self.theme, self.say)
        view.started.connect(self.start)
        view.changed.connect(lambda: QTimer.singleShot(0, self.page.scroll.fit))
        self.page.put(view)

    def _refresh_list(self) -> None:
        if self.walk is None:
            self._show_list()

    def close_lesson(self) -> None:
        """Leave the lesson, wherever it is; the live system stays as it is."""
        self.walk, self.view, self._way_back, self.mode = None, None, None, Mode.LIVE
        self.highlight_requested.emit([])
        self._show_list()

    def _read_changed(self) -> None:
        """Read the files again if one has changed; a lesson in use goes on in its new form where it was."""
        if not self.shelf.has_changed():
            return
        self.shelf.read()
        self._use_edition()

    def _use_edition(self) -> None:
        if self.walk is None:
            self._show_list()
            return
        edition = self.shelf.find(self.walk.lesson.id)
        if edition and edition is not self.walk.lesson and edition.steps:
            self.walk.use(edition)
            self.page.heading.setText(edition.title)
        self._show_step((self.shelf.trouble, ()) if self.shelf.trouble else None)

    # --- a lesson ---

    def start(self, lesson: Lesson, number: int = 0) -> None:
        """Set the live system up for a lesson, and show a step of it; steps are counted from 0."""
        self.walk = Walk(lesson, number)
        self.page.set_words(self.say)
        self.page.show_lesson(True)
        place = f"{self.say('Lesson')} {self.lessons.index(lesson) + 1} {self.say('of')} {len(self.lessons)}"
        self.page.place.setText(place)
        self.page.heading.setText(lesson.title)
        self.return_to_step()
        self._tell_step()

    def return_to_step(self) -> None:
        """Bring the live system to where the step begins."""
        if self.walk is None:
            return
        self.mode = Mode.SETTING_UP
        self.capture_requested.emit(self.walk.lesson.setup.capture)
        self._way_back = WayBack(self.lab, self.store, self.walk.lesson, self.walk.number, self._do)
        self._way_back.feed(())
        self._show_step()

    def _get_on(self, events: Sequence[e.Event]) -> None:
        way = self._way_back
        if self.walk is None or way is None or not way.feed(events):
            return
        self._way_back, self.mode = None, Mode.LIVE
        self.walk.begin_step()
        again = (self.say("Set it up again"), self.return_to_step)
        self._show_step((way.trouble, (again,)) if way.trouble else None)

    def set_free(self) -> None:
        """Let the learner do anything; the lesson waits."""
        if self.walk is not None:
            self.mode, self._way_back = Mode.FREE, None
            self.highlight_requested.emit([])
            self._show_step((self.say(FREE), ((self.say("Back to the lesson"), self.return_to_step),)))

    def _go(self, by: int) -> None:
        """Go on, or back; after the last step is the end."""
        walk = self.walk
        if walk is None or (by > 0 and not walk.may_go_on):
            return
        if by > 0 and walk.is_last:
            self.keeper.note_end(walk.lesson.id)
            self.close_lesson()
        elif walk.go(walk.number + by):
            self._show_step()
            self._tell_step()

    def _tell_step(self) -> None:
        """Show what the step is about, and say so to everybody."""
        if self.walk is not None:
            step = self.walk.step
            self.show_requested.emit(list(step.show))
            told = e.StepShown(t=time.time(), source="window", lesson=self.walk.lesson.id, step=step.id)
            self.inbox.put(told)

    def _show_step(self, remark: tuple[str, tuple[tuple[str, Any], ...]] | None = None) -> None:
        walk = self.walk
        if walk is None:
            return
        self._remark = remark
        self.view = StepView(walk.watch, walk.choices.get(walk.number), self._do, self.theme, self.say)
        self.view.predicted.connect(self._predict)
        self.view.hold(SETTING_UP if self.mode is Mode.SETTING_UP else "")
        if remark:
            self.view.layout().insertWidget(0, Remark(remark[0], self.theme, *remark[1]))
        self.page.put(self.view, self.view.deeds)
        self._was_done: bool | None = None
        self._reached = walk.watch.reached  # a step begins at its top
        self._show_progress()

    def _show_progress(self) -> None:
        walk, view = self.walk, self.view
        if walk is None or view is None:
            return
        view.show_progress()
        self._share_height()
        self.page.progress.show_step(len(walk.lesson.steps), walk.number, walk.done)
        self.page.back.setEnabled(walk.number > 0)
        set_text(self.page.next, self.say("Finish" if walk.is_last else "Next →"))
        self.page.next.setEnabled(walk.may_go_on and self.mode is not Mode.SETTING_UP)
        self.page.show_links(hint=False, restart=True, free=self.mode is not Mode.FREE, recording=False)
        if walk.watch.reached != self._reached:
            self._reached = walk.watch.reached
            QTimer.singleShot(0, self._reveal)
        if walk.watch.done != self._was_done:
            self._note_done(walk)

    def _note_done(self, walk: Walk) -> None:
        is_done = self._was_done = walk.watch.done
        QTimer.singleShot(0, self.page.scroll.fit)
        is_pointing = not is_done and self.mode is not Mode.FREE
        self.highlight_requested.emit(list(walk.step.highlight) if is_pointing else [])
        if is_done:
            self.keeper.note_step(walk.lesson.id, walk.step.id)

    def _share_height(self) -> None:
        """Where there is little height, leave out what the lesson can do without."""
        is_short = self.height() < self.theme.px(SHORT)
        self.page.set_short(is_short)
        if self.view is not None:
            self.view.hint.setVisible(not is_short or self.view.hint.text() != self.say(OR_LET_IT))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _reveal(self) -> None:
        """Bring into sight what happens next, or what happened."""
        if self.view is None or not self.view.checks:
            return
        check = self.view.checks[min(self.view.watch.reached, len(self.view.checks) - 1)]
        self.page.scroll.ensureWidgetVisible(check if self.view.verdict.isHidden() else self.view.verdict)

    def _predict(self, option: int) -> None:
        walk = self.walk
        if walk:
            walk.choices[walk.number] = option
            lesson, step = walk.lesson.id, walk.step.id
            self.inbox.put(e.Predicted(t=time.time(), source="window", lesson=lesson, step=step, option=option))

    def _do(self, action: Action) -> Any:
        """Do what a lesson says; what is to be seen in the window is done by the window."""
        if action.verb == "inspect":
            self.inspect_requested.emit(action.arguments)
        elif action.verb == "open_capture":
            self.capture_requested.emit(action.arguments["name"])
        else:
            return getattr(self.lab, action.verb)(**action.arguments)
        return None
