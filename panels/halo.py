# SPDX-License-Identifier: GPL-3.0-or-later
"""Points at places of a widget: a frame around each, over whatever is there, that lets every click through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QPoint, QRect, QRectF, Qt, QTimer
from PyQt5.QtGui import QPainter, QPen
from PyQt5.QtWidgets import QAbstractScrollArea, QScrollArea, QWidget

from panels.theme import Theme

LOOK = 100  # milliseconds between two looks at where the places are now
WIDTH = 2  # pixels


class Halo(QWidget):
    """Lies over `host`; `places` says, in its coordinates, what to frame, again and again while there is something."""

    def __init__(self, host: QWidget, theme: Theme, places: Callable[[], list[QRect]]) -> None:
        super().__init__(host)
        self.theme = theme
        self.places: list[QRect] = []
        self._ask = places
        self.setObjectName("halo")
        self.setAttribute(Qt.WA_TransparentForMouseEvents)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.look)
        self.hide()

    def point(self, is_on: bool) -> None:
        """Begin, or stop."""
        self.setVisible(is_on)
        if is_on:
            self._clock.start(LOOK)
            self.look()
        else:
            self._clock.stop()

    def look(self) -> None:
        """See where the places are now."""
        host = self.parentWidget()
        places = [place.intersected(host.rect()) for place in self._ask()]
        if places != self.places or self.geometry() != host.rect():
            self.places = places
            self.setGeometry(host.rect())
            self.raise_()
            self.update()

    def paintEvent(self, event: Any) -> None:
        """Paint the frames."""
        painter, width = QPainter(self), self.theme.px(WIDTH)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(QPen(self.theme.color("accent"), width))
        for place in self.places:
            rect = QRectF(place).adjusted(width / 2, width / 2, -width / 2, -width / 2)
            painter.drawRoundedRect(rect, self.theme.px(6), self.theme.px(6))
        painter.end()


def named(host: QWidget, name: str) -> QWidget | None:
    """Return the part of a widget that has this name: as an attribute, an object's name or an accessible name."""
    own = getattr(host, name.replace(" ", "_"), None)
    if isinstance(own, QWidget):
        return own
    parts = (part for part in host.findChildren(QWidget) if part.isVisible())
    return next((part for part in parts if name in (part.objectName(), part.accessibleName())), None)


def place_in(host: QWidget, part: QWidget) -> QRect | None:
    """Return where a part of a widget is to be seen in it, None when it is not."""
    if not host.isAncestorOf(part) or not part.isVisibleTo(host):
        return None
    return QRect(part.mapTo(host, QPoint(0, 0)), part.size())


def reveal(part: QWidget) -> None:
    """Scroll a widget into sight."""
    around = part.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(part)
        around = around.parentWidget()


def column_in(host: QWidget, table: QAbstractScrollArea, title: str) -> QRect | None:
    """Return where the head of a table's column is, None when there is no such column."""
    header = table.horizontalHeader()
    titles = [table.model().headerData(number, Qt.Horizontal) for number in range(header.count())]
    if title not in titles:
        return None
    number = titles.index(title)
    at = header.mapTo(host, QPoint(header.sectionViewportPosition(number), 0))
    return QRect(at.x(), at.y(), header.sectionSize(number), header.height())


def row_in(host: QWidget, table: QAbstractScrollArea, number: int) -> QRect | None:
    """Return where a row of a table is, None when it is out of sight."""
    if not 0 <= number < table.model().rowCount():
        return None
    top = table.rowViewportPosition(number)
    if not 0 <= top < table.viewport().height():
        return None
    at = table.viewport().mapTo(host, QPoint(0, top))
    return QRect(at.x(), at.y(), table.viewport().width(), table.rowHeight(number))
