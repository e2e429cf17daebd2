# SPDX-License-Identifier: GPL-3.0-or-later
import time

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QAbstractItemModelTester

from panels.cells import Cell
from panels.row_model import Column, RowModel
from panels.row_table import RowTable


class Numbers:
    columns = (Column("number", 60, is_right=True), Column("word", 0, tip="in words"))

    def __init__(self, count=0):
        self.count = count
        self.prepared = 0
        self.suffix = ""

    def __len__(self):
        return self.count

    def cells(self, row):
        self.prepared += 1
        return Cell(str(row), is_right=True), Cell(f"row {row}{self.suffix}", tip="a tip", spoken=f"the row {row}")


@pytest.fixture
def numbers():
    return Numbers(3)


@pytest.fixture
def model(numbers, qapp):
    model = RowModel(numbers)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


@pytest.fixture
def table(qtbot, model, theme):
    table = RowTable(model, theme, "Numbers")
    qtbot.addWidget(table)
    table.resize(300, 200)
    with qtbot.waitExposed(table):
        table.show()
    return table


def grow(model, count):
    model.rows.count += count
    model.grow()


def test_that_new_rows_come_as_one_batch(qtbot, model):
    inserted = []
    model.rowsInserted.connect(lambda parent, first, last: inserted.append((first, last)))
    grow(model, 1000)
    model.grow()
    assert inserted == [(3, 1002)]
    assert model.rowCount() == 1003


def test_that_a_changed_range_is_told_once_and_prepared_again(model):
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    index = model.index(1, 1)
    assert index.data() == "row 1"
    model.rows.suffix = "!"
    assert index.data() == "row 1"
    model.touch(1, 2)
    assert index.data() == "row 1!"
    assert changed == [(1, 2)]


def test_that_a_restart_shows_other_rows(model):
    model.restart(Numbers(1))
    assert model.rowCount() == 1


def test_that_a_reader_hears_words_where_the_eye_sees_a_shape(model):
    index = model.index(2, 1)
    assert index.data(Qt.AccessibleTextRole) == "the row 2"
    assert index.data(Qt.ToolTipRole) == "a tip"
    assert model.cells(2)[1].text == "row 2"
    assert index.data(Qt.DecorationRole) is None
    assert model.headerData(1, Qt.Horizontal) == "word"
    assert model.headerData(1, Qt.Horizontal, Qt.ToolTipRole) == "in words"
    assert model.headerData(0, Qt.Horizontal, Qt.TextAlignmentRole) & Qt.AlignRight


def test_that_asking_for_a_cell_is_cheap(model):
    index = model.index(1, 1)
    index.data()
    began = time.perf_counter()
    for _ in range(2000):
        model.data(index, Qt.DisplayRole)
    assert (time.perf_counter() - began) / 2000 < 10e-6
    assert model.rows.prepared < 20


def test_that_a_million_rows_are_prepared_only_where_they_are_looked_at(qtbot, theme):
    model = RowModel(Numbers(1_000_000))  # without the tester, which looks at them all
    table = RowTable(model, theme, "Numbers")
    qtbot.addWidget(table)
    with qtbot.waitExposed(table):
        table.show()
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)
    table.viewport().repaint()
    assert model.rows.prepared < 200


def test_that_the_table_follows_the_newest_row_only_while_it_is_visible(table, model):
    grow(model, 100)
    assert table.is_at_end
    grow(model, 100)
    assert table.is_at_end
    table.verticalScrollBar().setValue(400)
    grow(model, 100)
    assert table.verticalScrollBar().value() == 400


def test_that_home_and_end_go_to_the_first_and_the_last_row(qtbot, table, model):
    grow(model, 50)
    chosen = []
    table.chosen.connect(chosen.append)
    qtbot.keyClick(table, Qt.Key_End)
    qtbot.keyClick(table, Qt.Key_Up)
    qtbot.keyClick(table, Qt.Key_Home)
    assert chosen == [52, 51, 0]


def test_that_a_row_shown_by_the_program_is_not_told_as_chosen_by_the_user(table):
    chosen = []
    table.chosen.connect(chosen.append)
    table.show_row(1)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]
    table.show_row(-1)
    assert not table.selectionModel().hasSelection()
    assert chosen == []


def test_that_tab_into_the_table_chooses_nothing(qtbot, table):
    chosen = []
    table.chosen.connect(chosen.append)
    table.setFocus(Qt.TabFocusReason)
    qtbot.waitUntil(table.hasFocus)
    assert chosen == []


def test_that_a_row_is_never_cut_under_the_header(qtbot, table, model):
    for height in (200, 207, 151):
        table.resize(300, height)
        grow(model, 7)
        qtbot.wait(10)
        assert table.is_at_end
        assert table.rowViewportPosition(table.rowAt(0)) == 0
    table.show_row(2)
    assert table.rowViewportPosition(table.rowAt(0)) == 0
    assert table.visualRect(model.index(2, 0)).top() >= 0


def test_that_a_table_at_its_end_stays_there_when_it_gets_smaller(qtbot, table, model):
    grow(model, 50)
    table.resize(300, 120)
    assert table.is_at_end


def test_that_at_another_scale_the_same_rows_are_in_view(qtbot, table, model):
    grow(model, 50)

    def at_scale(scale):
        table.theme.scale = scale
        table.restyle()
        return table.rowAt(0), table.rowViewportPosition(table.rowAt(0))

    assert table.is_at_end
    at_scale(1.6)
    assert table.is_at_end
    table.scrollTo(model.index(20, 0))
    first = table.rowAt(0)
    assert at_scale(1.0) == (first, 0)
    table.show_row(table.rowAt(table.viewport().height() - 1) - 1)
    at_scale(1.6)
    assert 0 <= table.visualRect(table.currentIndex()).top() < table.viewport().height()
