# SPDX-License-Identifier: GPL-3.0-or-later
"""A scroll area that is only as high as what is in it, so that what follows stands right under it."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QScrollArea, QWidget

from panels.theme import Theme

SCROLL_BAR = 10  # pixels


class FittingScroll(QScrollArea):
    """Scrolls when there is less room; the room of its bar is always left free, so that text never wraps anew."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.NoFocus)

    def put(self, view: QWidget) -> None:
        """Show another widget, without the ground that Qt would paint under it."""
        view.layout().setContentsMargins(0, self.theme.px(4), self.theme.px(2), 0)
        self.setWidget(view)
        view.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        QTimer.singleShot(0, self.fit)  # when its fonts are known

    def fit(self) -> None:
        """Take the height that the widget needs at this width."""
        view = self.widget()
        if view is None:
            return
        width, layout = self.width() - self.theme.px(SCROLL_BAR), view.layout()
        needed = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else view.sizeHint().height()
        view.setFixedSize(width, needed)
        self.setMaximumHeight(needed)

    def resizeEvent(self, event: Any) -> None:
        """Text wraps anew at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
