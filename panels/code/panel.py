# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "Code": the consumers of the demo, and what of them the workers run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.events import ConsumerFailed, ConsumersChanged, ConsumersChecked, Event, Selected, VerbFailed
from app.settings import Settings
from app.store import Store
from app.way import message_of, stop_of
from panels.panel import Panel, set_role
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab
    from panels.code.desk import Desk

VERBS = ("check_consumers", "use_consumers", "edit_consumers", "use_version")


class CodePanel(Panel):
    """The desk, made when it is first seen; where somebody's own project runs, a word on that."""

    id = "code"
    title = "Code"

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.desk: Desk | None = None
        self._selected: Selected | None = None
        self._wanted = ""  # a consumer to be shown once the desk is there
        settings = lab.settings
        self._own = settings.django_settings if settings.django_settings != Settings.django_settings else ""
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="background")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        if self._own:
            self._row.addLayout(self._word_on_projects())

    def showEvent(self, event: QShowEvent) -> None:
        """Make what is in it, when it is first seen."""
        super().showEvent(event)
        if self.desk is None and not self._own:
            from panels.code.desk import Desk

            self.desk = Desk(self.theme)
            self.desk.check_wanted.connect(lambda *words: self.lab.check_consumers(words[1], words[0], words[2]))
            self.desk.use_wanted.connect(lambda *words: self.lab.use_consumers(words[1], words[0], words[2]))
            self._row.addWidget(self.desk)
            self._selected = self.store.state.selected
            self.reset()
            self.show_consumer(self._wanted)

    def advance(self, since: int) -> None:
        """Show what became of the texts, and the consumer of a message that was selected meanwhile."""
        if self.desk is None:
            return
        for event in self.store.since(since):
            self._take(event)
        self._show_workers()
        selected = self.store.state.selected
        if selected is not self._selected:
            self._selected = selected
            if selected and (consumer := self._consumer_of(selected)):
                self.desk.show_consumer(consumer)

    def reset(self) -> None:
        """Show what runs at the playhead; a text that was edited stays."""
        if self.desk is None:
            return
        version = self.store.state.version
        if (texts := dict(version.texts) if version else {}) != self.desk.running:
            self.desk.follow(texts)
        self._show_workers()

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        if self.desk is not None:
            self.desk.restyle()

    def show_consumer(self, consumer: str) -> None:
        """Show where a consumer is defined, by its dotted name."""
        self._wanted = consumer
        if self.desk is not None and consumer:
            self.desk.show_consumer(consumer)
            self._wanted = ""

    def _take(self, event: Event) -> None:
        desk = self.desk
        assert desk is not None
        match event:
            case ConsumersChecked():
                desk.show_checked(event)
            case ConsumersChanged():
                desk.follow(dict(event.texts))
            case ConsumerFailed():
                desk.failures.note(event)
                desk.show_state()
            case VerbFailed() if event.verb in VERBS:
                desk.show_failed(event.reason)

    def _show_workers(self) -> None:
        assert self.desk is not None
        workers = [
            (one.name, one.version) for one in self.store.state.workers.values() if one.is_alive and not one.host
        ]
        self.desk.show_workers(workers)

    def _consumer_of(self, selected: Selected) -> str:
        """Return the consumer that ran for the message that a selected thing is, or has (app/way.py)."""
        state = self.store.state
        message = state.messages.get(message_of(state, stop_of(selected)))
        while message is not None and not message.consumer:  # of an answer, the consumer that sent it
            message = state.messages.get(message.cause)
        return message.consumer if message else ""

    def _word_on_projects(self) -> QVBoxLayout:
        px, layout = self.theme.px, QVBoxLayout()
        layout.setContentsMargins(px(16), px(14), px(16), px(14))
        layout.setSpacing(px(10))
        word = QLabel(
            f"Your own project runs here ({self._own}). Edit its files where they are; workers that start "
            "afterwards run them as they are then."
        )
        word.setTextFormat(Qt.PlainText)
        word.setWordWrap(True)
        again = QPushButton("Restart workers")
        again.setToolTip("One after the other: each finishes its message first, and sockets stay open")
        set_role(again, kind="primary")
        again.clicked.connect(lambda: self.lab.restart_workers())
        layout.addWidget(word)
        layout.addWidget(again, 0, Qt.AlignLeft)
        layout.addStretch(1)
        return layout
