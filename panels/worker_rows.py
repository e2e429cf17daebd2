# SPDX-License-Identifier: GPL-3.0-or-later
"""A row for each worker: who it is, what it does, and buttons that do something to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PyQt5.QtCore import QPointF, Qt, pyqtSignal
from PyQt5.QtGui import QPainter
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.entities import Worker
from app.state import State
from panels.panel import set_role
from panels.stage.duties import EVERYTHING, command_of
from panels.stage.ink import Ink
from panels.stage.layout import verbs_of
from panels.stage.views import worker_says
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab, SignalName

WIDTHS = {"": 20, "worker": 66, "pid": 46, "state": 0, "handled": 48, "failed": 38, "message": 94}  # 0: what is left
BUTTONS = 152  # pixels the buttons of a row take
TIPS = {
    "KILL": "SIGKILL: it dies at once, what it holds is lost",
    "TERM": "SIGTERM: it finishes its message, then leaves",
    "STOP": "SIGSTOP: it stands still",
    "CONT": "SIGCONT: it goes on",
}


class Sign(QWidget):
    """A worker's state as a shape."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ink = Ink(theme)
        self.status = "starting"

    def show_status(self, status: str) -> None:
        """Show another state."""
        if status != self.status:
            self.status = status
            self.setAccessibleName(status)
            self.update()

    def paintEvent(self, event: Any) -> None:
        """Paint the shape in the middle."""
        self.ink.painter = QPainter(self)
        self.ink.painter.setRenderHint(QPainter.Antialiasing)
        self.ink.sign(QPointF(self.width() / 2, self.height() / 2), self.status)
        self.ink.painter.end()


class WorkerRow(QFrame):
    """One worker."""

    def __init__(self, name: str, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.lab = name, lab
        self.setObjectName("worker_row")
        self.setAccessibleName(name)
        self.sign = Sign(theme)
        self.cells = {title: QLabel() for title in list(WIDTHS)[1:-1]}
        self.key = QPushButton()
        set_role(self.key, kind="link")
        self.key.setAccessibleName(f"Message of {name}")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(2), theme.px(12), theme.px(2))
        row.setSpacing(theme.px(8))
        widgets = (self.sign, *self.cells.values(), self.key)
        for (title, width), widget in zip(WIDTHS.items(), widgets, strict=True):
            _set_width(widget, theme.px(width))
            if title in ("handled", "failed"):
                widget.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
            row.addWidget(widget, 0 if width else 1)
        set_role(self.cells["pid"], role="mono")
        self.buttons = {verb: self._button(verb, theme) for verb in ("KILL", "TERM", "STOP", "CONT", "RESTART")}
        box = QWidget()
        box.setFixedWidth(theme.px(BUTTONS))
        inner = QHBoxLayout(box)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.px(4))
        self.away = QLabel()
        self.away.setToolTip("It was invited: it can be ended only where it runs")
        set_role(self.away, role="flight")
        for widget in (*self.buttons.values(), self.away):
            inner.addWidget(widget)
        row.addWidget(box)

    def _button(self, verb: str, theme: Theme) -> QPushButton:
        button = QPushButton("↻ Restart" if verb == "RESTART" else verb)
        button.setToolTip(TIPS.get(verb, "Start a new process under this name"))
        button.setAccessibleName(f"{verb} {self.name}")
        set_role(button, kind="small", verb=verb)
        if verb == "RESTART":
            button.clicked.connect(lambda: self.lab.restart_worker(self.name))
        else:
            button.clicked.connect(lambda: self.lab.signal_worker(self.name, cast("SignalName", verb)))
        return button

    def _state(self, worker: Worker, now: float) -> str:
        """Say the state in the longest way that fits."""
        label = self.cells["state"]
        says = ("idle",) if worker.status == "idle" and worker.duty == EVERYTHING else worker_says(worker, now)
        metrics = label.fontMetrics()
        return next((text for text in says if metrics.horizontalAdvance(text) <= label.width()), says[-1])

    def show_worker(self, worker: Worker, now: float) -> None:
        """Show how the worker is at `now`."""
        self.sign.show_status(worker.status)
        texts = {
            "worker": worker.name,
            "pid": str(worker.pid),
            "state": self._state(worker, now),
            "handled": str(worker.done),
            "failed": str(worker.failed),
        }
        for title, text in texts.items():
            _set_text(self.cells[title], text)
        self.cells["worker"].setToolTip(worker.name)
        role = "bad" if not worker.is_alive else "flight" if worker.status in ("running", "stopped") else "muted"
        if self.cells["state"].property("role") != role:
            set_role(self.cells["state"], role=role)
        key = worker.key if worker.is_alive else ""
        _set_text(self.key, f"{key[:8]}…{key[-2:]}" if key else "")
        self.key.setProperty("key", key)
        self.key.setEnabled(bool(key))
        shown = verbs_of(worker)
        for verb, button in self.buttons.items():
            button.setVisible(verb in shown)
        self.away.setVisible(bool(worker.host))
        _set_text(self.away, f"on {worker.host}" if worker.host else "")
        self.cells["state"].setToolTip("" if worker.host else command_of(worker.duty))


