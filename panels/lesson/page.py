# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the lesson pane that stay where they are: the line at the top, heading, progress, and what leads on."""

from __future__ import annotations

from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from panels.fitting import FittingScroll
from panels.lesson.parts import Progress
from panels.lesson.session import Mode, Session
from panels.lesson.words import Say
from panels.panel import set_role
from panels.shortcuts import set_text
from panels.theme import Theme

LINKS = {  # name: text, sign where there is little height, keys, what it does
    "hint": ("Hint", "?", "Alt+H", "A word of help for this step"),
    "restart": ("Restart step", "↺", "Alt+R", "Bring the system back to where this step begins"),
    "free": ("Try freely", "⚗", "Alt+F", "Experiment; the lesson waits and brings everything back"),
    "recording": ("Recording", "▷", "Alt+P", "Play the recording instead"),
    "live": ("Back to live", "●", "Alt+V", "Leave the recording; the system is brought to where this step begins"),
}


class Page(QWidget):
    """Widgets only; the panel says what they show and do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.place, self.heading = QLabel(), QLabel()
        set_role(self.place, role="small")
        set_role(self.heading, role="title")
        self.heading.setWordWrap(True)
        self.leave = self._link("All lessons", "Alt+L", "Leave this lesson")
        self.more = QToolButton()
        self.more.setText("⋯")
        self.more.setAccessibleName("More about lessons")
        self.more.setToolTip("Notes, language, progress")
        self.more.setPopupMode(QToolButton.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        set_role(self.more, kind="text")
        self.progress = Progress(theme)
        self.scroll = FittingScroll(theme)
        self.back, self.next = QPushButton("← Back"), QPushButton("Next →")
        for button, keys, tip in (
            (self.back, "Alt+Left", "The step before"),
            (self.next, "Alt+Right", "The next step"),
        ):
            button.setShortcut(keys)
            button.setToolTip(f"{tip} ({keys})")
        set_role(self.next, kind="primary")
        self.links = {name: self._link(text, keys, tip) for name, (text, _, keys, tip) in LINKS.items()}
        self._say: Say = str
        self._has_signs = False
        self._lay_out()

    def _link(self, text: str, keys: str, tip: str) -> QPushButton:
        link = QPushButton(text)
        link.setShortcut(keys)
        link.setToolTip(f"{tip} ({keys})")
        set_role(link, kind="text")
        return link

    def _lay_out(self) -> None:
        px = self.theme.px
        top, bottom = QHBoxLayout(), QHBoxLayout()
        line = QWidget()
        line.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Maximum)  # it never makes the pane wider
        links = self._line_of_links = QHBoxLayout(line)
        links.setContentsMargins(0, 0, 0, 0)
        few = self._few_links = QHBoxLayout()
        top.addWidget(self.place)
        top.addStretch()
        top.addWidget(self.leave)
        top.addWidget(self.more)
        bottom.addWidget(self.back)
        bottom.addStretch()
        bottom.addLayout(few)
        bottom.addStretch()
        bottom.addWidget(self.next)
        few.setSpacing(0)
        bottom.setSpacing(px(2))
        links.setSpacing(px(4))
        for number, link in enumerate(self.links.values()):
            links.insertWidget(number, link)
        links.addStretch()
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
        column.addWidget(line)
        column.addLayout(bottom)

    def put(self, view: QWidget, deeds: QWidget | None = None) -> None:
        """Show a view, and under it its buttons, which are always in sight."""
        while item := self._deeds.takeAt(0):
            item.widget().hide()
            item.widget().deleteLater()
        if deeds is not None:
            self._deeds.addWidget(deeds)
        self.scroll.put(view)

    def show_lesson(self, is_one: bool) -> None:
        """Show what belongs to a lesson, or leave it out of the list."""
        for widget in (self.progress, self.back, self.next, self.leave, *self.links.values()):
            widget.setVisible(is_one)

    def show_progress(self, session: Session) -> None:
        """Show how far the lesson has come, and the ways out of the step."""
        walk, is_live = session.walk, session.mode is not Mode.RECORDING
        self.progress.show_step(len(walk.lesson.steps), walk.number, walk.done)
        self.back.setEnabled(walk.number > 0)
        self.next.setEnabled(session.may_go_on)
        self.links["hint"].setVisible(bool(walk.step.hint) and not walk.watch.done)
        self.links["restart"].setVisible(is_live)
        self.links["free"].setVisible(is_live and session.mode is not Mode.FREE)
        self.links["recording"].setVisible(is_live and session.has_recording)
        self.links["live"].setVisible(not is_live)

    def set_words(self, say: Say) -> None:
        """Put the words of the pane into the language of the lessons."""
        self._say = say
        set_text(self.leave, say("All lessons"))
        set_text(self.back, say("← Back"))
        for name, (text, sign, *_) in LINKS.items():
            self.links[name].setAccessibleName(say(text))
            set_text(self.links[name], sign if self._has_signs else say(text))

    def set_short(self, is_short: bool) -> None:
        """Where there is little height or width, let signs between Back and Next stand for the line of links."""
        is_short = is_short or not self._has_room()
        if is_short == self._has_signs:
            return
        self._has_signs = is_short
        for number, link in enumerate(self.links.values()):
            (self._few_links if is_short else self._line_of_links).insertWidget(number, link)
            set_role(link, kind="sign" if is_short else "text")
        self.set_words(self._say)

    def _has_room(self) -> bool:
        """Return whether the links fit beside each other in words."""
        metrics, px = QFontMetrics(self.theme.sans("small")), self.theme.px
        words = [self._say(LINKS[name][0]) for name, link in self.links.items() if not link.isHidden()]
        return sum(metrics.horizontalAdvance(word) + px(16) for word in words) <= self.width() - px(28)
