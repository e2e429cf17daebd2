# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames into a file: a button with a menu, the dialog for the file's name, and the writing on a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QPoint, pyqtSignal
from PyQt5.QtWidgets import QAction, QFileDialog, QMenu, QPushButton

from app.events import ConnectionOpened
from panels.numbers import thousands
from panels.panel import Panel, set_role
from panels.save_dialog import ask_where

FORMATS = {"jsonl": "JSON lines", "csv": "CSV", "pcapng": "pcapng"}  # by the file's suffix
CLOSED = "the capture was closed before all of it was written"
Ends = tuple[int, str, str]


class ExportButton(QPushButton):
    """Exports the frames that a panel shows, or the selected one; `said` tells how it went.

    Args:
        panel: whose store the frames are in.
        shown: returns the rows of the frames that are shown.
    """

    said = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, panel: Panel, shown: Callable[[], list[int]]) -> None:
        super().__init__("Export…")
        self._panel = panel
        self._shown = shown
        self.dialog: QFileDialog | None = None
        self._thread: threading.Thread | None = None
        self.setToolTip("Write frames into a file")
        self.setAccessibleName("Export frames")
        set_role(self, kind="text")
        self.choices = QMenu(self)
        self._selected_actions: list[QAction] = []
        for suffix, name in FORMATS.items():
            self.choices.addAction(f"All shown frames as {name}…", lambda suffix=suffix: self._ask(suffix, False))
        self.choices.addSeparator()
        for suffix, name in FORMATS.items():
            text = f"The selected frame as {name}…"
            action = self.choices.addAction(text, lambda suffix=suffix: self._ask(suffix, True))
            self._selected_actions.append(action)
        self.clicked.connect(self._open_menu)

    def _open_menu(self) -> None:
        for action in self._selected_actions:
            action.setEnabled(self._selected() >= 0)
        above = QPoint(0, self.choices.sizeHint().height())
        self.choices.popup(self.mapToGlobal(self.rect().topLeft()) - above)

    def _selected(self) -> int:
        """Return the row of the selected frame, -1 when none is."""
        selected = self._panel.store.state.selected
        is_frame = selected is not None and selected.kind == "frame" and selected.item.isdecimal()
        return int(selected.item) if selected and is_frame else -1

    def _ask(self, suffix: str, is_selected: bool) -> None:
        rows = [self._selected()] if is_selected else None
        self.dialog = ask_where(
            self.window(),
            self._panel.theme,
            "Export frames",
            "frames",
            {suffix: FORMATS[suffix]},
            lambda path: self.write(path, self._shown() if rows is None else rows),
        )

    # --- writing ---

    def write(self, path: Path, rows: list[int]) -> None:
        """Write frames into a file, in the format that its suffix names; nobody waits for it."""
        if self._thread is not None and self._thread.is_alive():
            self.failed.emit("One export at a time: the last one is still being written.")
            return
        if not rows:
            self.failed.emit("There is no frame to export.")
            return
        self.said.emit(f"writing {_count(rows)} …")
        write = self._writer(path, rows)
        self._thread = threading.Thread(target=self._write, args=(path, rows, write), name="export", daemon=True)
        self._thread.start()

    def _writer(self, path: Path, rows: list[int]) -> Callable[[], object]:
        """Return what does the work, with all it needs: the panel may show something else meanwhile."""
        from app.capture import export

        store, reader = self._panel.store, self._panel.reader
        ends, index = _ends(self._panel), store.index
        agreed = reader.agreed if reader else {}
        if path.suffix == ".csv":
            return lambda: export.export_csv(path, index, agreed, ends, rows)
        if path.suffix != ".pcapng":
            return lambda: export.export_json(path, index, agreed, ends, rows)
        if reader is not None:
            return lambda: export.export_packets(path, reader, rows)
        return lambda: export.export_streams(path, index, ends, rows)

    def _write(self, path: Path, rows: list[int], write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            self._give_up(path, error.strerror or str(error))
        except ValueError:  # from a map of the file that is closed
            self._give_up(path, CLOSED)
        else:
            self.said.emit(f"{_count(rows)} written to {path.name}")

    def _give_up(self, path: Path, reason: str) -> None:
        self.said.emit("")
        self.failed.emit(f"{path.name} was not written: {reason}")


class _Ends(dict[str, Ends]):
    """The ends of connections; one that was opened before anything we know of has no addresses."""

    def __missing__(self, connection: str) -> Ends:
        return (_number(connection), "?", "?")


def _ends(panel: Panel) -> _Ends:
    ends = _Ends()
    for known in panel.store.state.connections.values():
        ends[known.id] = (_number(known.id), known.client, known.server)
    for event in panel.store.since(panel.store.start):
        if isinstance(event, ConnectionOpened):
            ends[event.connection] = (_number(event.connection), event.client, event.server)
    return ends


def _number(connection: str) -> int:
    return int(connection[1:]) - 1 if connection[1:].isdecimal() else -1


def _count(rows: list[int]) -> str:
    return f"{thousands(len(rows))} frame{'' if len(rows) == 1 else 's'}"
