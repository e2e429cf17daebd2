# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar at the top: what is shown (the live system or a capture), the demo's pages, their address, and the theme."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QUrl, pyqtSignal
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import events as e
from app.state import RECORDED
from app.store import Store
from panels.address import AddressButton
from panels.bar import Bar, BarButton, Mark
from panels.choice import Choice
from panels.freeze_controls import FreezeControls, name_of_speed
from panels.panel import Panel, set_role
from panels.recent import Recent
from panels.room import RoomCard
from panels.save_menu import SaveMenu
from panels.shortcuts import Shortcuts, set_text
from panels.stage.controls import Notice
from panels.stage.views import not_running
from panels.stage.worker_words import ago
from panels.theme import Theme
from panels.times import clock
from panels.travel import SPEEDS, STORY, Travel

if TYPE_CHECKING:
    from app.lab import Lab

FILTER = "Captures and sessions (*.pcap *.pcapng *.cap *.cscope);;All files (*)"
LIVE, NOT_LIVE, REPLAY = "● Live", "○ Not running", "▶ Recording"
FROZEN, SLOW = "❚❚ Frozen", "◐ Slow {}"


class TransportBar(Panel):
    """Always one row; every control has a shortcut, shown in its tool tip."""

    id = "transport"
    title = "Channelscope"
    open_capture_requested = pyqtSignal(str)
    theme_toggled = pyqtSignal()
    back_to_live = pyqtSignal()

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self._dialog: QFileDialog | None = None
        self._now = time.time()
        self.setAttribute(Qt.WA_StyledBackground)
        self.setObjectName("transport")
        self.notice = Notice(theme)
        bar = Bar(theme)
        self._row = bar.row
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.notice)
        self._left()
        self._row.addStretch(1)
        self._right()
        self.shortcuts = Shortcuts(theme, self)
        self.reset()

    def _left(self) -> None:
        self.mark = Mark()
        set_role(self.mark, role="heading")
        self._row.addWidget(self.mark)
        self._row.addSpacing(self.theme.px(8))
        self.live = QLabel(LIVE)
        self.live.setObjectName("live")
        self._row.addWidget(self.live)
        self.back = self._button("← Back to live", "Esc", "The live system went on meanwhile")
        self.back.clicked.connect(lambda: self.back_to_live.emit())
        self.freezing = FreezeControls(self.lab, self.theme)
        for widget in self.freezing.widgets:
            self._row.addWidget(widget)
        self.chat = self._button("Chat", "Ctrl+B", "Open the chat page in your browser")
        self.chat.clicked.connect(self._open_chat)
        self.drawing = self._button("Drawing", "Ctrl+D", "Open the drawing page in your browser")
        self.drawing.clicked.connect(self._open_drawing)
        self.open = self._button(
            "Open…", "Ctrl+O", "Read a capture (pcap, pcapng) or a saved session; or drop one on the window"
        )
        self.open.clicked.connect(self.ask_for_capture)
        self.recent = Recent()
        self.recent.chosen.connect(self.open_capture_requested)
        self._row.addWidget(self.recent)
        self.save = self._button("Save…", "Ctrl+S", "Save this session into a file that opens anywhere")
        self.save_as = SaveMenu()
        self._row.addWidget(self.save_as)
        self.play = self._button("▶ Play", "Ctrl+Space", "Let the past run on from here")
        self.speed = Choice(self.theme)
        self.speed.addItems(SPEEDS)
        self.speed.setCurrentText("1×")
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("How fast the past is played")
        self._row.addWidget(self.speed)
        self.steps = tuple(QPushButton(text) for text in ("◂", "▸"))
        for button, name, keys in zip(self.steps, ("Back", "On"), ("Shift+F7", "Shift+F8"), strict=True):
            button.setAccessibleName(f"{name} to what happened to a message")
            button.setToolTip(f"{name} to what happened to a message ({keys}); event by event: {keys[-2:]}")
            set_role(button, kind="icon")
            self._row.addWidget(button)

    def _right(self) -> None:
        self.address = AddressButton()
        self._add(self.address, "Ctrl+L", "Copy the address of the pages")
        self.share = self._button("Share", "Ctrl+Shift+R", "Let phones open the pages, and laptops work along")
        self.share.setObjectName("share")
        self.room = RoomCard(self.lab, self.theme, self.share)
        self.share.clicked.connect(lambda: self.room.toggle())
        self.present = BarButton("Present")
        self.present.setFocusPolicy(Qt.TabFocus)  # a click leaves the keys where they are: that panel is presented
        self._row.addWidget(self.present)
        self.present.setToolTip("One panel in large letters, for a projector (F5)")
        self.view = QToolButton()
        self.view.setText("View")
        self.view.setAccessibleName("View")
        self.view.setToolTip("Show or hide parts of the window")
        self.view.setPopupMode(QToolButton.InstantPopup)
        self.view.hide()
        self._row.addWidget(self.view)
        self.help = self._button("?", "F1", "All shortcuts")
        self.help.clicked.connect(lambda: self.shortcuts.toggle())
        self.theme_button = self._button("◐", "Ctrl+T", "Dark or light")
        self.theme_button.clicked.connect(lambda: self.theme_toggled.emit())
        for button, name in ((self.help, "Shortcuts"), (self.theme_button, "Dark or light theme")):
            button.setAccessibleName(name)
            set_role(button, kind="icon")

    def _button(self, text: str, keys: str, tip: str) -> QPushButton:
        button = BarButton(text)
        button.setAccessibleName(text.rstrip("…"))
        self._add(button, keys, tip)
        return button

    def _add(self, button: QPushButton, keys: str, tip: str) -> None:
        button.setShortcut(keys)
        button.setToolTip(f"{tip} ({keys})")
        self._row.addWidget(button)

    # --- what the window calls ---

    def set_capture(self, name: str) -> None:
        """Say that a capture is shown, by its file name; "" for the live system."""
        self._show_what("◼ Capture" if name else self._live_text(), name)
        self._show_parts(is_away=bool(name), can_play=False, can_save=not name)

    def use(self, travel: Travel) -> None:
        """Let the buttons for playing move the playhead, and Space freeze, in the window that the bar is in now."""
        self.window().installEventFilter(self.freezing)
        travel.playing.connect(lambda is_playing: set_text(self.play, "❚❚ Pause" if is_playing else "▶ Play"))
        self.play.clicked.connect(lambda: travel.pause() if travel.is_playing else travel.play())
        self.speed.currentTextChanged.connect(lambda name: travel.set_speed(SPEEDS[name]))
        for button, by in zip(self.steps, (-1, 1), strict=True):
            button.clicked.connect(lambda _, by=by: travel.step(by, STORY))

    def set_moment(self, t: float | None, session: str = "") -> None:
        """Say that the past is shown, by its time (None: now), and the name of a session file."""
        if t is not None:
            self._show_what(f"◀ {clock(t)}", "The window shows this moment of the past; the live system goes on")
        elif session:
            self._show_what("◼ Session", f"{session}: the live system goes on meanwhile")
        else:
            self._show_what(self._live_text(), "")
        is_away = t is not None or bool(session)
        self._show_parts(is_away, can_play=is_away, can_save=not is_away or bool(session))
        self.save_as.show_for(bool(session))

    def _show_parts(self, is_away: bool, can_play: bool, can_save: bool) -> None:
        """Show each part or hide it, once: whoever is hidden and shown again has the whole bar laid out anew."""
        self.notice.hide()
        self.back.setVisible(is_away)
        for widget in (self.play, self.speed, *self.steps):
            widget.setVisible(can_play)
        self._show_pages(not is_away)
        self.save.setVisible(not is_away)
        self.save_as.setVisible(can_save)

    def _show_what(self, text: str, tip: str) -> None:
        self.live.setText(text)
        self.live.setToolTip(tip)
        if self._level(text) != self.live.property("level"):
            set_role(self.live, level=self._level(text))

    @staticmethod
    def _level(text: str) -> str:
        return "good" if text == LIVE else "accent" if text.startswith(FROZEN) else "flight"

    def _live_text(self) -> str:
        """Say what is shown while it is not the past: the live system as it goes, or a recording in its place."""
        state = self.store.state
        if state.settings is not None and state.settings.source == RECORDED:
            return REPLAY
        if not_running(state):
            return NOT_LIVE
        if state.clock.since:
            return f"{FROZEN} · {ago(self._now - state.clock.since)}"
        return SLOW.format(name_of_speed(state.speed)) if state.speed < 1 else LIVE

    def _show_live(self) -> None:
        """Say whether what is shown is live: there is a system, and no recording in its place."""
        text, before = self._live_text(), self.live.text()
        self.freezing.show_state(self.store.state)
        if self.back.isHidden() and text != before:
            self._show_what(text, self.live.toolTip())
            self._show_pages(text != REPLAY)

    def set_view_menu(self, docks: Sequence[QDockWidget], reset_layout: Callable[[], None]) -> None:
        """Offer to show or hide docks, and to put every panel back."""
        menu = QMenu(self)
        for dock in docks:
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        menu.addAction("Reset layout", reset_layout)
        self.view.setMenu(menu)
        self.view.show()

    def advance(self, since: int) -> None:
        """Show the address once there is one; a capture that could not be opened is said while one is open."""
        self._show_address()
        self._show_live()
        self.room.show_state(self.store.state)
        for event in self.store.since(since):
            if type(event) is not e.VerbFailed:
                continue
            if event.verb in ("share", "invite"):
                self.room.fail(self.store.state, event.reason)
            if not self.back.isHidden():
                self.notice.say(event.reason, event.remedy)

    def reset(self) -> None:
        """Show the store's state from scratch."""
        self.room.show_state(self.store.state)
        self.mark.show_in(self.theme.palette.accent)
        self.set_capture("")
        self._show_address()

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        is_away, text, tip = not self.back.isHidden(), self.live.text(), self.live.toolTip()
        own = (self.back, self.play, self.speed, *self.steps, self.chat, self.drawing, self.save, self.save_as)
        widgets: tuple[QWidget, ...] = (*own, *self.freezing.widgets)
        shown, is_said = [not widget.isHidden() for widget in widgets], not self.notice.isHidden()
        self.reset()
        self.notice.setVisible(is_said)
        if is_away:
            self._show_what(text, tip)
            for widget, is_shown in zip(widgets, shown, strict=True):
                widget.setVisible(is_shown)

    def tick(self, now: float) -> None:
        """The address may have come without an event that we were shown; a freeze gets longer."""
        self._now = now
        self._show_address()
        self._show_live()

    def _show_address(self) -> None:
        address = self.lab.address.rstrip("/")
        self.address.show_address(address)
        for page in (self.chat, self.drawing):
            page.setEnabled(bool(address))

    def _show_pages(self, is_live: bool) -> None:
        for page in (self.chat, self.drawing, *self.freezing.widgets):
            page.setVisible(is_live)

    # --- what the user does ---

    def _open_chat(self) -> None:
        QDesktopServices.openUrl(QUrl(self.lab.address))

    def _open_drawing(self) -> None:
        QDesktopServices.openUrl(QUrl(self.lab.address.rstrip("/") + "/?page=draw"))

    def ask_for_capture(self) -> None:
        """Let the user choose a file; nothing waits for it."""
        dialog = self._dialog = QFileDialog(self, "Open capture", "", FILTER)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.ExistingFile)
        dialog.fileSelected.connect(self.open_capture_requested.emit)
        dialog.open()
