# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the tab "Routing": the form with examples and captured messages, the answer, and the routes."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSplitter, QTextBrowser, QWidget

from app.entities import Message
from app.events import RouteExplained
from app.layer.describe import describe
from app.layer.messages import UnreadableBody, decode
from app.state import State
from app.way import message_of, stop_of
from panels.inspector.parts import column, linked
from panels.inspector.view import name_of
from panels.panel import set_role
from panels.routing.examples import EXAMPLES
from panels.routing.form import MessageForm
from panels.routing.told import Told
from panels.theme import Theme
from panels.times import clock_second

PAUSE = 400  # milliseconds without a key before what was typed is tried
OFFERED = 14  # captured messages in the menu
PREVIEW = 44  # characters of a message there
BEGIN = (
    "Fill in a message, take an example or one that was sent, and press <b>Try it</b>: here is shown which route of "
    "the workers' routing has it, why the others have it not, and what the consumer gets."
)


class Explorer(QWidget):
    """`asked` has the channel, the content and the key of a captured message."""

    asked = pyqtSignal(str, dict, str)
    consumer_wanted = pyqtSignal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.state = State()
        self._told = Told(theme)
        self._shown: RouteExplained | None = None
        self._key = ""  # of the message in the form, while it is as it was captured
        self._asked: tuple[str, dict[str, Any], str] | None = None
        self.form = MessageForm(theme)
        self.examples, self.captured = QPushButton("Examples ▾"), QPushButton("Sent ▾")
        self.try_it = QPushButton("Try it")
        self.answer = linked()
        self.routes = QTextBrowser()
        self._pause = QTimer(self)
        self._lay_out()
        self._wire_up()
        self._begin()
        self.show_explained(None)

    def _begin(self) -> None:
        """Put the first example into the form."""
        self._key = ""
        self.form.show_message(EXAMPLES[0].channel, EXAMPLES[0].content)

    def _lay_out(self) -> None:
        px = self.theme.px
        buttons = QHBoxLayout()
        buttons.setSpacing(px(6))
        for button in (self.examples, self.captured, self.try_it):
            set_role(button, kind="primary" if button is self.try_it else "desk")
            buttons.addWidget(button)
        self.examples.setToolTip("Ready messages")
        self.captured.setToolTip("Messages that were sent in this run")
        self.try_it.setToolTip("Ask the routing (Enter)")
        self.examples.setAccessibleName("Examples")
        self.captured.setAccessibleName("Sent")
        self.try_it.setObjectName("try")
        self.answer.setObjectName("answer")
        self.answer.setAccessibleName("What a worker would do")
        self.answer.setContentsMargins(px(10), px(8), px(10), px(4))
        self.routes.setObjectName("routes")
        self.routes.setAccessibleName("The routes in their order")
        self.routes.setOpenLinks(False)
        self.routes.setTabChangesFocus(True)
        left, right = QWidget(), QWidget()
        inner = column(left, px(6))
        inner.setContentsMargins(px(12), px(8), px(8), px(8))
        inner.addLayout(buttons)
        inner.addWidget(self.form, 1)
        self.form.setObjectName("message")
        results = column(right, 0)
        results.addWidget(self.answer)
        results.addWidget(self.routes, 1)
        split = QSplitter(Qt.Horizontal)
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([2000, 3000])
        column(self, 0).addWidget(split)

    def _wire_up(self) -> None:
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.ask)
        self.form.changed.connect(self._changed)
        self.form.entered.connect(self.ask)
        self.try_it.clicked.connect(self.ask)
        for button, fill in ((self.examples, self._fill_examples), (self.captured, self._fill_captured)):
            menu = QMenu(button)
            menu.aboutToShow.connect(lambda menu=menu, fill=fill: (menu.clear(), fill(menu)))
            button.clicked.connect(
                lambda _, menu=menu, button=button: menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
            )
            button.choices = menu
        self.answer.linkActivated.connect(self._follow)
        self.routes.anchorClicked.connect(lambda url: self._follow(url.toString()))

    # --- asking ---

    def ask(self) -> None:
        """Ask about the message in the form, if it is one."""
        self._pause.stop()
        try:
            channel, content = self.form.message()
        except ValueError as error:
            self.show_failure(f"This is no message: {error}.")
            return
        self.asked.emit(channel, content, self._key)

    def take(self, channel: str, content: dict[str, Any], key: str = "") -> None:
        """Put a message into the form and ask."""
        self._key = key
        self.form.show_message(channel, content)
        self.ask()

    def take_selected(self) -> None:
        """Take the message that was selected, if it was one that workers take."""
        if message := self.selected_message():
            self._take_message(message)

    def selected_message(self) -> Message | None:
        """Return the message that a selected thing is, or has (app/way.py); of an answer, what it answers."""
        selected, state = self.state.selected, self.state
        message = state.messages.get(message_of(state, stop_of(selected)))
        while message is not None and "!" in message.channel:
            message = state.messages.get(message.cause)
        return message

    def _take_message(self, message: Message) -> None:
        try:
            content = decode(message.body)[1]
        except UnreadableBody as error:
            self.show_failure(f"{error}")
            return
        self.take(message.channel, content, message.key)

    def _changed(self) -> None:
        self._key = ""  # it is not the one that was sent any more
        self._pause.start()

    # --- menus ---

    def _fill_examples(self, menu: QMenu) -> None:
        for example in EXAMPLES:
            action = menu.addAction(f"{example.title}  ({example.channel})")
            action.triggered.connect(lambda _, example=example: self.take(example.channel, dict(example.content)))

    def _fill_captured(self, menu: QMenu) -> None:
        if message := self.selected_message():
            menu.addAction(f"What is selected: {_line(message, self.state)}", lambda: self._take_message(message))
            menu.addSeparator()
        for message in self._newest():
            menu.addAction(_line(message, self.state), lambda message=message: self._take_message(message))
        if menu.isEmpty():
            menu.addAction("No message was sent in this run").setEnabled(False)

    def _newest(self) -> Iterator[Message]:
        count = 0
        for message in reversed(self.state.messages.values()):
            if "!" not in message.channel and count < OFFERED:
                count += 1
                yield message

    # --- showing ---

    def show_explained(self, told: RouteExplained | None) -> None:
        """Show what became of a message; None: nothing was asked yet."""
        before, self._shown = self._shown, told
        self.form.offer(name for name in self.state.channels if "!" not in name and "?" not in name)
        if told is None:
            with suppress(ValueError):  # it is being typed
                if before and self._is_in_form(before):  # at that moment it had not been asked about
                    self._begin()
            self.answer.setText(f'<span style="color:{self.theme.palette.muted}">{BEGIN}</span>')
            self.routes.clear()
            return
        self._fill_in(told)
        expiry = self.state.settings.expiry if self.state.settings else 60.0
        self.answer.setText(f'<div style="line-height:130%">{self._told.answer(told, expiry)}</div>')
        self.routes.setHtml(self._told.routes(told))

    def show_failure(self, reason: str) -> None:
        """Show why there is no answer."""
        self.answer.setText(f'<span style="color:{self.theme.palette.bad}">✕ {html.escape(reason)}</span>')
        self.routes.clear()

    def restyle(self) -> None:
        """Show everything again in the theme of now."""
        if self._shown:
            self.show_explained(self._shown)
        else:
            self.show_explained(None)

    def _fill_in(self, told: RouteExplained) -> None:
        """Put the message that was asked about into the form, unless it stands there: somebody else may have asked."""
        try:
            is_there = self._is_in_form(told)
        except ValueError:
            is_there = True  # it is being typed
        if not is_there and not self._pause.isActive():
            self._key = told.key
            self.form.show_message(told.channel, decode(told.body)[1])

    def _is_in_form(self, told: RouteExplained) -> bool:
        """Whether the form holds the message that was asked about; raises ValueError where it holds none."""
        return self.form.message() == (told.channel, decode(told.body)[1])

    def _follow(self, link: str) -> None:
        self.consumer_wanted.emit(link.partition(":")[2])


def _line(message: Message, state: State) -> str:
    """Return a message in a line: when, on which channel, from whom, and what it says."""
    try:
        content = decode(message.body)[1]
    except UnreadableBody:
        content = {}
    says = " ".join(str(content[name]) for name in ("text", "method", "path") if content.get(name))
    text = str((says if message.channel != "websocket.receive" else content.get("text")) or describe(message.body))
    who = f"{name_of(state, message.connection)}: " if message.connection else ""
    cut = text if len(text) <= PREVIEW else f"{text[:PREVIEW]}…"
    return f"{clock_second(message.sent)}  {message.channel}  {who}{cut}"