def _set_width(widget: QWidget, width: int) -> None:
    if width:
        widget.setFixedWidth(width)
    else:
        widget.setMinimumWidth(1)
        widget.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)


def _set_text(widget: Any, text: str) -> None:
    if widget.text() != text:
        widget.setText(text)


class WorkerTable(QWidget):
    """A heading and a row for each worker, in the order they were started."""

    message_chosen = pyqtSignal(str)
    worker_chosen = pyqtSignal(str)

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lab, self.theme = lab, theme
        self.rows: dict[str, WorkerRow] = {}
        self._pointed: frozenset[str] = frozenset()
        self.setAccessibleName("Workers")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, theme.px(4), 0, theme.px(4))
        self._column.setSpacing(0)
        self._column.addWidget(self._heading())
        self.empty = QLabel("No worker runs: messages wait in Redis until they expire.")
        self.empty.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        set_role(self.empty, role="muted")
        self._column.addWidget(self.empty)
        self._column.addStretch()

    def _heading(self) -> QWidget:
        px, heading = self.theme.px, QWidget()
        row = QHBoxLayout(heading)
        row.setContentsMargins(px(12), px(2), px(12), px(4))
        row.setSpacing(px(8))
        for title, width in WIDTHS.items():
            label = QLabel(title)
            _set_width(label, px(width))
            if title in ("handled", "failed"):
                label.setAlignment(Qt.AlignRight)
            row.addWidget(set_role(label, role="small"), 0 if width else 1)
        row.addSpacing(px(BUTTONS))
        return heading

    def show_workers(self, state: State, now: float) -> bool:
        """Show every worker of a state as it is at `now`; returns whether there are other rows than before."""
        before = set(self.rows)
        for name in [name for name in self.rows if name not in state.workers]:
            self.rows.pop(name).deleteLater()
        for name, worker in state.workers.items():
            if name not in self.rows:
                self._add(name)
            self.rows[name].show_worker(worker, now)
        self.empty.setVisible(not self.rows)
        return set(self.rows) != before

    def _add(self, name: str) -> None:
        row = self.rows[name] = WorkerRow(name, self.lab, self.theme, self)
        row.key.clicked.connect(lambda: self.message_chosen.emit(row.key.property("key")))
        row.mousePressEvent = lambda event: self.worker_chosen.emit(name)
        self._column.insertWidget(len(self.rows), row)
        self.point_at(self._pointed)

    def light(self, names: frozenset[str]) -> None:
        """Light up the workers that have, or had, what is selected."""
        for name, row in self.rows.items():
            if bool(row.property("lit")) != (name in names):
                set_role(row, lit=name in names)

    def point_at(self, names: frozenset[str]) -> None:
        """Put a halo around the rows a lesson points at."""
        self._pointed = names
        for name, row in self.rows.items():
            set_role(row, pointed="true" if name in names else "false")

    def restyle(self) -> None:
        """Have the shapes painted in the theme's colours again."""
        for row in self.rows.values():
            row.sign.ink = Ink(self.theme)
            row.sign.update()
