# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a table as pictures: painted once, and shown until something else stands in them or they look different.

Painting a screen of rows cell by cell takes ten milliseconds, showing their pictures one: that is what lets a table
scroll smoothly while a capture is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PyQt5.QtCore import QRect
from PyQt5.QtGui import QPainter, QPixmap

from panels.cells import Cell, paint_cell
from panels.theme import Theme

KEPT = 120  # pictures: a few screens, about ten megabytes
LIT = 95  # of 255: how much of the selection's colour a row has that is lit with it


class Look(NamedTuple):
    """All that a row's picture depends on, but for its cells; measures in pixels."""

    edges: tuple[int, ...]  # where each column begins, and where the last one ends
    height: int
    is_selected: bool
    has_keys: bool  # it is selected, and keys go to the table
    is_lit: bool  # it is on the way of what is selected
    palette: str
    scale: float
    ratio: float  # device pixels in one


class RowPictures:
    """Gives the picture of a row."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: dict[int, tuple[Sequence[Cell], Look, QPixmap]] = {}

    def picture(self, row: int, cells: Sequence[Cell], look: Look) -> QPixmap:
        """Return a row's picture, painted anew if need be; cells that changed are another sequence."""
        kept = self._kept.get(row)
        if kept is not None and kept[0] is cells and kept[1] == look:
            return kept[2]
        if kept is None and len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        pixmap = self._painted(cells, look)
        self._kept[row] = cells, look, pixmap
        return pixmap

    def _painted(self, cells: Sequence[Cell], look: Look) -> QPixmap:
        theme, width = self._theme, look.edges[-1]
        pixmap = QPixmap(round(width * look.ratio), round(look.height * look.ratio))
        pixmap.setDevicePixelRatio(look.ratio)
        pixmap.fill(theme.color("selection" if look.is_selected else "background"))
        painter = QPainter(pixmap)
        if look.is_lit and not look.is_selected:
            painter.fillRect(0, 0, width, look.height, theme.color("selection", LIT))
        painter.setRenderHint(QPainter.Antialiasing)
        places = [
            (cell, QRect(left, 0, right - left, look.height))
            for cell, left, right in zip(cells, look.edges, look.edges[1:], strict=False)
            if right > left  # else the column is hidden
        ]
        for cell, rect in places:  # all grounds first: a heading is longer than its cell
            if cell.tint and not look.is_selected:
                painter.fillRect(rect, theme.color(cell.tint))
        for cell, rect in places:
            paint_cell(painter, rect, cell, theme)
        painter.fillRect(0, look.height - 1, width, 1, theme.color("line"))
        if look.has_keys or look.is_lit:
            painter.fillRect(0, 0, theme.px(3), look.height, theme.color("accent"))
        painter.end()
        return pixmap
