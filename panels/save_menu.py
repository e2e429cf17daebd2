# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to save what is shown, in a menu beside *Save…*."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, pyqtSignal
from PyQt5.QtWidgets import QMenu, QPushButton

from panels.panel import set_role
from panels.shortcuts import set_text


class SaveMenu(QPushButton):
    """A small button; of a session from a file only its packets can be saved."""

    session_wanted = pyqtSignal()
    packets_wanted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("▾")
        self.setAccessibleName("Ways to save")
        self.setToolTip("Save the session, or its packets for Wireshark (Ctrl+Shift+S)")
        self.setShortcut("Ctrl+Shift+S")
        set_role(self, kind="icon")
        self.choices = QMenu(self)
        self.session = self.choices.addAction(
            "Session, to be opened here or on any machine…\t.cscope", self.session_wanted.emit
        )
        self.packets = self.choices.addAction(
            "Packets with comments, for Wireshark…\t.pcapng", self.packets_wanted.emit
        )
        self.clicked.connect(lambda: self.choices.popup(self.mapToGlobal(QPoint(0, self.height()))))

    def show_for(self, is_file: bool) -> None:
        """Offer what can be saved: of a file its packets, of the live system both."""
        self.session.setEnabled(not is_file)
        set_role(self, kind="" if is_file else "icon")
        set_text(self, "Save as ▾" if is_file else "▾")
