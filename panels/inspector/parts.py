# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts that the Inspector's views are made of: labels, cards, lines, bars."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from PyQt5.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLayout, QSizePolicy, QVBoxLayout, QWidget

from panels.numbers import tied
from panels.panel import set_role
from panels.theme import Theme

TIP_WIDTH = 320  # pixels at scale 1


class Words(QLabel):
    """A label whose lines never end between a number and its unit."""

    _said = ""

    def text(self) -> str:
        """Return the text as it was given."""
        return self._said

    def setText(self, text: str) -> None:
        """Show a text."""
        if text != self._said:
            self._said = text
            super().setText(tied(text))

    def clear(self) -> None:
        """Show nothing; the same text after it is shown anew."""
        self.setText("")


def label(text: str = "", role: str = "", is_wrapped: bool = True) -> QLabel:
    """Return a label for plain text in one of the style sheet's roles; its text can be selected and copied."""
    made = Words()
    made.setTextFormat(Qt.PlainText)  # never guessed: names come from strangers
    made.setText(text)
    made.setWordWrap(is_wrapped)
    made.setTextInteractionFlags(Qt.TextSelectableByMouse)
    if is_wrapped:
        made.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)
    return set_role(made, role=role) if role else made


def rich(text: str = "", role: str = "") -> QLabel:
    """Return a label for HTML; what comes from outside must be escaped."""
    made = label(text, role)
    made.setTextFormat(Qt.RichText)
    return made


def linked(text: str = "", role: str = "") -> QLabel:
    """Return a label for HTML with links, to be followed by mouse or keyboard."""
    made = rich(text, role)
    made.setTextInteractionFlags(Qt.TextSelectableByMouse | Qt.LinksAccessibleByMouse | Qt.LinksAccessibleByKeyboard)
    return made


def tip(theme: Theme, title: str, text: str, reference: str) -> str:
    """Return a tip as HTML, so that Qt breaks it into lines: what it is about, the explanation, where it is written."""
    return (
        f'<table width="{theme.px(TIP_WIDTH)}"><tr><td><b>{html.escape(title)}</b><br>{html.escape(text)}<br>'
        f'<span style="color:{theme.palette.muted}">{html.escape(reference)}</span></td></tr></table>'
    )


def column(parent: QWidget | None = None, spacing: int = 8) -> QVBoxLayout:
    """Return a layout from top to bottom without margins."""
    made = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    return made


def clear(layout: QLayout) -> None:
    """Take everything out of a layout; what was in it goes away."""
    while (item := layout.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()


class Card(QFrame):
    """A raised ground with a bar in a palette colour at its left; labels go into `body`."""

    def __init__(self, theme: Theme, color: str = "accent", ground: str = "raised") -> None:
        super().__init__()
        self.theme = theme
        self.color = color
        self.ground = ground
        self.body = column(self, spacing=2)
        self.body.setContentsMargins(theme.px(13), theme.px(9), theme.px(10), theme.px(9))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground and bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.color(self.ground))
        painter.drawRoundedRect(QRectF(self.rect()), self.theme.px(6), self.theme.px(6))
        painter.fillRect(QRectF(0, 0, self.theme.px(3), self.height()), self.theme.color(self.color))


class KeyLine(QWidget):
    """A key of Redis at the left, what it is at the right."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        name = label(key, "chip", is_wrapped=False)
        name.setToolTip(key)
        name.setMinimumWidth(0)
        name.setSizePolicy(QSizePolicy.Maximum, QSizePolicy.Preferred)
        row.addWidget(name)
        row.addStretch(1)
        self.what = label(what, "muted", is_wrapped=False)
        row.addWidget(self.what)


class TimeBar(QWidget):
    """How much of a time is left, as a bar that runs down, with the seconds in words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._share = 0.0
        self.text = ""
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName("Time to live")

    def show_time(self, left: float, whole: float) -> None:
        """Show `left` of `whole` seconds."""
        self._share = min(max(left / whole, 0.0), 1.0) if whole > 0 else 0.0
        text = f"ttl {max(left, 0.0):.1f} s"
        if text != self.text:
            self.text = text
            self.update()

    def sizeHint(self) -> QSize:
        """Return a line of small text."""
        return QSize(self.theme.px(60), self.theme.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, what is left of it, and the text, which stays readable over both."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.Antialiasing)
        rect = QRectF(self.rect())
        painter.setPen(Qt.NoPen)
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
        full = QRectF(rect.left(), rect.top(), rect.width() * self._share, rect.height())
        painter.save()
        painter.setClipRect(full)
        painter.setBrush(theme.color("flight"))
        painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
        painter.restore()
        painter.setFont(theme.sans("small", bold=True))
        for clip, role in ((rect, "text"), (full, "on_accent")):
            painter.setClipRect(clip)
            painter.setPen(theme.color(role))
            painter.drawText(rect.adjusted(0, 0, -theme.px(8), 0), Qt.AlignVCenter | Qt.AlignRight, self.text)


class Facts(QWidget):
    """Names at the left, values at the right; a value may have links ("kind:item")."""

    picked = pyqtSignal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)  # not a form: that gives wrapped values the height of one line
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, QLabel] = {}

    def show_facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Show values under their names; labels are made anew only when the names have changed."""
        texts = dict(facts)
        if list(texts) != list(self._values):
            clear(self._grid)
            self._values = {name: linked() for name in texts}
            for row, (name, value) in enumerate(self._values.items()):
                value.linkActivated.connect(lambda link: self.picked.emit(*link.split(":", 1)))
                value.setAlignment(Qt.AlignTop)
                value.setAccessibleName(name)
                title = label(name, "muted", is_wrapped=False)
                title.setAlignment(Qt.AlignTop)
                self._grid.addWidget(title, row, 0)
                self._grid.addWidget(value, row, 1)
        for name, text in texts.items():
            self._values[name].setText(text)


class Links(QWidget):
    """Lines with links ("kind:item"), and how many more there are."""

    picked = pyqtSignal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self._text = linked()
        self._text.linkActivated.connect(lambda link: self.picked.emit(*link.split(":", 1)))
        column(self).addWidget(self._text)

    def show_lines(self, lines: Sequence[str], more: int = 0) -> None:
        """Show these lines."""
        text = "<br>".join([*lines, f"and {more} more"] if more > 0 else lines)
        self.setVisible(bool(text))
        if text != self._shown:
            self._shown = text
            self._text.setText(f'<div style="line-height:150%">{text}</div>' if text else "")
