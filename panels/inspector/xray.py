# SPDX-License-Identifier: GPL-3.0-or-later
"""A receive taken apart: its commands side by side, and between which of them a message is held.

With the script there is one box and no place in it where anything could come in between.
"""

from __future__ import annotations

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from app.entities import Fate, Message
from app.events import WITHIN_RECEIVE, MessageHeld
from app.state import State
from panels.inspector.parts import column, label
from panels.panel import set_role
from panels.theme import Theme

BOXES = {
    "classic": (("BLPOP", "entry out of list"), ("GET", "body read"), ("DEL", "body deleted")),
    "atomic": (("receive.lua", "LPOP and GETDEL: entry and body together"),),
}
BEFORE = {
    "classic": "It waits. Workers take it with three commands: every step is one of them.",
    "atomic": "It waits. Workers take it with one script: no step leads into the middle of it.",
}
AFTER = {
    "classic": "All three commands are done. Between any two of them the worker could have died.",
    "atomic": "Entry and body left Redis together. There was no moment in between.",
}
WITHIN = {
    "popped": "No list names it any more, but its body is still in Redis. Only {worker} knows its key: if {worker} "
    "dies here, the body stays until its time is over, and nobody finds it.",
    "fetched": "{worker} has read the body, which is still in Redis, too. No list names it: if {worker} dies here, "
    "nobody finds it.",
    "deleted": "Nothing of it is left in Redis: it is only in the memory of {worker}.",
}
HEIGHT = 44


class Xray(QWidget):
    """Shown while a message is about to be received, is being received, or just was, and everything stands still."""

    wants = pyqtSignal(str, object)  # a verb of the lab, and its arguments

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.held: MessageHeld | None = None
        self.picture, self.says = _Boxes(theme), label("")
        self.step, self.kill = QPushButton(), QPushButton()
        body, row = column(self, spacing=6), QHBoxLayout()
        row.setSpacing(theme.px(6))
        for button in (self.step, self.kill):
            set_role(button, kind="small")
            row.addWidget(button)
        row.addStretch(1)
        title = label("The receive, taken apart", "section")
        title.setContentsMargins(0, theme.px(6), 0, 0)
        body.addWidget(title)
        body.addWidget(self.picture)
        body.addWidget(self.says)
        body.addLayout(row)
        self.step.clicked.connect(self._step)
        self.kill.clicked.connect(self._kill)

    def show_message(self, state: State, message: Message | None) -> None:
        """Show how far its receive has come; hidden where there is nothing to see of it."""
        held = next((one for one in state.gates.values() if message and one.key == message.key), None)
        within = held is not None and held.gate in WITHIN_RECEIVE
        is_about = message is not None and "!" not in message.channel and bool(state.clock.since)
        is_before = is_about and message is not None and message.fate is Fate.WAITING
        is_after = is_about and held is not None and held.gate == "consumer"
        self.setVisible(within or is_before or is_after)
        if message is None or self.isHidden():
            return
        self.held = held
        mode = _mode(state, message)
        done = WITHIN_RECEIVE.index(held.gate) + 1 if held and within else len(BOXES[mode]) if is_after else 0
        self.picture.show_boxes(mode, done, within)
        worker = message.taken_by.partition(".")[0]
        text = WITHIN[held.gate].format(worker=worker) if held and within else (AFTER if is_after else BEFORE)[mode]
        if text != self.says.text():
            self.says.setText(text)
        self._show_buttons(mode, done, worker, bool(within and state.clock.since))

    def _show_buttons(self, mode: str, done: int, worker: str, is_within: bool) -> None:
        self.step.setVisible(is_within)
        self.kill.setVisible(is_within)
        if is_within:
            following = BOXES[mode][done][0] if done < len(BOXES[mode]) else "go on"
            for button, text in ((self.step, f"▸| Step: {following}"), (self.kill, f"Kill {worker} here")):
                if button.text() != text:
                    button.setText(text)
                    button.setAccessibleName(text)

    def _step(self) -> None:
        if self.held:
            self.wants.emit("step", (self.held.gate, self.held.number, "", self.held.source))

    def _kill(self) -> None:
        if self.held:
            self.wants.emit("signal_worker", (self.held.source.partition(".")[0], "KILL"))


