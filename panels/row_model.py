# SPDX-License-Identifier: GPL-3.0-or-later
"""The row model of all lists of this window.

It shows a `Rows`: anything with columns, a length that grows at the end and shrinks at the beginning, and the prepared
cells of a row. The view asks for cells many times a second, so those of the rows on the screen are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from panels.cells import Cell

KEPT = 400  # rows whose cells are kept: a few screens
INVALID = QModelIndex()


@dataclass(frozen=True)
class Column:
    """A column: its title, its width in pixels at scale 1 (the last one takes what is left), its side."""

    title: str
    width: int
    is_right: bool = False
    tip: str = ""
    sample: str = ""  # a text in bytes' font that must fit, however wide that font is


class Rows(Protocol):
    """What a RowModel shows."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns, from left to right."""
        ...

    def __len__(self) -> int: ...

    def cells(self, row: int) -> Sequence[Cell]:
        """Return one row's cells, a cell for every column."""
        ...


class RowModel(QAbstractTableModel):
    """Rows for a view; tells of a batch of new ones once (`grow`), of a changed range once (`touch`).

    Of old ones that fell off it tells once, too (`shrink`).
    """

    def __init__(self, rows: Rows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = rows
        self._count = len(rows)
        self._kept: dict[int, Sequence[Cell]] = {}

    def rowCount(self, parent: QModelIndex = INVALID) -> int:
        """Return how many rows the view knows of."""
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex = INVALID) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.rows.columns)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        """Return what the view paints, or a reader reads out."""
        if role not in _READS or not index.isValid():
            return None
        return _READS[role](self.cells(index.row())[index.column()])

    def cells(self, row: int) -> Sequence[Cell]:
        """Return the cells of a row, the very same ones until they have changed."""
        cells = self._kept.get(row)
        if cells is None:
            if len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            cells = self._kept[row] = self.rows.cells(row)
        return cells

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.DisplayRole) -> Any:
        """Return a column's title, its side and its tip."""
        if orientation != Qt.Horizontal or not 0 <= section < len(self.rows.columns):
            return None
        column = self.rows.columns[section]
        if role == Qt.TextAlignmentRole:
            return int(Qt.AlignVCenter | (Qt.AlignRight if column.is_right else Qt.AlignLeft))
        return {Qt.DisplayRole: column.title, Qt.ToolTipRole: column.tip or None}.get(role)

    def grow(self) -> None:
        """Show the rows that came since the last time, as one batch."""
        count = len(self.rows)
        if count > self._count:
            self.beginInsertRows(INVALID, self._count, count - 1)
            self._count = count
            self.endInsertRows()

    def shrink(self, count: int, drop: Callable[[], object]) -> None:
        """Let the first rows fall off; `drop` takes them from `rows`."""
        count = min(count, self._count)
        if not count:
            drop()
            return
        self.beginRemoveRows(INVALID, 0, count - 1)
        drop()
        self._count -= count
        self._kept = {row - count: cells for row, cells in self._kept.items() if row >= count}
        self.endRemoveRows()

    def touch(self, first: int = 0, last: int = -1) -> None:
        """Have a range of rows (all of them) prepared and painted again."""
        last = self._count - 1 if last < 0 else min(last, self._count - 1)
        if last < first:
            return
        for row in [row for row in self._kept if first <= row <= last]:
            del self._kept[row]
        self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))

    def restart(self, rows: Rows | None = None) -> None:
        """Show other rows, or the same after more than growth happened to them."""
        self.beginResetModel()
        self.rows = self.rows if rows is None else rows
        self._count = len(self.rows)
        self._kept.clear()
        self.endResetModel()


_READS = {
    int(Qt.DisplayRole): lambda cell: cell.text,
    int(Qt.ToolTipRole): lambda cell: cell.tip or None,
    int(Qt.AccessibleTextRole): lambda cell: cell.spoken or cell.text,
}
