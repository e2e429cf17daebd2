# SPDX-License-Identifier: GPL-3.0-or-later
"""An address as a QR code (ISO/IEC 18004): black on white in every theme, for cameras want it so."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QPainter
from PyQt5.QtWidgets import QWidget

from panels.theme import Theme

QUIET = 4  # modules of white around it
SIDE = 168  # pixels at scale 1


class QrCode(QWidget):
    """Shows one text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.text = ""
        self.rows: tuple[bytes, ...] = ()  # a byte for each module, 1 for a dark one

    def show_text(self, text: str) -> None:
        """Show another text; "" shows nothing."""
        if text == self.text:
            return
        self.text, self.rows = text, ()
        if text:
            import segno  # not before: few open the room

            self.rows = tuple(bytes(row) for row in segno.make(text, micro=False, error="m").matrix)
        self.setAccessibleName(f"QR code of {text}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size that a phone reads from a few metres."""
        return QSize(self.theme.px(SIDE), self.theme.px(SIDE))

    def paintEvent(self, event: Any) -> None:
        """Paint the modules as whole pixels, as large as fits."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.white)
        if self.rows:
            count = len(self.rows) + 2 * QUIET
            size = max(min(self.width(), self.height()) // count, 1)
            left, top = (self.width() - size * count) / 2, (self.height() - size * count) / 2
            for y, row in enumerate(self.rows, QUIET):
                for x, is_dark in enumerate(row, QUIET):
                    if is_dark:
                        painter.fillRect(QRectF(left + x * size, top + y * size, size, size), Qt.black)
        painter.end()
