# SPDX-License-Identifier: GPL-3.0-or-later
"""A row for each worker: who it is, its lane over time, and buttons that do something to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PyQt5.QtCore import QPointF, Qt, pyqtSignal
from PyQt5.QtGui import QPainter
from PyQt5.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.entities import Worker
from app.lanes import Lanes
from app.state import State
from panels.lane_head import BUTTONS, SIDE, LaneHead
from panels.lane_view import LaneView
from panels.markers import Marker
from panels.panel import set_role
from panels.span import Span
from panels.stage.duties import EVERYTHING, command_of
from panels.stage.held import are_gates_shown
from panels.stage.ink import Ink
from panels.stage.parts import verbs_of
from panels.stage.views import VERSIONS
from panels.stage.worker_words import says_of
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab, SignalName

TIPS = {
    "handled": "Consumers that it ran to their end",
    "failed": "Those of them that raised an error; the worker went on",
    "KILL": "SIGKILL: it dies at once, what it holds is lost",
    "TERM": "SIGTERM: it finishes its message, then leaves",
    "STOP": "SIGSTOP: it stands still",
    "CONT": "SIGCONT: it goes on",
}


Marks = tuple[Marker, ...]


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

    def __init__(self, name: str, lab: Lab, theme: Theme, time: Span, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.lab = name, lab
        self.setObjectName("worker_row")
        self.setAccessibleName(name)
        self.sign = Sign(theme)
        self.lane = LaneView(name, time, theme)
        self.cells = {title: QLabel() for title in ("worker", "pid", "state", "handled", "failed")}
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), theme.px(1), theme.px(12), theme.px(1))
        row.setSpacing(theme.px(8))
        row.addWidget(self._side(theme))
        row.addWidget(self.lane, 1)
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

    def _side(self, theme: Theme) -> QWidget:
        """Put who it is above what it does."""
        px, cells, side = theme.px, self.cells, QWidget()
        side.setFixedWidth(px(SIDE))
        lines = QGridLayout(side)
        lines.setContentsMargins(0, px(2), 0, px(2))
        lines.setHorizontalSpacing(px(6))
        lines.setVerticalSpacing(0)
        self.sign.setFixedSize(px(16), px(16))
        lines.addWidget(self.sign, 0, 0)
        lines.addWidget(set_role(cells["worker"], role="strong"), 0, 1)
        lines.addWidget(cells["pid"], 0, 2, Qt.AlignRight)
        below = QHBoxLayout()
        below.setSpacing(px(6))
        below.addWidget(cells["state"], 1)
        for title in ("handled", "failed"):
            below.addWidget(cells[title])
            cells[title].setToolTip(TIPS[title])
        lines.addLayout(below, 1, 1, 1, 2)
        lines.setColumnStretch(1, 1)
        for title in ("pid", "state", "handled", "failed"):
            set_role(cells[title], role="small", **({"font": "mono"} if title == "pid" else {}))
        cells["state"].setMinimumWidth(1)
        cells["state"].setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)
        return side

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

    def _state(self, worker: Worker, now: float, state: State) -> str:
        """Say the state in the longest way that fits."""
        label = self.cells["state"]
        is_plain = worker.status == "idle" and worker.duty == EVERYTHING and not are_gates_shown(state)
        says = ("idle",) if is_plain else says_of(worker, now, state)
        if version := VERSIONS.get(worker.version) if worker.is_alive else "":
            says = (f"{says[0]} · {version} code", f"{says[-1]} · {version}", *says)
        metrics = label.fontMetrics()
        px, counts = self.lane.theme.px, (self.cells["handled"], self.cells["failed"])
        room = px(SIDE - 16 - 6) - sum(metrics.horizontalAdvance(count.text()) + px(6) for count in counts)
        return next((text for text in says if metrics.horizontalAdvance(text) <= room), says[-1])

    def show_worker(self, worker: Worker, now: float, state: State) -> None:
        """Show how the worker is at `now`."""
        self.sign.show_status(worker.status)
        texts = {
            "worker": worker.name,
            "pid": str(worker.pid),
            "handled": f"{worker.done} done",
            "failed": f"{worker.failed} failed" if worker.failed else "",
        }
        for title, text in texts.items():
            _set_text(self.cells[title], text)
        self.cells["failed"].setVisible(bool(worker.failed))  # an empty label takes room once it has had a text
        _set_text(self.cells["state"], self._state(worker, now, state))
        self.cells["worker"].setToolTip(worker.name)
        role = "bad" if not worker.is_alive else "flight" if worker.status in ("running", "stopped") else "small"
        if self.cells["state"].property("role") != role:
            set_role(self.cells["state"], role=role)
        shown = verbs_of(worker)
        for verb, button in self.buttons.items():
            button.setVisible(verb in shown)
        self.away.setVisible(bool(worker.host))
        _set_text(self.away, f"on {worker.host}" if worker.host else "")
        self.cells["state"].setToolTip("" if worker.host else command_of(worker.duty))


def _set_text(widget: Any, text: str) -> None:
    if widget.text() != text:
        widget.setText(text)


class WorkerTable(QWidget):
    """A heading and a row for each worker, in the order they were started."""

    run_chosen = pyqtSignal(str)
    worker_chosen = pyqtSignal(str)

    def __init__(self, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lab, self.theme = lab, theme
        self.head = LaneHead(theme)
        self.rows: dict[str, WorkerRow] = {}
        self._scale = theme.scale
        self._pointed: frozenset[str] = frozenset()
        self.setAccessibleName("Workers")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, theme.px(4))
        self._column.setSpacing(0)
        self._column.addWidget(self.head)
        self.empty = QLabel("No worker runs: messages wait in Redis until they expire.")
        self.empty.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        set_role(self.empty, role="muted")
        self._column.addWidget(self.empty)
        self._column.addStretch()

    def show_workers(self, state: State, now: float) -> bool:
        """Show every worker of a state as it is at `now`; returns whether there are other rows than before."""
        before = set(self.rows)
        for name in [name for name in self.rows if name not in state.workers]:
            row = self.rows.pop(name)
            row.hide()  # at once: the next picture is that of another moment
            row.deleteLater()
        for name, worker in state.workers.items():
            if name not in self.rows:
                self._add(name)
            self.rows[name].show_worker(worker, now, state)
        self.empty.setVisible(not self.rows)
        return set(self.rows) != before

    def _add(self, name: str) -> None:
        row = self.rows[name] = WorkerRow(name, self.lab, self.theme, self.head.time, self)
        row.lane.chosen.connect(self.run_chosen)
        row.lane.left_for.connect(lambda by: self._go(name, by))
        row.mousePressEvent = lambda event: self.worker_chosen.emit(name)
        self._column.insertWidget(len(self.rows), row)
        self.point_at(self._pointed)

    def light(self, names: frozenset[str]) -> None:
        """Light up the workers that have, or had, what is selected."""
        for name, row in self.rows.items():
            if bool(row.property("lit")) != (name in names):
                set_role(row, lit=name in names)

    def _go(self, name: str, by: int) -> None:
        """Go on with the keys in the lane above or below, at the same time."""
        names = list(self.rows)
        at = names.index(name) + by
        if 0 <= at < len(names):
            lane = self.rows[names[at]].lane
            lane.setFocus(Qt.OtherFocusReason)
            lane.choose_near(self.rows[name].lane.current_time)

    def show_lanes(self, lanes: Lanes, now: float, playhead: int, lit: frozenset[str], marks: Marks) -> None:
        """Show what every worker did over time, as of a moment."""
        self.head.show_time(now, marks)
        for row in self.rows.values():
            row.lane.show_lane(lanes, now, playhead, lit, marks)

    def point_at(self, names: frozenset[str]) -> None:
        """Put a halo around the rows a lesson points at."""
        self._pointed = names
        for name, row in self.rows.items():
            set_role(row, pointed="true" if name in names else "false")

    def restyle(self) -> None:
        """Take colours and measures from the theme again; at another scale rows are made anew when they are shown."""
        if self.theme.scale != self._scale:
            self._scale = self.theme.scale
            self.head.restyle()
            for row in self.rows.values():
                row.hide()
                row.deleteLater()
            self.rows.clear()
        for row in self.rows.values():
            row.sign.ink = Ink(self.theme)
            row.sign.update()
