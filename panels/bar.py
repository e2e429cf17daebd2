# SPDX-License-Identifier: GPL-3.0-or-later
"""A row of buttons whose texts get shorter, one kind after the other, where there is no room for all of them."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QEvent
from PyQt5.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QPushButton, QWidget

from panels.theme import Theme

SHORT = {"← Back to live": "← Live", "Drawing": "Draw", "Open…": "Open", "Save…": "Save", "Present": "F5"}
WIDE, NARROW = 12, 4  # pixels at scale 1 beside a button's text, as in the style sheet, and at the least


def short_of(text: str) -> str:
    """Return a shorter text: the sign before the words, where there is one."""
    sign, _, words = text.partition(" ")
    is_sign = bool(words) and not any(map(str.isalnum, sign))
    return SHORT.get(text) or (sign if is_sign else text)


class BarButton(QPushButton):
    """A button in a bar; whoever asks for its text is told all of it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._text, self.is_short = text, False

    def text(self) -> str:
        """Return the text for where there is room."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.shorten(self.is_short)

    def shorten(self, is_short: bool) -> None:
        """Show the short text, or all of it; Qt would take the shortcut away with the old one."""
        self.is_short = is_short
        shown = short_of(self._text) if is_short else self._text
        if super().text() != shown:
            keys = self.shortcut()
            super().setText(shown)
            self.setShortcut(keys)

    @property
    def saves(self) -> int:
        """How many pixels the short text saves."""
        advance = self.fontMetrics().horizontalAdvance
        return int(advance(self._text) - advance(short_of(self._text)))


class Mark(QLabel):
    """The program's sign and its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Channelscope")
        self._color, self.is_short = "", False

    def show_in(self, color: str) -> None:
        """Show the sign in a colour."""
        self._color = color
        self.shorten(self.is_short)

    def shorten(self, is_short: bool) -> None:
        """Show the sign alone, or with the name."""
        self.is_short = is_short
        self.setText(f'<span style="color:{self._color}">◉</span>' + (" <b>Channelscope</b>" if not is_short else ""))

    @property
    def saves(self) -> int:
        """How many pixels the sign alone saves."""
        return int(self.fontMetrics().horizontalAdvance(" Channelscope"))


class Bar(QWidget):
    """Shortens the name, then what has a sign, then the rest, as far as it must; at last the buttons get narrower."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.is_tight = False
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(theme.px(14), theme.px(7), theme.px(14), theme.px(7))
        self.row.setSpacing(theme.px(8))

    def event(self, event: Any) -> bool:
        """Fit anew when the width, a text or what is shown has changed."""
        is_done = bool(super().event(event))
        if event.type() in (QEvent.Resize, QEvent.LayoutRequest):
            self._fit()
        return is_done

    def _fit(self) -> None:
        widgets = [self.row.itemAt(place).widget() for place in range(self.row.count())]
        widgets = [widget for widget in widgets if widget and not widget.isHidden()]
        parts = [widget for widget in widgets if isinstance(widget, (Mark, BarButton))]
        parts.sort(key=lambda part: (not isinstance(part, Mark), part.text() in SHORT))
        tight = sum(isinstance(widget, QAbstractButton) for widget in widgets) * self.theme.px(2 * (WIDE - NARROW))
        needed = self.row.minimumSize().width() + sum(part.saves for part in parts if part.is_short)
        needed += tight * self.is_tight
        for part in parts:
            is_short = needed > self.width()
            needed -= part.saves * is_short
            if is_short != part.is_short:
                part.shorten(is_short)
        if (needed > self.width()) != self.is_tight:
            self.is_tight = not self.is_tight
            padding = f"padding-left: {self.theme.px(NARROW)}px; padding-right: {self.theme.px(NARROW)}px;"
            self.setStyleSheet(f"QAbstractButton, #live {{ {padding} }}" if self.is_tight else "")
