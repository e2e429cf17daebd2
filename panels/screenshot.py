# SPDX-License-Identifier: GPL-3.0-or-later
"""`--screenshot`: let the built-in clients chat a little, write the window as PNG, and end."""

from __future__ import annotations

import time
from pathlib import Path

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication

from panels.window import Window

LINES = (("ada", "hi all"), ("bob", "hello ada"), ("ada", "is this one frame or two?"), ("bob", "look at the Wire"))
PATIENCE = 30.0  # seconds for the chat to have happened


class Screenshot:
    """Waits for what makes a picture worth looking at, step by step, without ever blocking the window."""

    def __init__(self, window: Window, path: Path) -> None:
        self._window = window
        self._path = path
        self._began = time.monotonic()
        self._said = 0
        self._timer = QTimer(window)
        self._timer.timeout.connect(self._step)

    def start(self) -> None:
        """Begin; the application ends with status 0 when the picture is written, 2 when it could not be."""
        self._timer.start(100)

    def _step(self) -> None:
        state = self._window.live.store.state
        if time.monotonic() - self._began > PATIENCE:
            self._finish()
        elif not self._window.lab.address or not any(worker.status == "idle" for worker in state.workers.values()):
            return
        elif not self._said:
            self._said = 1
            for name in ("ada", "bob"):
                self._window.lab.add_client(name)
        elif self._said <= len(LINES) and len(state.clients) == 2:
            self._window.lab.send_text(*LINES[self._said - 1])
            self._said += 1
        elif self._said > len(LINES):
            self._timer.stop()
            self._select_a_frame()
            QTimer.singleShot(800, self._finish)

    def _select_a_frame(self) -> None:
        """Open a masked text frame in the Inspector."""
        index = self._window.wire.store.index
        rows = [row for row in index.rows if index.row(row).opcode == 1 and index.row(row).masked]
        if rows:
            self._window.wire.select("frame", str(rows[-1]))

    def _finish(self) -> None:
        self._timer.stop()
        is_saved = self._window.grab().save(str(self._path))
        QApplication.exit(0 if is_saved else 2)
