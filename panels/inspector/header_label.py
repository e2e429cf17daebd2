# SPDX-License-Identifier: GPL-3.0-or-later
"""One header of a handshake as a line: its mark, its name, its value; what it is for is its tip."""

from __future__ import annotations

import html

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QWidget

from panels.headers import HeaderLine
from panels.inspector.parts import rich, tip
from panels.panel import set_role
from panels.theme import Theme

MARKS = {"right": ("✓", "good"), "wrong": ("✕", "bad"), "plain": ("·", "muted")}
SPOKEN = {"right": "Right.", "wrong": "Wrong.", "plain": ""}
TIED = ("sec-websocket-key", "sec-websocket-accept")  # one is made from the other


class HeaderLabel(QWidget):
    """A header with its mark."""

    def __init__(self, line: HeaderLine, theme: Theme) -> None:
        super().__init__()
        sign, role = MARKS[line.mark]
        required = " · required" if line.is_required else ""
        mark = set_role(QLabel(sign), role=role)
        mark.setFixedWidth(theme.px(14))
        color = theme.color("bad" if line.mark == "wrong" else "text").name()
        text = rich(f'<b>{html.escape(line.name)}</b>&nbsp; <span style="color:{color}">{breakable(line.value)}</span>')
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(4), theme.px(2), theme.px(4), theme.px(2))
        row.setSpacing(theme.px(4))
        row.addWidget(mark, 0, Qt.AlignTop)
        row.addWidget(text, 1)
        self.setToolTip(tip(theme, line.name, line.meaning, line.sections + required))
        self.setAccessibleName(f"{line.name}: {line.value}")
        self.setAccessibleDescription(f"{SPOKEN[line.mark]} {line.meaning} {line.sections}{required}".lstrip())
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, role="tied" if line.name.lower() in TIED else "header")


def breakable(value: str) -> str:
    """Return a value as HTML whose long words may be broken at the line's end."""
    return " ".join(html.escape(word) if len(word) <= 30 else broken_up(word) for word in value.split(" "))


def broken_up(word: str) -> str:
    """Return a word as HTML that may be broken after every eight letters."""
    return "&#8203;".join(html.escape(word[i : i + 8]) for i in range(0, len(word), 8))
