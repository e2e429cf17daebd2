# SPDX-License-Identifier: GPL-3.0-or-later
"""Presenter mode (F5): one panel fills the window, in large letters; a clicker walks the lesson, B blanks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QEvent, QObject, Qt, QTimer
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit, QShortcut, QWidget

from panels.panel import Panel, set_role
from panels.proportions import ANY_HEIGHT
from panels.theme import SIZES

if TYPE_CHECKING:
    from panels.window import Window

BASE, HEIGHT = 20, 720  # pixels of the text in a window of this height; in a higher one it is larger
STEP, LARGEST = 1.1, 2.0  # by which everything gets larger, and how many times at most
SECONDS = 5  # that the caption stays
KEYS = "1 to 9, 0: panels · Page down, Page up: the lesson · L: its text · B: blank · Esc: leave"


class Presenter(QObject):
    """Hides all but one panel of a window, and brings everything back."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.is_on = False
        self.zoom = 1.0
        self._own_scale = window.theme.scale
        self._deed = 0  # of the lesson's step: those before were done from here
        self._back: Callable[[], None] = lambda: None
        self.caption = _over(window, "caption")
        self.blank = _over(window, "blank")
        self._hide = QTimer(self)
        self._hide.setSingleShot(True)
        self._hide.setInterval(SECONDS * 1000)
        self._hide.timeout.connect(self.caption.hide)
        self._add("F5", "Present: one panel, in large letters; once more or Esc leaves", self.toggle)
        self._add("Ctrl++", "Everything larger (while presenting also Ctrl and the wheel)", lambda: self.magnify(STEP))
        self._add("Ctrl+-", "Everything smaller, to its own size", lambda: self.magnify(1 / STEP))
        window.transport.present.clicked.connect(self.toggle)
        window.lesson.show_requested.connect(self._show_for_lesson)

    def _add(self, keys: str, what: str, act: Callable[[], None]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self.window)
        shortcut.setWhatsThis(what)
        shortcut.activated.connect(act)

    def toggle(self) -> None:
        """Present, or leave it."""
        self.leave() if self.is_on else self.start()

    def start(self, is_full_screen: bool = True) -> None:
        """Show the panel that has the keys, or the Stage, and nothing else; the bar at the top is not to be seen."""
        window = self.window
        chosen = _panel_of(window.focusWidget())
        if chosen is None or chosen is window.transport:
            chosen = window.stage
        self._remember()
        self.is_on = True
        window.transport.setFixedHeight(0)  # not hidden: its shortcuts go on working
        if is_full_screen:
            window.showFullScreen()
        QApplication.instance().installEventFilter(self)
        self._scale()
        self.show_panel(chosen)

    def leave(self) -> None:
        """Show the window as it was."""
        if not self.is_on:
            return
        self.is_on = False
        QApplication.instance().removeEventFilter(self)
        for over in (self.caption, self.blank):
            over.hide()
        self._back()

    def _remember(self) -> None:
        window, state = self.window, self.window.windowState()
        parts, sizes, layout = (window.top, window.bench, window.centre), window.centre.sizes(), window.saveState()

        def back() -> None:
            window.transport.setMinimumHeight(0)
            window.transport.setMaximumHeight(ANY_HEIGHT)
            for part in parts:
                part.show()
            window.setWindowState(state)
            self._scale()
            window.restoreState(layout)
            later.start(0)

        def borders() -> None:
            """Put them back when everything has the size that its smaller letters need."""
            window.restoreState(layout)
            window.centre.setSizes(sizes)

        later = QTimer(self)
        later.setSingleShot(True)
        later.timeout.connect(borders)
        later.timeout.connect(later.deleteLater)
        self._back = back

    # --- what is shown ---

    @property
    def panels(self) -> tuple[Panel, ...]:
        """What the keys 1 to 9 and 0 show."""
        window = self.window
        return (window.stage, *window.bench.offered, window.inspector)

    def show_panel(self, panel: Panel) -> None:
        """Let a panel fill the window."""
        window = self.window
        is_above, is_below = panel in (window.stage, window.capture_head), panel in window.bench.offered
        window.top.setVisible(is_above)
        window.bench.setVisible(is_below)
        window.centre.setVisible(is_above or is_below)
        window.bench.bring_up(panel)
        for name, dock in window.docks.items():
            dock.setVisible(name == panel.id)
        panel.setFocus(Qt.OtherFocusReason)
        self.say(panel.title)

    def magnify(self, by: float) -> None:
        """Make everything so many times as large."""
        self.zoom = min(max(self.zoom * by, 1.0), LARGEST)
        self._scale()

    def _scale(self) -> None:
        """Make letters as large as was wished, and while presenting as the window is high."""
        theme, own = self.window.theme, self._own_scale
        scale = self.zoom * (max(BASE / SIZES["body"] * self.window.height() / HEIGHT, own) if self.is_on else own)
        self.window.stage.fill(self.zoom if self.is_on else 0.0)
        if abs(scale - theme.scale) > 1e-6:
            theme.scale = scale
            self.window.set_theme(theme.palette.name)

    def say(self, text: str) -> None:
        """Write at the foot of the window for some seconds what is shown, and which keys there are."""
        window, lesson = self.window, self.window.lesson.session
        if lesson is not None:
            walk = lesson.walk
            text = f"{lesson.lesson.title}, step {walk.number + 1} of {len(walk.lesson.steps)} · {text}"
        self.caption.setText(f"{text} · {KEYS}")
        self.caption.setFixedWidth(window.width())
        height = self.caption.heightForWidth(window.width())
        if window.stage.controls.isVisible():  # they are covered whole, not cut in two
            height = max(height, window.stage.controls.sizeHint().height())
        self.caption.setFixedHeight(height)
        self.caption.move(0, window.height() - self.caption.height())
        self.caption.show()
        self.caption.raise_()
        self._hide.start()

    def turn_blank(self) -> None:
        """Show nothing, or everything again."""
        self.blank.setGeometry(self.window.rect())
        self.blank.setVisible(not self.blank.isVisible())
        self.blank.raise_()

    # --- the lesson ---

    def _show_for_lesson(self, names: list[str]) -> None:
        """Show the first panel that a step of the lesson wants."""
        self._deed = 0
        wanted = {panel.id: panel for panel in self.panels} | {"devtools": self.window.ladder}
        if self.is_on and (panel := next((wanted[name] for name in names if name in wanted), None)):
            self.show_panel(panel)

    def go_on(self) -> None:
        """Go to the next step; while this one is not done, let the program do the next thing in it."""
        page, session = self.window.lesson.page, self.window.lesson.session
        if session is None:
            self.say("No lesson is begun: L shows the list")
        elif page.next.isEnabled():
            page.next.click()
        elif self._deed < len(deeds := session.walk.step.do):
            self.say(deeds[self._deed].label)
            session.do(deeds[self._deed])
            self._deed += 1
        else:
            self.say("This step is not done yet")

    def go_back(self) -> None:
        """Go to the step before."""
        self.window.lesson.page.back.click()

    # --- keys ---

    def eventFilter(self, watched: QObject, event: Any) -> bool:
        """Take the presenter's keys before anything else; letters and digits not from a line that is typed."""
        if event.type() == QEvent.Resize and watched is self.window:
            self._scale()
        if event.type() == QEvent.Wheel and event.modifiers() == Qt.ControlModifier:
            self.magnify(STEP if event.angleDelta().y() > 0 else 1 / STEP)
            return True
        if event.type() not in (QEvent.ShortcutOverride, QEvent.KeyPress) or not isinstance(watched, QWidget):
            return False
        act = self._act_of(event, isinstance(watched, (QLineEdit, QPlainTextEdit)))
        if act is None or watched.window() is not self.window:
            return False
        event.accept()
        if event.type() == QEvent.KeyPress:
            act()
        return True

    def _act_of(self, event: Any, is_typed: bool) -> Callable[[], None] | None:
        keys: dict[int, Callable[[], None]] = {Qt.Key_Escape: self._escape, Qt.Key_PageDown: self.go_on}
        keys |= {Qt.Key_PageUp: self.go_back}
        if not is_typed:
            keys |= {Qt.Key_B: self.turn_blank, Qt.Key_L: lambda: self.show_panel(self.window.lesson)}
            for number, panel in enumerate(self.panels[:10], 1):
                keys[Qt.Key_0 + number % 10] = partial(self.show_panel, panel)
        plain = not event.modifiers() & ~Qt.KeypadModifier
        return keys.get(event.key()) if plain else None

    def _escape(self) -> None:
        self.turn_blank() if self.blank.isVisible() else self.leave()


def _over(window: QWidget, name: str) -> QLabel:
    over = QLabel(window)
    over.setObjectName(name)
    over.setWordWrap(True)
    over.setAlignment(Qt.AlignCenter)
    set_role(over, role=name)
    over.hide()
    return over


def _panel_of(widget: QWidget | None) -> Panel | None:
    """Return the panel that a widget is part of."""
    while widget is not None and not isinstance(widget, Panel):
        widget = widget.parentWidget()
    return widget
