# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that all lists of this window share, over a RowModel (panels/row_model.py)."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QItemSelection, QModelIndex, Qt, pyqtSignal
from PyQt5.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from panels.cells import PADDING
from panels.row_model import INVALID, RowModel
from panels.row_pictures import Look, RowPictures
from panels.theme import Theme

ROW_HEIGHT = 27  # pixels at scale 1


class RowTable(QTableView):
    """A table that follows the newest row only while it is visible, and otherwise never moves under the reader."""

    chosen = pyqtSignal(int)  # the user selected this row (not the program)

    def __init__(
        self, model: RowModel, theme: Theme, name: str, parent: QWidget | None = None, follows: bool = True
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self._is_tail = follows
        model.setParent(self)  # or it could be collected before the table, which Qt warns of
        self.setModel(model)
        self.setAccessibleName(name)
        self._pictures = RowPictures(theme)
        self._set_behaviour()
        self.restyle()
        self._is_quiet = False
        self._follows = True
        self._lit: Callable[[int], bool] = lambda row: False
        self._above = 0  # pixels of the rows that fall off
        model.rowsAboutToBeInserted.connect(self._note_place)
        model.rowsInserted.connect(self._keep_place)
        model.rowsRemoved.connect(self._keep_rows)
        if follows:
            model.modelReset.connect(self.scrollToBottom)
        self.selectionModel().selectionChanged.connect(self._tell)

    def _set_behaviour(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.SingleSelection)
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        # Anything but Fixed makes Qt ask every one of a million rows for its height.
        self.verticalHeader().setSectionResizeMode(QHeaderView.Fixed)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setAccessibleName(f"Columns of {self.accessibleName()}")

    def restyle(self) -> None:
        """Take measures from the theme again; at another scale the same rows are in view."""
        header, place, is_seen = self.verticalHeader(), self.place, self._is_selected_above(self.viewport().height())
        before = header.defaultSectionSize()
        header.setMinimumSectionSize(self.theme.px(16))
        header.setDefaultSectionSize(self.theme.px(ROW_HEIGHT))
        for number, column in enumerate(self.model().rows.columns[:-1]):
            needed = QFontMetrics(self.theme.mono()).horizontalAdvance(column.sample) if column.sample else 0
            width = max(self.theme.px(column.width + PADDING), needed + self.theme.px(2 * PADDING) + 1)
            self.setColumnWidth(number, width)
        if header.defaultSectionSize() != before:
            self.go_to_place(place // before * header.defaultSectionSize())
            if is_seen:
                self.scrollTo(self.currentIndex())
        self.viewport().update()

    def _is_selected_above(self, height: int) -> bool:
        """Whether the selected row is in view, in a viewport of a height."""
        top = self.visualRect(self.currentIndex()).top()
        return bool(self.selectionModel().hasSelection() and 0 <= top < height)

    @property
    def is_at_end(self) -> bool:
        """Whether the last row is visible."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - self.theme.px(ROW_HEIGHT) // 2

    @property
    def place(self) -> int:
        """Where the reader is: how far the table is scrolled; -1 at its end."""
        return -1 if self._is_tail and self.is_at_end else self.verticalScrollBar().value()

    def go_to_place(self, place: int) -> None:
        """Scroll to where the reader was."""
        self.updateGeometries()
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if place < 0 else place)

    def show_row(self, row: int) -> None:
        """Select a row and bring it into view, without telling anybody; -1 selects nothing."""
        if row == (self.currentIndex().row() if self.selectionModel().hasSelection() else -1):
            return
        self._is_quiet = True
        if row < 0:
            self.clearSelection()
            self.setCurrentIndex(INVALID)
        else:
            self.setCurrentIndex(self.model().index(row, 0))
        self._is_quiet = False

    def light(self, is_lit: Callable[[int], bool]) -> None:
        """Light up the rows that are on the way of what is selected."""
        self._lit = is_lit
        self.viewport().update()

    def is_lit(self, row: int) -> bool:
        """Whether a row is lit."""
        return self._lit(row)

    def updateGeometries(self) -> None:
        """Let the table scroll by whole rows: no row is ever cut under the header."""
        bar, height = self.verticalScrollBar(), self.verticalHeader().defaultSectionSize()
        at = bar.value()
        super().updateGeometries()  # it takes the end back to where the last row ends
        bar.setMaximum(-(-bar.maximum() // height) * height)
        bar.setSingleStep(height)
        bar.setValue(at)

    def scrollTo(
        self, index: QModelIndex, hint: QAbstractItemView.ScrollHint = QAbstractItemView.EnsureVisible
    ) -> None:
        """Bring a row into view, with a whole row at the top."""
        super().scrollTo(index, hint)
        bar, height = self.verticalScrollBar(), self.verticalHeader().defaultSectionSize()
        bar.setValue(-(-bar.value() // height) * height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Go on following the newest row; a selected row stays in view."""
        follows = self._is_tail and self.is_at_end
        is_seen = self._is_selected_above(event.oldSize().height())
        super().resizeEvent(event)
        if follows:
            self.scrollToBottom()
        if is_seen:
            self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Home and End go to the first and the last row, as in a list."""
        edge = {Qt.Key_Home: 0, Qt.Key_End: self.model().rowCount() - 1}.get(event.key())
        if edge is None:
            super().keyPressEvent(event)
        elif edge >= 0:
            self.setCurrentIndex(self.model().index(edge, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows; a table that has the keys but no selected row shows it by a line at its top."""
        painter, model = QPainter(self.viewport()), self.model()
        selected = {index.row() for index in self.selectionModel().selectedRows()}
        first, last = self.rowAt(event.rect().top()), self.rowAt(event.rect().bottom())
        last = last if last >= 0 else model.rowCount() - 1
        looks = {(chosen, lit): self._look(chosen, lit) for chosen in (False, True) for lit in (False, True)}
        for row in range(first, last + 1) if first >= 0 else ():
            picture = self._pictures.picture(row, model.cells(row), looks[row in selected, self._lit(row)])
            painter.drawPixmap(0, self.rowViewportPosition(row), picture)
        if self.hasFocus() and not selected:
            painter.fillRect(0, 0, self.viewport().width(), self.theme.px(2), self.theme.color("accent"))

    def _look(self, is_selected: bool, is_lit: bool) -> Look:
        header, theme = self.horizontalHeader(), self.theme
        edges = (*(header.sectionViewportPosition(column) for column in range(header.count())), header.length())
        height = self.verticalHeader().defaultSectionSize()
        has_keys, ratio = is_selected and self.hasFocus(), self.devicePixelRatioF()
        return Look(edges, height, is_selected, has_keys, is_lit, theme.palette.name, theme.scale, ratio)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show by the selected row that keys go to the table."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show by the selected row that keys go elsewhere."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _tell(self, selected: QItemSelection) -> None:
        if not selected.isEmpty() and not self._is_quiet:
            self.chosen.emit(selected.indexes()[0].row())

    def rowsAboutToBeRemoved(self, parent: QModelIndex, first: int, last: int) -> None:
        """Select nothing when the selected row falls off: Qt would choose another. The view will not move."""
        self._note_place()
        self._above = self.verticalScrollBar().value() - (last + 1) * self.verticalHeader().defaultSectionSize()
        if first <= self.currentIndex().row() <= last:
            self.show_row(-1)
        self._is_quiet = True
        super().rowsAboutToBeRemoved(parent, first, last)
        self._is_quiet = False

    def _keep_rows(self) -> None:
        """The rows on the screen stay where they are, as far as they are left."""
        self.updateGeometries()
        if self._follows:
            self.scrollToBottom()
        else:
            self.verticalScrollBar().setValue(max(self._above, 0))

    def _note_place(self) -> None:
        self._follows = self._is_tail and self.is_at_end

    def _keep_place(self) -> None:
        if self._follows:
            self.scrollToBottom()
