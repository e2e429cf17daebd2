# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench: tabs of tables under the stage, with the Wire's filter line beside the tabs."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QRect, Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QShortcut, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from panels.panel import Panel, set_role
from panels.theme import Theme

FILTER = 100, 300  # pixels at scale 1: the least of the filter line, so that a count of 5 digits has room, and the most


class Bench(QWidget):
    """One panel at a time; a tab may carry a count."""

    def __init__(self, theme: Theme, panels: tuple[Panel, ...], filter_line: QWidget) -> None:
        super().__init__()
        self.theme = theme
        self._panels = panels
        self._filter_line = filter_line
        self._badges: dict[Panel, QLabel | None] = {}
        self._offered = panels
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setAccessibleName("Bench")
        self.stack = QStackedWidget()
        for number, panel in enumerate(panels):
            self.tabs.addTab(panel.title)
            self.tabs.setTabToolTip(number, f"{panel.title} (Ctrl+{number + 1})")
            self.stack.addWidget(panel)
            turn = QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self)
            turn.setWhatsThis(f"To the {panel.title} tab")
            turn.activated.connect(lambda number=number: self._go(number))
        self.tabs.currentChanged.connect(self._turn)
        self._lay_out()
        self._turn(0)

    def _lay_out(self) -> None:
        px = self.theme.px
        head = QWidget()
        head.setAttribute(Qt.WA_StyledBackground)
        set_role(head, surface="panel")
        row = QHBoxLayout(head)
        row.setContentsMargins(px(8), px(2), px(12), px(2))
        row.addWidget(self.tabs)
        row.addStretch(1)
        self.restyle()
        row.addWidget(self._filter_line, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.stack, 1)

    def _turn(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        self._filter_line.setVisible(self._panels[number].id == "wire")

    def _go(self, number: int) -> None:
        if self.tabs.isTabVisible(number):
            self.tabs.setCurrentIndex(number)
            self.tabs.setFocus(Qt.ShortcutFocusReason)

    def tab_of(self, panel: Panel) -> QRect | None:
        """Return where this panel's tab is, None when it has none to be seen."""
        if panel not in self._offered:
            return None
        return self.tabs.tabRect(self._panels.index(panel)).translated(self.tabs.mapTo(self, QPoint(0, 0)))

    @property
    def offered(self) -> tuple[Panel, ...]:
        """The panels that have a tab now."""
        return self._offered

    def bring_up(self, panel: Panel) -> None:
        """Show this panel's tab, if it is one of ours."""
        if panel in self._offered:
            self.tabs.setCurrentIndex(self._panels.index(panel))

    def show_only(self, *panels: Panel) -> None:
        """Offer some tabs only (a capture has frames, no processes), or all again (none named); the first comes up."""
        self._offered = panels or self._panels
        for number, each in enumerate(self._panels):
            self.tabs.setTabVisible(number, each in self._offered)
        self.tabs.updateGeometry()  # QTabBar does not ask for another width by itself
        self.tabs.setCurrentIndex(self._panels.index(self._offered[0]))

    def set_count(self, panel: Panel, count: int) -> None:
        """Show a count beside a tab's title; 0 shows none."""
        badge, text = self._badges.get(panel), str(count) if count else ""
        if len(text) != len(badge.text() if badge else ""):  # only a new label gives the tab another width
            badge = self._badge(len(text)) if text else None
            self._put(panel, badge)
        if badge:
            badge.setText(text)
            badge.setAccessibleName(f"{count} waiting")

    def _put(self, panel: Panel, badge: QLabel | None) -> None:
        """Put a label, or none, in the place of another; the tab bar would keep that one, hidden."""
        if old := self._badges.get(panel):
            old.deleteLater()
        self._badges[panel] = badge
        self.tabs.setTabButton(self._panels.index(panel), QTabBar.RightSide, badge)

    def _badge(self, digits: int) -> QLabel:
        """Return a label for a count; its width is that of its widest number, whichever was shown before."""
        badge = QLabel("8" * digits)
        set_role(badge, role="badge")
        badge.setAlignment(Qt.AlignCenter)
        badge.ensurePolished()
        badge.setFixedSize(badge.sizeHint())
        return badge

    def restyle(self) -> None:
        """Take fonts and measures from the theme again; a count gets a label of another size when it is shown next."""
        for panel in [*self._badges]:
            self._put(panel, None)
        self._filter_line.setMinimumWidth(self.theme.px(FILTER[0]))  # the tabs go first
        self._filter_line.setMaximumWidth(self.theme.px(FILTER[1]))
