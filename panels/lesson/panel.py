# SPDX-License-Identifier: GPL-3.0-or-later
"""The lesson pane: the list of lessons, or the current step of one; it never covers what it talks about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QSettings, Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from app import events as e
from app.lesson import Lesson, Watch
from app.store import Store
from panels.lesson.keeper import Keeper, own_file
from panels.lesson.list import LessonList
from panels.lesson.more import fill_menu
from panels.lesson.page import Page
from panels.lesson.parts import remark_of
from panels.lesson.session import Mode, Session
from panels.lesson.shelf import Shelf
from panels.lesson.step import OR_LET_IT, Deed, StepView
from panels.lesson.words import Say, words_in
from panels.panel import Panel, set_role
from panels.shortcuts import set_text
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

SHORT = 700  # pixels at scale 1
LANGUAGE = "language"  # the name of the setting
LOOK = 1.0  # seconds between two looks at the files of lessons
SETTING_UP = "Setting up …"
WATCH_IT = "Watch what was recorded:"


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
        self.session: Session | None = None
        self.view: StepView | None = None
        self.has_notes = False
        self._looked = 0.0
        self._settings: QSettings | None = None
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self.page = page = Page(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        page.leave.clicked.connect(self.close_lesson)
        page.back.clicked.connect(lambda: self._with_session(lambda session: session.go(-1)))
        page.next.clicked.connect(lambda: self._with_session(lambda session: session.go(1)))
        works = {"free": Session.set_free, "recording": Session.play_recording}
        works |= dict.fromkeys(("restart", "live"), Session.return_to_step)
        for name, work in works.items():
            page.links[name].clicked.connect(lambda _, work=work: self._with_session(work))
        page.links["hint"].clicked.connect(lambda: self.view.ask_help() if self.view else None)
        page.more.menu().aboutToShow.connect(lambda: fill_menu(page.more.menu(), self))
        self.keeper.changed.connect(self._refresh_list)
        self._show_list()

    def _with_session(self, work: object) -> None:
        if self.session is not None and callable(work):
            work(self.session)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """The lessons there are."""
        return self.shelf.lessons

    @property
    def is_started(self) -> bool:
        """Whether a lesson is being walked through."""
        return self.session is not None

    @property
    def watch(self) -> Watch | None:
        """The watch of the step shown."""
        return self.session.walk.watch if self.session else None

    @property
    def say(self) -> Say:
        """What puts the pane's words into the language of the lessons."""
        return words_in(self.shelf.language)

    # --- what the window calls ---

    def use_folder(self, folder: Path) -> None:
        """Offer the lessons of a folder too, and read them again whenever a file in it changes."""
        self.shelf = Shelf(folder, self.shelf.language)
        self._refresh_list()

    def remember(self, settings: QSettings) -> None:
        """Go on with what was done and chosen in earlier runs, and keep what is from now on."""
        self._settings = settings
        self.use_progress(own_file())
        self.speak(settings.value(LANGUAGE) or "en")

    def use_progress(self, file: Path) -> None:
        """Keep what is done in this file."""
        self.keeper.use(file)
        self._refresh_list()

    def speak(self, language: str) -> None:
        """Show the lessons in another language, the one in use where it is."""
        self.shelf.speak(language)
        if self._settings is not None:
            self._settings.setValue(LANGUAGE, language)
        self._show_edition()

    def show_notes(self, is_shown: bool) -> None:
        """Show what lessons say to whoever presents them, or put it away."""
        self.has_notes = is_shown
        self._show_step()

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
        self.look(self.store.newest_since(since))

    def look(self, events: Sequence[e.Event]) -> None:
        """Let the lesson look at events, of the live system or of a capture that is open."""
        if self.session is not None:
            self.session.look(events)
            self._show_progress()

    def tick(self, now: float) -> None:
        """Count down beside the check that waits for a message to expire; see whether files have changed."""
        if now - self._looked > LOOK:
            self._looked = now
            if self.shelf.has_changed():
                self.shelf.read()
                self._show_edition()
        if self.session is None:
            return
        self.session.tick()
        if self.view is not None:
            self.view.show_clock(self.session.walk.watch.reached, self.session.countdown(now))

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self._refresh_list()
        self._show_step()

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
        if self.session is None:
            self._show_list()

    def _show_edition(self) -> None:
        """Show the lessons as they are on the shelf now: in another language, or changed."""
        self._refresh_list()
        if self.session is not None:
            self.session.use(self.shelf.find(self.session.lesson.id), self.shelf.trouble)

    def close_lesson(self) -> None:
        """Leave the lesson, wherever it is; the live system stays as it is, if nobody may attack it."""
        if self.session is not None:
            self.session.leave()
        self.session, self.view = None, None
        self.highlight_requested.emit([])
        self._show_list()

    def _finish(self) -> None:
        if self.session is not None:
            self.keeper.note_end(self.session.lesson.id)
            self.close_lesson()

    # --- a lesson ---

    def start(self, lesson: Lesson, number: int = 0) -> None:
        """Set the live system up for a lesson, and show a step of it; steps are counted from 0."""
        session = self.session = Session(self.lab, self.store, lesson, number, self)
        session.capture_wanted.connect(self.capture_requested)
        session.inspect_wanted.connect(self.inspect_requested)
        session.changed.connect(self._show_step)
        session.moved.connect(self._tell_step)
        session.ended.connect(self._finish)
        self.page.show_lesson(True)
        session.return_to_step()
        self._tell_step()

    def _tell_step(self) -> None:
        """Show what the step is about, and say so to everybody."""
        if self.session is not None:
            self.show_requested.emit(list(self.session.walk.step.show))
            self.inbox.put(self.session.told(e.StepShown))

    def _show_step(self) -> None:
        session = self.session
        if session is None:
            return
        walk = session.walk
        self.page.set_words(self.say)
        self.page.place.setText(self.shelf.place_of(session.lesson, self.say("Lesson"), self.say("of")))
        self.page.heading.setText(session.lesson.title)
        self.view = StepView(walk.watch, walk.choices.get(walk.number), self._deeds(session), self.theme, self.say)
        self.view.predicted.connect(self._predict)
        self.view.helped.connect(self._show_hint)
        self.view.notes.setVisible(self.has_notes and bool(walk.step.notes))
        self.view.invitation = WATCH_IT if session.mode is Mode.RECORDING else OR_LET_IT
        self.view.hold(SETTING_UP if session.mode is Mode.SETTING_UP else "")
        if session.note:
            self.view.layout().insertWidget(0, remark_of(session, self.theme, self.say))
        self.page.put(self.view, self.view.deeds)
        self._was_done: bool | None = None
        self._reached = walk.watch.reached  # a step begins at its top
        self._show_progress()

    def _deeds(self, session: Session) -> list[Deed]:
        if session.mode is Mode.RECORDING:
            return [("▷ " + self.say("Play this step"), "primary", 0, session.play_recording)]
        return [(one.label, one.kind, one.after, partial(session.do, one)) for one in session.walk.step.do]

    def _predict(self, option: int) -> None:
        if self.session is not None:
            self.session.predict(option)
            self.inbox.put(self.session.told(e.Predicted, option=option))

    def _show_progress(self) -> None:
        session, view = self.session, self.view
        if session is None or view is None:
            return
        walk, watch = session.walk, session.walk.watch
        view.show_progress()
        self._share_height()
        self.page.show_progress(session)
        set_text(self.page.next, self.say("Finish" if walk.is_last else "Next →"))
        is_further, self._reached = watch.reached != self._reached, watch.reached
        if watch.done != self._was_done:
            self._was_done = watch.done
            QTimer.singleShot(0, self.page.scroll.fit)
            is_pointing = not watch.done and session.mode is not Mode.FREE
            self.highlight_requested.emit(list(walk.step.highlight) if is_pointing else [])
            if watch.done:
                self.keeper.note_step(session.lesson.id, walk.step.id)
        if is_further:
            QTimer.singleShot(0, self._reveal)  # when it has its height

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
        news = (self.view.afterwards, self.view.verdict)
        self.page.scroll.fit()
        self.page.scroll.ensureWidgetVisible(next((label for label in news if not label.isHidden()), check))

    def _show_hint(self) -> None:
        """Make room for a hint, and bring it into sight."""
        self.page.scroll.fit()
        if self.view is not None and self.view.help.text():
            self.page.scroll.ensureWidgetVisible(self.view.help)
