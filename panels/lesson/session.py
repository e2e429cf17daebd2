# SPDX-License-Identifier: GPL-3.0-or-later
"""A lesson in progress: what happens counts, or is being set up, or is free, or is a recording; no widget."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QObject, pyqtSignal

from app import events as e
from app.lesson import Action, Lesson
from app.state import RECORDED
from app.store import Store
from panels.lesson.walk import Walk
from panels.lesson.way_back import WayBack

if TYPE_CHECKING:
    from app.lab import Lab

RESET = "The system was reset meanwhile: this lesson's set-up is gone."
FREE = "You are free. Everything in the window is real and nothing counts; the lesson waits for you at this step."
LEADING = "The lesson does the steps before this one by itself."
EARLIER = "What you see happened earlier; the live system waits."
PLAYING, OVER = "A recording is being played.", "The recording is over."
STANDS_IN = "Here a recording stands in for the live system."


class Mode(Enum):
    """What the live system is to the lesson just now."""

    LIVE = "live"  # what happens counts
    SETTING_UP = "setting up"
    FREE = "free"  # nothing counts
    RECORDING = "recording"  # what was recorded counts


@dataclass(frozen=True)
class Note:
    """A word between the lesson and the system, and what can be done about it: a button's text and its work."""

    texts: tuple[str, ...]
    deeds: tuple[tuple[str, Callable[[], None]], ...] = ()


