# SPDX-License-Identifier: GPL-3.0-or-later
"""Overruling what was recognised: this stream of a capture is, or is not, WebSocket traffic."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QInputDialog, QMenu, QPushButton

from panels.panel import set_role

MOST = 10_000_000


class StreamChoice(QPushButton):
    """A button with a menu; `told` says by stream number what the user says it is, all that was said so far."""

    told = pyqtSignal(dict)

    def __init__(self) -> None:
        super().__init__("streams…")
        self.said: Mapping[int, bool] = {}
        self._stream = -1
        self._dialog: QInputDialog | None = None
        self.setToolTip("Say yourself which TCP streams are WebSocket traffic")
        self.setAccessibleName("Which streams are WebSocket traffic")
        set_role(self, kind="text")
        menu = QMenu(self)
        self.refuse = menu.addAction("", self._refuse)
        self.accept = menu.addAction("Another stream is WebSocket traffic…", self._ask)
        self.forget = menu.addAction("Back to what was recognised", lambda: self.told.emit({}))
        self.clicked.connect(lambda: menu.popup(self.mapToGlobal(self.rect().bottomLeft())))
        self.show_stream("")

    def show_stream(self, connection: str) -> None:
        """Offer to overrule the selected connection ("" for none)."""
        number = connection[1:]
        self._stream = int(number) - 1 if number.isdecimal() else -1
        name = f"Stream {self._stream}" if self._stream >= 0 else "The selected stream"
        self.refuse.setText(f"{name} is not WebSocket traffic")
        self.refuse.setEnabled(self._stream >= 0)
        self.forget.setEnabled(bool(self.said))

    def words(self) -> str:
        """Return what was said, for people."""
        kinds = {True: "is WebSocket traffic", False: "is not WebSocket traffic"}
        said = "; ".join(f"stream {number} {kinds[is_it]}" for number, is_it in sorted(self.said.items()))
        return f"as you said: {said}" if said else ""

    def _refuse(self) -> None:
        self.told.emit({**self.said, self._stream: False})

    def _ask(self) -> None:
        dialog = self._dialog = QInputDialog(self.window())
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setInputMode(QInputDialog.IntInput)
        dialog.setIntRange(0, MOST)
        dialog.setWindowTitle("Streams")
        dialog.setLabelText("Number of the TCP stream that is WebSocket traffic\n(as tcp.stream in Wireshark):")
        dialog.intValueSelected.connect(lambda stream: self.told.emit({**self.said, stream: True}))
        dialog.open()