def _mode(state: State, message: Message) -> str:
    """Return how a message is received: as its worker does, or as any that lives."""
    worker = state.workers.get(message.taken_by.partition(".")[0])
    worker = worker or next((one for one in state.workers.values() if one.is_alive), None)
    return "classic" if message.popped or (worker and worker.receive == "classic") else "atomic"


class _Boxes(QWidget):
    """A box for each command, those that are done filled; bars stand where a message is held."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._shown = "atomic", 0, False
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)

    def show_boxes(self, mode: str, done: int, is_held: bool) -> None:
        """Show so many commands as done."""
        if (mode, done, is_held) != self._shown:
            self._shown = mode, done, is_held
            names = [name for name, _ in BOXES[mode]]
            where = f", held after {names[done - 1]}" if is_held else ""
            self.setAccessibleName(f"{', '.join(names)}: {done} done{where}")
            self.update()

    def sizeHint(self) -> QSize:
        """Return a line of boxes."""
        return QSize(self.theme.px(240), self.theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the boxes, and bars in the gap where the message is."""
        mode, done, is_held = self._shown
        p, theme = QPainter(self), self.theme
        p.setRenderHint(QPainter.Antialiasing)
        boxes, gap = BOXES[mode], theme.px(18)
        end = gap if mode == "classic" else 0
        width = (self.width() - 2 - (len(boxes) - 1) * gap - end) / len(boxes)
        for number, (name, what) in enumerate(boxes):
            rect = QRectF(1 + number * (width + gap), 1, width, self.height() - 2)
            self._box(p, rect, name, what, number < done)
            if is_held and number == done - 1:
                self._bars(p, QPointF(rect.right() + gap / 2, rect.center().y()))
            elif number < len(boxes) - 1:
                p.setPen(QPen(theme.color("muted"), theme.px(1.4)))
                y = rect.center().y()
                p.drawLine(QPointF(rect.right() + theme.px(3), y), QPointF(rect.right() + gap - theme.px(3), y))

    def _box(self, p: QPainter, rect: QRectF, name: str, what: str, is_done: bool) -> None:
        theme = self.theme
        p.setPen(QPen(theme.color("accent" if is_done else "muted"), theme.px(1.4)))
        p.setBrush(theme.color("selection" if is_done else "panel"))
        p.drawRoundedRect(rect, theme.px(5), theme.px(5))
        inner, half = rect.adjusted(theme.px(6), 0, -theme.px(4), 0), rect.height() / 2
        p.setPen(theme.color("text"))
        p.setFont(theme.mono("small", bold=True))
        top = QRectF(inner.left(), inner.top() + theme.px(3), inner.width(), half - theme.px(2))
        p.drawText(top, int(Qt.AlignLeft | Qt.AlignVCenter), f"{'✓ ' if is_done else ''}{name}")
        p.setPen(theme.color("muted"))
        p.setFont(theme.sans("small"))
        below = QRectF(inner.left(), inner.center().y(), inner.width(), half - theme.px(4))
        text = p.fontMetrics().elidedText(what, Qt.ElideRight, round(below.width()))
        p.drawText(below, int(Qt.AlignLeft | Qt.AlignVCenter), text)

    def _bars(self, p: QPainter, centre: QPointF) -> None:
        px = self.theme.px
        p.setPen(QPen(self.theme.color("flight"), px(2.5)))
        for x in (centre.x() - px(3), centre.x() + px(3)):
            p.drawLine(QPointF(x, centre.y() - px(9)), QPointF(x, centre.y() + px(9)))
