# SPDX-License-Identifier: GPL-3.0-or-later
"""The session that is shown, written as packets for Wireshark; a thread writes while the window goes on."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QTimer
from PyQt5.QtWidgets import QFileDialog

from app import events as e
from app.session import whole
from app.traffic.session import export_session
from panels.save_dialog import ask_where

if TYPE_CHECKING:
    from panels.window import Window

LOOK = 50  # milliseconds between two looks whether the file is written
SUFFIX = "pcapng"


class PacketsOut(QObject):
    """Asks where, writes, and says how many packets there are."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.dialog: QFileDialog | None = None
        self._said = ""  # by the thread, when it is done
        self._failed = ""
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)
        window.transport.save_as.packets_wanted.connect(self.ask)

    @property
    def is_writing(self) -> bool:
        """Whether a file is being written."""
        return self._thread is not None

    def ask(self) -> None:
        """Let the user say where the packets are to be written."""
        kinds = {SUFFIX: "Packets for Wireshark"}
        self.dialog = ask_where(
            self.window, self.window.theme, "Save packets for Wireshark", "session", kinds, self.write
        )

    def write(self, path: Path) -> None:
        """Write the session that is shown: the live one, or that of a file."""
        if self._thread is not None:
            self.window.transport.notice.say("The packets are still being written.", level="flight")
            return
        events = list(whole(self.window.travel.store))
        self._said = self._failed = ""
        self._thread = threading.Thread(target=self._write, args=(events, path), name=f"packets {path.name}")
        self._thread.start()
        self._timer.start()

    def _write(self, events: list[e.Event], path: Path) -> None:
        try:
            count = export_session(events, path)
        except OSError as error:
            self._failed = f"{path.name} was not written: {error.strerror or error}"
        else:
            self._said = f"{count.packets} packets, {count.frames} WebSocket frames among them, are in {path.name}."

    def _look(self) -> None:
        thread = self._thread
        if thread is None or thread.is_alive():
            return
        self._timer.stop()
        self._thread = None
        now, inbox = time.time(), self.window.lab.inbox
        if self._said:
            inbox.put(e.LogLine(t=now, source="window", text=self._said))
            self.window.transport.notice.say(self._said, level="flight")
        else:
            reason = self._failed or "the packets could not be made"
            inbox.put(e.VerbFailed(t=now, source="window", verb="export_packets", reason=reason))

    def close(self) -> None:
        """Wait for what is being written."""
        if self._thread is not None:
            self._thread.join()
