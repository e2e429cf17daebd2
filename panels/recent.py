# SPDX-License-Identifier: GPL-3.0-or-later
"""The captures opened last, in a menu beside *Open capture…*."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QPoint, QSettings, pyqtSignal
from PyQt5.QtWidgets import QMenu, QPushButton

from panels.panel import set_role

MOST = 8
KEY = "captures"
LONGEST = 36  # characters of a folder


class Recent(QPushButton):
    """A small button; it shows only when there is something to offer."""

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__("▾")
        self._settings: QSettings | None = None
        self.setAccessibleName("Recent captures")
        self.setToolTip("Captures opened last (Ctrl+Shift+O)")
        self.setShortcut("Ctrl+Shift+O")
        set_role(self, kind="icon")
        self.choices = QMenu(self)
        self.clicked.connect(lambda: self.choices.popup(self.mapToGlobal(QPoint(0, self.height()))))
        self.hide()

    def use(self, settings: QSettings) -> None:
        """Remember what is opened, from now on and beyond this run."""
        self._settings = settings
        self._fill()

    def remember(self, path: Path) -> None:
        """Put a capture at the top."""
        if self._settings is not None:
            own = str(path.resolve())
            self._settings.setValue(KEY, [own, *(other for other in self.paths() if other != own)][:MOST])
            self._fill()

    def paths(self) -> list[str]:
        """Return the captures that are still there, the last one first."""
        kept = self._settings.value(KEY, []) if self._settings is not None else []
        every = [kept] if isinstance(kept, str) else kept or []
        return [path for path in every if Path(path).is_file()]

    def _fill(self) -> None:
        self.choices.clear()
        paths = self.paths()
        for path in paths:
            name, folder = (part.replace("&", "&&") for part in (Path(path).name, _folder(Path(path))))
            # After the tab a menu has its shortcuts, in a column of their own.
            action = self.choices.addAction(f"{name}\t{folder}", lambda path=path: self.chosen.emit(path))
            action.setToolTip(path)
        self.choices.setToolTipsVisible(True)
        self.setVisible(bool(paths))


def _folder(path: Path) -> str:
    """Return the folder of a file, short: that of the user is "~", of a long one the end is shown."""
    folder = path.parent
    name = str(Path("~") / folder.relative_to(Path.home())) if folder.is_relative_to(Path.home()) else str(folder)
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
