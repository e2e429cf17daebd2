# SPDX-License-Identifier: GPL-3.0-or-later
"""Widgets in lines, like words."""

import pytest
from PyQt5.QtWidgets import QWidget

from panels.flow import Flow


@pytest.fixture
def flow(qtbot):
    """Three widgets of 100 by 20 with 10 between them."""
    host = QWidget()
    qtbot.addWidget(host)
    flow = Flow(10, host)
    for _ in range(3):
        part = QWidget()
        part.setFixedSize(100, 20)
        flow.addWidget(part)
    host.show()
    yield flow
    host.close()


@pytest.mark.parametrize(
    ("width", "places"),
    [
        (320, [(0, 0), (110, 0), (220, 0)]),
        (319, [(0, 0), (110, 0), (0, 30)]),
        (120, [(0, 0), (0, 30), (0, 60)]),
        (50, [(0, 0), (0, 30), (0, 60)]),
    ],
)
def test_that_there_are_as_many_on_a_line_as_fit(flow, width, places):
    assert flow.heightForWidth(width) == places[-1][1] + 20
    flow.setGeometry(flow.geometry().__class__(0, 0, width, 100))
    found = [flow.itemAt(number).widget().pos() for number in range(flow.count())]
    assert [(place.x(), place.y()) for place in found] == places


def test_that_it_needs_the_width_of_its_largest_only(flow):
    assert (flow.minimumSize().width(), flow.sizeHint().width()) == (100, 320)


def test_that_what_is_hidden_takes_no_place(flow):
    flow.itemAt(0).widget().hide()
    assert flow.heightForWidth(210) == 20
    assert flow.sizeHint().width() == 210
