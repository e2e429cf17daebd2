# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces of a lesson on the screen: progress, options to choose from, checks, and what really happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QFontMetrics, QPainter, QPen
from PyQt5.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from panels.lesson.session import Mode, Session
from panels.lesson.words import Say
from panels.panel import set_role
from panels.theme import Theme

WRAP = int(Qt.TextWordWrap | Qt.AlignLeft | Qt.AlignVCenter)


class Progress(QWidget):
    """A segment for each step: done, current, to come."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.count, self.current, self.done = 1, 0, frozenset[int]()
        self.setFixedHeight(theme.px(4))

    def show_step(self, count: int, current: int, done: frozenset[int]) -> None:
        """Show where we are; steps are counted from 0."""
        self.count, self.current, self.done = count, current, done
        self.setAccessibleName(f"Step {current + 1} of {count}")
        self.setToolTip(f"Step {current + 1} of {count}")
        self.update()

    def paintEvent(self, event: Any) -> None:
        """Paint the segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        gap = self.theme.px(5)
        width = (self.width() - gap * (self.count - 1)) / self.count
        for number in range(self.count):
            role = "accent" if number == self.current else "good" if number in self.done else "line"
            painter.setBrush(self.theme.color(role))
            painter.drawRoundedRect(QRectF(number * (width + gap), 0, width, self.height()), 2, 2)
        painter.end()


class Option(QAbstractButton):
    """One answer to a prediction: a card with a radio button; afterwards it shows whether it was right."""

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.verdict = ""  # "right" or "wrong" once the run has told
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setCursor(Qt.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Expanding, QSizePolicy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_verdict(self, verdict: str) -> None:
        """Say whether this was what happened."""
        self.verdict = verdict
        self.setAccessibleDescription(
            {"right": "this is what happened", "wrong": "this did not happen"}.get(verdict, "")
        )
        self.setEnabled(not verdict)
        self.update()

    def _room(self, width: int) -> QRect:
        px = self.theme.px
        return QRect(px(34), px(9), max(width - px(46), 20), 10_000)

    def heightForWidth(self, width: int) -> int:
        """Return how high the wrapped text makes the card."""
        metrics = QFontMetrics(self.theme.sans())
        text = metrics.boundingRect(self._room(width), WRAP & ~int(Qt.AlignVCenter), self.text())
        return int(max(text.height() + self.theme.px(18), self.theme.px(38)))

    def hasHeightForWidth(self) -> bool:
        """The text wraps."""
        return True

    def sizeHint(self) -> QSize:
        """Return a size for the pane's width."""
        return QSize(self.theme.px(240), self.heightForWidth(self.width() or self.theme.px(240)))

    def resizeEvent(self, event: Any) -> None:
        """Ask for the height the new width needs."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: Any) -> None:
        """Paint the card, the radio button (or a tick, or a cross) and the text."""
        theme, px, p = self.theme, self.theme.px, QPainter(self)
        p.setRenderHint(QPainter.Antialiasing)
        role = {"right": "good", "wrong": "bad" if self.isChecked() else "line"}.get(self.verdict, "")
        is_marked = self.isChecked() or self.hasFocus() or self.underMouse()
        role = role or ("accent" if self.isChecked() or self.hasFocus() else "muted" if is_marked else "line")
        p.setPen(QPen(theme.color(role), 1.5 if role != "line" else 1))
        p.setBrush(theme.color("selection") if self.isChecked() and not self.verdict else Qt.NoBrush)
        p.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(8), px(8))
        self._sign(p, QPointF(px(18), self.height() / 2))
        p.setPen(theme.color("muted" if self.verdict == "wrong" else "text"))
        p.setFont(theme.sans())
        room = self._room(self.width())
        p.drawText(QRect(room.left(), 0, room.width(), self.height()), WRAP, self.text())
        p.end()

    def _sign(self, p: QPainter, centre: QPointF) -> None:
        theme, px = self.theme, self.theme.px
        if self.verdict == "right" or (self.verdict and self.isChecked()):
            p.setPen(theme.color("good" if self.verdict == "right" else "bad"))
            p.setFont(theme.sans("heading", bold=True))
            box = QRectF(centre.x() - px(10), 0, px(20), self.height())
            p.drawText(box, int(Qt.AlignCenter), "✓" if self.verdict == "right" else "✗")
            return
        p.setPen(QPen(theme.color("accent" if self.isChecked() else "muted"), px(1.5)))
        p.setBrush(Qt.NoBrush)
        p.drawEllipse(centre, px(6), px(6))
        if self.isChecked():
            p.setBrush(theme.color("accent"))
            p.drawEllipse(centre, px(3), px(3))


class Check(QWidget):
    """One thing that must happen: a ring, then a tick; at the right a countdown while it runs."""

    def __init__(self, text: str, theme: Theme, has_clock: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.says = text
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.px(2), 0, theme.px(2))
        row.setSpacing(theme.px(6))
        self.sign, self.text, self.clock = QLabel(), QLabel(text), QLabel()
        self.sign.setFixedWidth(theme.px(16))
        self.clock.setFixedWidth(theme.px(32) if has_clock else 0)
        self.clock.setAlignment(Qt.AlignRight)
        self.text.setWordWrap(True)
        row.addWidget(self.sign, 0, Qt.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(self.clock, 0, Qt.AlignTop)
        set_role(self.clock, role="flight")
        self.is_done = True
        self.show_done(False)

    def show_done(self, is_done: bool) -> None:
        """Tick it, or not yet."""
        if is_done != self.is_done:
            self.is_done = is_done
            self.sign.setText("✓" if is_done else "○")
            self.setAccessibleName(f"{self.says}: {'done' if is_done else 'not yet'}")
            for label in (self.sign, self.text):
                set_role(label, role="good" if is_done else "muted")

    def show_clock(self, text: str) -> None:
        """Show a countdown, or none."""
        if self.clock.text() != text:
            self.clock.setText(text)


class Remark(QFrame):
    """A word between the lesson and the system; `deeds` are what can be done about it: a button's text and its work."""

    def __init__(self, text: str, theme: Theme, *deeds: tuple[str, Callable[[], None]], is_calm: bool = False) -> None:
        super().__init__()
        self.setObjectName("remark")
        set_role(self, level="accent" if is_calm else "flight")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(6))
        self.label = QLabel(text)
        self.label.setWordWrap(True)
        column.addWidget(self.label)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.buttons: list[QPushButton] = []
        for name, deed in deeds:
            button = QPushButton(name)
            button.clicked.connect(lambda _, deed=deed: deed())
            row.addWidget(button)
            self.buttons.append(button)
        row.addStretch()
        if deeds:
            column.addLayout(row)


def remark_of(session: Session, theme: Theme, say: Say) -> Remark:
    """Return what a session has to say, in the lessons' language."""
    assert session.note is not None
    text = " ".join(say(text) for text in session.note.texts)
    deeds = [(say(name), work) for name, work in session.note.deeds]
    is_recording = session.mode is Mode.RECORDING
    return Remark(f"▶ {text}" if is_recording else text, theme, *deeds, is_calm=is_recording)
