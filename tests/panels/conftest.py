# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of panels share: a theme, a lab that only has an inbox, a chat, and what the window does."""

import pytest
from PyQt5.QtWidgets import QApplication

from app import events as e
from app.inbox import Inbox
from panels.theme import Theme
from tests.panels.chat import Chat

# What Qt says about running without a desktop; anything else it says fails the test.
IGNORED = ("This plugin does not support", "XDG_RUNTIME_DIR")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/panels" in item.path.as_posix():
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(*IGNORED, extend=True))


class LabWithoutLife:
    """Where gestures go; nothing runs."""

    def __init__(self):
        self.inbox = Inbox()


class Stand:
    """Panels on one store, fed as the window feeds them."""

    def __init__(self, qtbot, theme):
        self.qtbot, self.theme = qtbot, theme
        self.lab = LabWithoutLife()
        self.chat = Chat()
        self.store = self.chat.store
        self.panels = []
        self._since = 0

    def show(self, kind, width=366, height=800):
        panel = kind(self.store, self.lab, self.theme)
        self.qtbot.addWidget(panel)
        panel.resize(width, height)
        with self.qtbot.waitExposed(panel):
            panel.show()
        self.panels.append(panel)
        self._since = self.store.end  # what there was, the panel has read by itself
        return panel

    def pump(self):
        """Bring gestures to the store and everything new to the panels; returns the gestures."""
        gestures = self.lab.inbox.take()
        self.store.extend(gestures)
        for panel in self.panels:
            panel.advance(self._since)
            panel.tick(self.chat.t)
        self._since = self.store.end
        QApplication.processEvents()
        return gestures

    def select(self, kind, item):
        self.store.extend([e.Selected(t=self.chat.t, source="window", kind=kind, item=str(item))])
        self.pump()


@pytest.fixture
def theme(qapp):
    theme = Theme("dark")
    theme.apply(qapp)
    return theme


@pytest.fixture
def stand(qtbot, theme):
    return Stand(qtbot, theme)


@pytest.fixture
def chat(stand):
    """Bob and Ada are in the room, with one worker."""
    stand.chat.begin()
    stand.chat.connect("c1", "bob")
    stand.chat.connect("c2", "ada")
    return stand.chat


def texts(widget, kind):
    """Return the texts of all visible widgets of a kind inside another."""
    return [child.text() for child in widget.findChildren(kind) if child.isVisibleTo(widget)]
