# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and their units stay together, however narrow the Inspector is."""

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QTextDocument
from PyQt5.QtWidgets import QLabel

from app import events as e
from panels.inspector import InspectorPanel
from panels.numbers import tied


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("in it for 35.5 s", "in it for 35.5~s"),
        ("69 758 bytes more, of 1 000 000 B", "69~758~bytes more, of 1~000~000~B"),
        ("after 3 m 05 s, 12.0 KiB", "after 3~m~05~s, 12.0~KiB"),
        ("2 members, 5 more, 3 steps", "2 members, 5 more, 3 steps"),
    ],
)
def test_that_a_number_is_tied_to_its_unit_only(said, shown):
    assert tied(said) == shown.replace("~", "\N{NO-BREAK SPACE}")


def lines(label, width):
    """The lines in which a label shows its text at a width."""
    document = QTextDocument()
    document.setDefaultFont(label.font())
    text = QLabel.text(label)
    document.setHtml(text) if label.textFormat() == Qt.RichText else document.setPlainText(text)
    document.setTextWidth(width)
    assert document.size().height() > 0, "it is laid out"
    block = document.begin()
    while block.isValid():
        for number in range(block.layout().lineCount()):
            line = block.layout().lineAt(number)
            yield block.text()[line.textStart() : line.textStart() + line.textLength()].strip()
        block = block.next()


def test_that_no_line_of_a_group_begins_with_a_unit(stand, chat):
    inspector = stand.show(InspectorPanel)
    chat.put(e.GroupAdded(t=chat.t, source="w", group="chat-lobby", channel=chat.reply("c1")))
    stand.select("group", "chat-lobby")
    inspector.tick(chat.t + 35.5)
    told = next(label for label in inspector.findChildren(QLabel) if "in it for" in label.text())
    for width in range(60, 400, 3):
        assert {*lines(told, width)}.isdisjoint({"s", "ms"}), width