class Session(QObject):
    """One learner's way through one lesson, over a lab."""

    changed = pyqtSignal()  # another step, another mode, another note: show it anew
    moved = pyqtSignal()  # another step is shown: bring up what it is about
    ended = pyqtSignal()  # after the last step
    capture_wanted = pyqtSignal(str)  # a file of captures/, "" for the live system
    inspect_wanted = pyqtSignal(dict)  # the arguments of the lab's verb

    def __init__(self, lab: Lab, store: Store, lesson: Lesson, number: int, parent: QObject) -> None:
        super().__init__(parent)
        self.lab, self.store = lab, store
        self.walk = Walk(lesson, number)
        self.mode = Mode.LIVE
        self.note: Note | None = None
        self._way_back: WayBack | None = None
        self._is_led = False  # to where the step begins in its recording

    @property
    def lesson(self) -> Lesson:
        """The lesson, in the edition in use."""
        return self.walk.lesson

    @property
    def has_recording(self) -> bool:
        """Whether there is something to play in the place of the live system."""
        return self.lesson.recording.is_file()

    # --- what happens ---

    def look(self, events: Sequence[e.Event]) -> None:
        """Let the lesson look at events, of the live system or of a capture that is open."""
        if self.mode is Mode.SETTING_UP:
            self._get_on(events)
        elif self.mode is not Mode.FREE:
            for event in events:
                self._count(event)

    def _count(self, event: e.Event) -> None:
        if isinstance(event, e.LabStarted) and event.source != RECORDED:
            self.mode = Mode.LIVE
            self._say(RESET, back="Set it up again")
        elif self.mode is Mode.RECORDING and isinstance(event, e.StepShown) and event.source == "lesson":
            self._is_led = event.step == self.walk.step.id  # what came before only led to it
            self.walk.begin_step()
            self.changed.emit()
        elif self.mode is Mode.RECORDING and isinstance(event, e.RecordingFinished) and self._is_led:
            self._say(OVER, EARLIER)
        if self.mode is Mode.LIVE or self._is_led:
            self.walk.feed([event])
        if self.mode is Mode.RECORDING and event.source != "window" and "stage" not in self.walk.step.show:
            self._show_capture(event)

    def _show_capture(self, event: e.Event) -> None:
        """A recorded step that is about a capture: open it in the window, and select there what was selected."""
        if isinstance(event, e.CaptureOpened):
            self.capture_wanted.emit(event.name)
        elif isinstance(event, e.Selected):
            names = ("kind", "item", "direction", "opcode", "field")
            self.inspect_wanted.emit({name: getattr(event, name) for name in names})

    def _say(self, *texts: str, back: str = "") -> None:
        self.note = Note(texts, ((back, self.return_to_step),) if back else ())
        self.changed.emit()

    def countdown(self, now: float) -> str:
        """Return how long the message lives that the next check waits for to expire, "" when it waits for none."""
        watch = self.walk.watch
        if watch.done or watch.step.expect[watch.reached].event != "MessageExpired":
            return ""
        key = dict(watch.step.expect[watch.reached].fields).get("key")
        message = self.store.state.messages.get(watch.bindings.get(str(key), ""))
        is_open = message is not None and message.fate.is_open
        return f"{max(self.store.state.left(message, now), 0):.0f} s" if message and is_open else ""

    # --- the ways through ---

    def return_to_step(self) -> None:
        """Bring the live system to where the step begins."""
        self.mode, self.note = Mode.SETTING_UP, Note((LEADING,)) if self.walk.number else None
        self.capture_wanted.emit(self.lesson.setup.capture)
        self._way_back = WayBack(self.lab, self.store, self.lesson, self.walk.number, self.do)
        self._way_back.feed(())
        self.changed.emit()

    def tick(self) -> None:
        """Get on with a set-up when nothing is told."""
        if self.mode is Mode.SETTING_UP:
            self._get_on(())

    def _get_on(self, events: Sequence[e.Event]) -> None:
        way = self._way_back
        if way is None:
            return
        place = way.place
        if not way.feed(events):
            if way.place != place:
                self.note = Note((LEADING, f"{way.place} / {way.number}"))
                self.changed.emit()
            return
        self.mode, self._way_back = Mode.LIVE, None
        self.walk.begin_step()
        self.note = None
        if way.trouble:
            self._say(way.trouble, back="Set it up again")
        else:
            self.changed.emit()

    def leave(self) -> None:
        """It is over; what let somebody else's page in ends with it."""
        if self.lesson.setup.attack_page:
            self.lab.reset()
        self.deleteLater()

    def set_free(self) -> None:
        """Let the learner do anything; the lesson waits."""
        self.mode, self._way_back = Mode.FREE, None
        self._say(FREE, back="Back to the lesson")

    def play_recording(self) -> None:
        """Let what was recorded of this step happen in the window, in the place of the live system."""
        if not self.has_recording:
            return
        self.mode, self._way_back, self._is_led = Mode.RECORDING, None, False
        if self.walk.must_choose:  # first the prediction, then what happened
            self._say(STANDS_IN)
        else:
            self.lab.play_recording(self.lesson.recording, self.walk.step.id)
            self._say(PLAYING, EARLIER)

    def go(self, by: int) -> None:
        """Go on, or back; after the last step is the end."""
        if by > 0 and not self.may_go_on:
            return
        if by > 0 and self.walk.is_last:
            self.ended.emit()
        elif self.walk.go(self.walk.number + by):
            if self.mode is Mode.RECORDING:
                self._is_led = False
                self._say(STANDS_IN)
            else:
                self.note = None
                self.changed.emit()
            self.moved.emit()

    @property
    def may_go_on(self) -> bool:
        """Whether the next step is open."""
        return self.walk.may_go_on and self.mode is not Mode.SETTING_UP

    def use(self, edition: Lesson | None, trouble: str) -> None:
        """Go on in another edition of the lesson, if there is one; `trouble` says what is wrong with its files."""
        if edition is not None and edition.steps:
            self.walk.use(edition)
        if self.mode is Mode.LIVE:
            self.note = Note((trouble,)) if trouble else None
        self.changed.emit()

    # --- what the learner does ---

    def predict(self, option: int) -> None:
        """Note what the learner expects."""
        self.walk.choices[self.walk.number] = option

    def do(self, action: Action) -> Any:
        """Do what a lesson says; what is to be seen in the window is done by the window."""
        if action.verb == "inspect":
            self.inspect_wanted.emit(action.arguments)
        elif action.verb == "open_capture":
            self.capture_wanted.emit(action.arguments["name"])
        else:
            return getattr(self.lab, action.verb)(**action.arguments)
        return None

    def told(self, kind: type[e.StepShown | e.Predicted], **fields: Any) -> e.Event:
        """Return an event of the window about the step of now."""
        return kind(t=time.time(), source="window", lesson=self.lesson.id, step=self.walk.step.id, **fields)
