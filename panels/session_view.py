# SPDX-License-Identifier: GPL-3.0-or-later
"""A session file in the place of the live system, and the live session into a file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QFileDialog

from app.events import LogLine, VerbFailed
from app.recording import RecordingError
from app.session import SUFFIX, SessionSource, save_session
from app.store import Store
from panels.pump import Pump
from panels.save_dialog import ask_where

if TYPE_CHECKING:
    from panels.window import Window

REFUSED = "This is a session from a file: nothing of it runs. Go back to live first (Esc)."


class SessionView(QObject):
    """The session file that a window shows, if any."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self._shown: tuple[SessionSource, Pump] | None = None
        self._dialog: QFileDialog | None = None
        window.transport.save.clicked.connect(self.ask)
        window.transport.save_as.session_wanted.connect(self.ask)

    @property
    def is_open(self) -> bool:
        """Whether a session file is shown."""
        return self._shown is not None

    @property
    def name(self) -> str:
        """The file's name, "" when none is shown."""
        return self._shown[0].path.name if self._shown else ""

    def open(self, path: Path) -> bool:
        """Show a session file; one that is none is said in a notice. Returns whether it is open."""
        try:
            source = SessionSource(path)
        except RecordingError as error:
            self._fail("open_session", str(error))
            return False
        window = self.window
        window.close_capture()
        self.close()
        pump = Pump(source.inbox, Store(index=source.index, is_file=True), window)
        self._shown = (source, pump)
        pump.advanced.connect(window.show_news)
        window.travel.use(pump.store)
        self._give(pump.store, source)
        window.transport.recent.remember(path)
        source.start()
        pump.start()
        return True

    def close(self) -> None:
        """Back to the live system."""
        if self._shown is None:
            return
        (source, pump), self._shown = self._shown, None
        pump.stop()
        pump.deleteLater()  # or the window would keep it, and with it all events of the file
        self.window.travel.use(self.window.live.store)
        self._give(self.window.live.store, self.window.lab)
        source.close()

    def _give(self, store: Store, source: object) -> None:
        for panel in self.window.of_session:
            panel.set_store(store, source.inbox)  # type: ignore[attr-defined]
        self.window.show_live()

    # --- saving ---

    def ask(self) -> None:
        """Let the user say where the live session is to be saved."""
        kinds = {SUFFIX.lstrip("."): "Channelscope sessions"}
        self._dialog = ask_where(self.window, self.window.theme, "Save session", "session", kinds, self.save)

    def save(self, path: Path) -> None:
        """Write the live session into a file."""
        try:
            count = save_session(path, self.window.live.store)
        except OSError as error:
            self._fail("save_session", f"{path.name} was not written: {error.strerror or error}")
            return
        text = f"{count} events of this session are in {path.name}."
        self.window.lab.inbox.put(LogLine(t=time.time(), source="window", text=text))
        self.window.transport.notice.say(text, level="flight")

    def _fail(self, verb: str, reason: str) -> None:
        self.window.lab.inbox.put(VerbFailed(t=time.time(), source="window", verb=verb, reason=reason))
