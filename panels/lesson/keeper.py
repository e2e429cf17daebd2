# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps what a learner has done: in one file of their own, exported to another, imported from one."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QObject, QStandardPaths, Qt, pyqtSignal
from PyQt5.QtWidgets import QFileDialog, QWidget

from app.lesson.progress import Progress, ProgressError, merged, read, write

FILE = "progress.json"
FILTER = "Progress (*.json);;All files (*)"


def own_file() -> Path:
    """Return where this user's progress is kept."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.GenericDataLocation)) / "channelscope" / FILE


class Keeper(QObject):
    """`progress` is what was done, forgotten without a file; `trouble` what is wrong with a file, "" for nothing."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = Progress()
        self.trouble = ""
        self._file: Path | None = None
        self._dialog: QFileDialog | None = None

    def use(self, file: Path) -> None:
        """Take over what was done before, and keep what is done from now on in this file."""
        if self._try(lambda: self._take(read(file))):
            self._file = file  # one that cannot be read is not written over

    def note_step(self, lesson: str, step: str) -> None:
        """A step is done."""
        if step not in self.progress.of(lesson).steps:
            self._keep(self.progress.with_step(lesson, step))

    def note_end(self, lesson: str) -> None:
        """A lesson is finished."""
        if self.progress.of(lesson).finished is None:
            self._keep(self.progress.with_end(lesson))

    def export_to(self, file: Path) -> None:
        """Write what was done to another file."""
        self._try(lambda: write(file, self.progress))
        self.changed.emit()

    def import_from(self, file: Path) -> None:
        """Add what another file says was done."""
        if self._try(lambda: self._take(read(file))):
            self._keep(self.progress)
        else:
            self.changed.emit()

    def ask_where_to(self) -> None:
        """Let the user choose where to export to; nothing waits for it."""
        dialog = self._ask("Export progress", QFileDialog.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(FILE)
        dialog.fileSelected.connect(lambda name: self.export_to(Path(name)))
        dialog.open()

    def ask_where_from(self) -> None:
        """Let the user choose what to import."""
        dialog = self._ask("Import progress", QFileDialog.AcceptOpen)
        dialog.setFileMode(QFileDialog.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.import_from(Path(name)))
        dialog.open()

    def _ask(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        dialog = self._dialog = QFileDialog(self.parent(), title, "", FILTER)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setAcceptMode(mode)
        return dialog

    def _take(self, other: Progress) -> None:
        self.progress = merged(self.progress, other)

    def _keep(self, progress: Progress) -> None:
        self.progress = progress
        if self._file is not None:
            file = self._file
            self._try(lambda: write(file, progress))
        self.changed.emit()

    def _try(self, work: object) -> bool:
        assert callable(work)
        try:
            work()
        except ProgressError as error:
            self.trouble = str(error)
            return False
        self.trouble = ""
        return True
