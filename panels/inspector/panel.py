# SPDX-License-Identifier: GPL-3.0-or-later
"""The Inspector panel: follows the selection and shows it with the view of its kind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from app.events import Selected
from app.store import Store
from app.way import group_stop, stop_of
from panels.halo import named, reveal
from panels.inspector.database import DatabaseView
from panels.inspector.frame import FrameView
from panels.inspector.group import GroupView
from panels.inspector.handshake import ConnectionView
from panels.inspector.message import MessageView
from panels.inspector.nothing import Nothing
from panels.inspector.parts import column
from panels.inspector.run import RunView
from panels.inspector.view import View
from panels.inspector.worker import ChannelView, WorkerView
from panels.panel import Panel, set_role
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

REFRESH = 0.1  # seconds between two looks at how things have moved
LAID_OUT = 0.6  # seconds after which a view that was just shown has its final heights
VIEWS: tuple[type[View], ...] = (
    FrameView,
    ConnectionView,
    MessageView,
    RunView,
    WorkerView,
    ChannelView,
    GroupView,
    DatabaseView,
)


class InspectorPanel(Panel):
    """What is selected, in full; it scrolls, and starts at its top for everything newly selected."""

    id = "inspector"
    title = "Inspector"
    command_wanted = pyqtSignal(str)  # a line for the console

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        set_role(self, surface="panel")
        self.setAttribute(Qt.WA_StyledBackground)
        self._shown: Selected | None = None
        self._read: Selected | None = None  # for which it was scrolled to its top
        self._has_news = False  # since the last refresh
        self._refreshed = 0.0
        self._revealing = 0.0  # until when, on the monotonic clock
        self.views = {view.kind: view(store, theme) for view in VIEWS}
        self.nothing = Nothing(theme)
        self._build()
        self.reset()

    def _build(self) -> None:
        page = QWidget()
        body: QVBoxLayout = column(page)
        edge = self.theme.px(14)
        body.setContentsMargins(edge, edge, edge, edge)
        body.addWidget(self.nothing)
        for view in self.views.values():
            view.hide()
            view.picked.connect(self._pick)
            view.chosen.connect(self._tell_part)
            view.told.connect(lambda event: self.inbox.put(event))
            view.wants.connect(lambda verb, arguments: getattr(self.lab, verb)(*arguments))
            body.addWidget(view)
        body.addStretch(1)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.scroll.setFocusPolicy(Qt.NoFocus)
        self.scroll.setWidget(page)
        page.setAutoFillBackground(False)  # setWidget turned it on; the panel's own ground is to show
        self.scroll.viewport().setAutoFillBackground(False)
        column(self).addWidget(self.scroll)

    @property
    def view(self) -> View | None:
        """The view that is shown."""
        selected = self.store.state.selected
        return self.views.get(selected.kind) if selected else None

    def advance(self, since: int) -> None:
        """Follow the selection, and show how things have moved."""
        selected, view = self.store.state.selected, self.view
        now = self.store.now
        if view and selected and self._shown and _is_same(selected, self._shown):
            is_other_part, self._shown = selected.field != self._shown.field, selected
            if is_other_part:
                view.show_part(selected.field)
                self._reveal_part()
            self._has_news = True
            if now - self._refreshed > REFRESH:
                self._refresh(view, now)
            return
        self._shown = selected
        self.nothing.setVisible(view is None)
        self.nothing.show_for(self.store.state.settings is None and self.store.state.capture is not None)
        for other in self.views.values():
            other.setVisible(other is view)
        if view and selected:
            view.show_item(selected.item, now)
            view.show_part(selected.field)
            self._refreshed = now
            if selected is not self._read:  # a reader who goes to another moment stays where he is
                self._read = selected
                self.scroll.verticalScrollBar().setValue(0)
                self._revealing = time.monotonic() + LAID_OUT

    def _reveal_part(self) -> None:
        """Scroll to the part of a connection that was selected with it: its "session"."""
        selected, view = self._shown, self.view
        if view and selected and selected.kind == "connection" and (part := named(view, selected.field)):
            reveal(part)

    def _tell_part(self, name: str) -> None:
        if self._shown is not None:
            self.select(self._shown.kind, self._shown.item, name)

    def reset(self) -> None:
        """Show what is selected from scratch."""
        self._shown = None
        for view in self.views.values():
            view.store, view.reader = self.store, self.reader
        self.advance(self.store.start)

    def tick(self, now: float) -> None:
        """Let times to live run down."""
        if view := self.view:
            if self._has_news:
                self._refresh(view, now)
            view.tick(now)
            if time.monotonic() < self._revealing:
                self._reveal_part()

    def _pick(self, kind: str, item: str) -> None:
        """Follow a link: to something else, or to the console."""
        if kind == "command":
            self.command_wanted.emit(item)
        elif kind == "group":
            self.select(*group_stop(self.store.state, item, stop_of(self._shown)))
        else:
            self.select(kind, item)

    def _refresh(self, view: View, now: float) -> None:
        view.refresh(now)
        self._has_news, self._refreshed = False, now

    def restyle(self) -> None:
        """Show everything again in the theme of now."""
        for view in self.views.values():
            view.restyle()
        for part in self.findChildren(QLabel):
            if part.textFormat() == Qt.RichText:  # Qt keeps the colours that links had when the text was set
                text = part.text()
                part.clear()
                part.setText(text)
        self.update()

    def highlight(self, items: frozenset[str]) -> None:
        """Point at fields of a frame or parts of a handshake by their names, or at the panel."""
        super().highlight(items)
        pointed = [view.highlight(items) for view in self.views.values()]
        shown = next((part for part in pointed if part is not None and part.isVisible()), None)
        if shown is not None:
            self.scroll.ensureWidgetVisible(shown, 0, self.theme.px(100))


def _is_same(one: Selected, other: Selected) -> bool:
    return (one.kind, one.item) == (other.kind, other.item)
