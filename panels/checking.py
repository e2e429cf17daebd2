# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into every payload of a capture, on a thread, for rules that frames break only there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PyQt5.QtCore import QObject, pyqtSignal

from app.capture.contents import check
from app.capture.reader import CaptureReader


class Checking(QObject):
    """One check of a whole file; call `stop` before its reader is closed."""

    progressed = pyqtSignal(int, int)  # frames done, of how many
    finished = pyqtSignal(int)  # frames found to break a rule that was not known before

    def __init__(self, reader: CaptureReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self.is_wanted = True
        self._thread = threading.Thread(target=self._run, name="check", daemon=True)

    def start(self) -> None:
        """Begin; whoever wants to know how it goes is connected by now."""
        self._thread.start()

    def cancel(self) -> None:
        """Look no further; what was found stays."""
        self.is_wanted = False

    def stop(self) -> None:
        """Cancel, tell nobody any more, and wait for the end."""
        self.blockSignals(True)
        self.cancel()
        self._thread.join()

    def _run(self) -> None:
        report: Callable[[int, int], bool] = self._report
        found = check(self._reader.index, self._reader.agreed, report)
        self.finished.emit(found)

    def _report(self, done: int, total: int) -> bool:
        self.progressed.emit(done, total)
        return self.is_wanted
