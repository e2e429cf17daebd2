# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of the pages, as long as there is room for it; a click copies it."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QSize, QTimer
from PyQt5.QtWidgets import QApplication, QPushButton

from panels.shortcuts import set_text

COPIED = 1500  # milliseconds that a button says so
MARGIN = 24  # pixels beside the text


class AddressButton(QPushButton):
    """Says "http://127.0.0.1:8000", or without the scheme, or only the port, whatever fits."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("address")
        self.setAccessibleName("Address of the pages")
        self.address = ""
        self.clicked.connect(self._copy)

    def show_address(self, address: str) -> None:
        """Show it; "" for none yet."""
        if address != self.address:
            self.address = address
            self.updateGeometry()
            self._fit()
        self.setVisible(bool(address))

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        return QSize(self._width_of(self.address), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for the port."""
        return QSize(self._width_of(self._texts()[-1]), super().minimumSizeHint().height())

    def resizeEvent(self, event: Any) -> None:
        """Another text may fit."""
        super().resizeEvent(event)
        self._fit()

    def _texts(self) -> tuple[str, str, str]:
        """From the longest to the shortest."""
        return self.address, self.address.partition("://")[2], ":" + self.address.rpartition(":")[2]

    def _width_of(self, text: str) -> int:
        return int(self.fontMetrics().horizontalAdvance(text)) + MARGIN

    def _fit(self) -> None:
        fitting = (text for text in self._texts() if self._width_of(text) <= self.width())
        set_text(self, next(fitting, self._texts()[-1]) if self.address else "")

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.address)
        set_text(self, "✓ copied")
        QTimer.singleShot(COPIED, self._fit)
