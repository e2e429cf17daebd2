# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "Routing": a message at the left, at the right what each route makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QHBoxLayout, QWidget

from app.events import RouteExplained, Selected, VerbFailed
from app.state import State
from app.store import Store
from panels.panel import Panel, set_role
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab
    from panels.routing.explorer import Explorer


class RoutingPanel(Panel):
    """What the workers' routing does with a message; it is made when it is first seen."""

    id = "routing"
    title = "Routing"
    consumer_wanted = pyqtSignal(str)  # its text is to be shown: a dotted name

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.explorer: Explorer | None = None
        self._shown: RouteExplained | None = None
        self._selected: Selected | None = None
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="background")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Make what is in it, when it is first seen."""
        super().showEvent(event)
        if self.explorer is None:
            from panels.routing.explorer import Explorer

            self.explorer = Explorer(self.theme)
            self.explorer.asked.connect(lambda channel, content, key: self.lab.explain_route(channel, content, key))
            self.explorer.consumer_wanted.connect(self.consumer_wanted)
            self._row.addWidget(self.explorer)
            self.reset()

    def advance(self, since: int) -> None:
        """Show the newest explanation, and take a message that was selected meanwhile."""
        if self.explorer is None:
            return
        state = self.store.state
        self.explorer.state = state
        if failed := self._failed(since):
            self.explorer.show_failure(f"{failed.reason}. {failed.remedy}".strip())
        if state.explained is not self._shown:
            self._show(state)
        if state.selected is not self._selected:
            self._selected = state.selected
            self.explorer.take_selected()

    def reset(self) -> None:
        """Show the store's state from scratch; nothing is asked by itself."""
        if self.explorer is not None:
            self.explorer.state = self.store.state
            self._selected = self.store.state.selected
            self._show(self.store.state)

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        if self.explorer is not None:
            self.explorer.restyle()

    def _show(self, state: State) -> None:
        self._shown = state.explained
        if self.explorer is not None:
            self.explorer.show_explained(state.explained)

    def _failed(self, since: int) -> VerbFailed | None:
        failed = [event for event in self.store.since(since) if isinstance(event, VerbFailed)]
        return next((event for event in reversed(failed) if event.verb == "explain_route"), None)
