# SPDX-License-Identifier: GPL-3.0-or-later
"""One worker's lane over time: which consumer ran when; a run that is chosen is selected everywhere."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.lanes import Lane, Lanes
from panels.markers import Marker
from panels.span import Frame, Span
from panels.theme import Theme
from panels.times import clock, span

NOTCH = 1.25  # so many times as long after a notch of the wheel
NEAR = 6  # pixels
MARGIN = 5  # pixels above and below the runs
OUTCOMES = ("finished after", "failed after", "lost with its worker after", "has been running for")


class LaneView(QWidget):
    """Wheel: zoom; drag or Shift and wheel: move; left and right: from run to run; End: follow what happens now."""

    chosen = pyqtSignal(str)  # the key of a run's message
    left_for = pyqtSignal(int)  # the lane above (-1) or below (1) is wanted

    def __init__(self, name: str, time: Span, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.time, self.theme = name, time, theme
        self._lanes, self._lane = Lanes(), Lane()
        self._now, self._playhead = 0.0, 0
        self._lit: frozenset[str] = frozenset()
        self._marks: tuple[Marker, ...] = ()
        self._current = -1  # the run that the keys are at
        self._pressed: tuple[QPoint, float] | None = None  # where, and the right edge then
        self._is_dragged = False
        self.setAccessibleName(f"Runs of {name}")
        self.setToolTip("")
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        time.moved.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return room for a lane."""
        return QSize(self.theme.px(200), self.theme.px(30))

    def show_lane(
        self, lanes: Lanes, now: float, playhead: int, lit: frozenset[str], marks: tuple[Marker, ...] = ()
    ) -> None:
        """Show the lane as it was at a playhead; `lit` are keys of messages that are selected."""
        self._lanes, self._lane = lanes, lanes.by_worker.get(self.name) or Lane()
        self._now, self._playhead, self._lit, self._marks = now, playhead, lit, marks
        self._describe()
        self.update()

    def _describe(self) -> None:
        count = self._lane.known(self._playhead)
        text = f"{count} runs" + (f", the newest: {self._told(count - 1)}" if count and self.hasFocus() else "")
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    # --- measures ---

    def frame(self) -> Frame:
        """Return where times lie now."""
        margin = self.theme.px(MARGIN)
        rect = QRectF(0, margin, max(self.width(), 1), max(self.height() - 2 * margin, 4))
        return Frame(rect, self.time.left(self._now), self.time.right(self._now), self._now, self._playhead)

    def run_at(self, x: float) -> int:
        """Return the run at a place, -1 when none is near."""
        from panels.lane_picture import run_at

        return run_at(self._lane, self.frame(), x, self.theme.px(NEAR))

    def text_at(self, x: float) -> str:
        """Return what there is to say of a place."""
        run = self.run_at(x)
        return "" if run < 0 else self._told(run)

    def _told(self, run: int) -> str:
        lane = self._lane
        is_over = lane.ended[run] < self._playhead
        took = (lane.ends[run] if is_over else self._now) - lane.starts[run]
        how = OUTCOMES[lane.outcomes[run] if is_over else len(OUTCOMES) - 1]
        channel = self._lanes.channels[lane.channels[run]]
        return (
            f"{clock(lane.starts[run])}  {lane.consumers[run]}\n"
            f"{how} {span(took)}, on {self.name}\n"
            f"message {lane.keys[run][:8]}… of {channel or 'a channel not seen'}"
        )

    # --- gestures ---

    def event(self, event: QEvent) -> bool:
        """Say which run is under the mouse."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(event.pos().x()), self)
            return True
        return bool(super().event(event))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom; with Shift or to the side: move."""
        turned, aside = event.angleDelta().y(), event.angleDelta().x()
        if event.modifiers() & Qt.ControlModifier:
            event.ignore()  # that scales the window
        elif aside or event.modifiers() & Qt.ShiftModifier:
            self.time.pan(-(aside or turned) / 120 * self.time.length / 10, self._now)
        else:
            self.time.zoom(NOTCH ** (-turned / 120), self._time_at(event.pos().x()), self._now)

    def _time_at(self, x: float) -> float:
        return self.time.left(self._now) + x / max(self.width(), 1) * self.time.length

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag, or to choose."""
        if event.button() == Qt.LeftButton:
            self._pressed, self._is_dragged = (event.pos(), self.time.right(self._now)), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is shown along."""
        if self._pressed is None or not event.buttons() & Qt.LeftButton:
            return
        place, right = self._pressed
        by = event.pos().x() - place.x()
        if self._is_dragged or abs(by) > self.theme.px(4):
            self._is_dragged = True
            wanted = right - by / max(self.width(), 1) * self.time.length
            self.time.pan(wanted - self.time.right(self._now), self._now)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the run under the mouse, unless it was dragged."""
        if self._pressed is not None and not self._is_dragged and (run := self.run_at(event.pos().x())) >= 0:
            self._choose(run)
        self._pressed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from run to run, to another lane, nearer or farther."""
        key, is_shifted = event.key(), bool(event.modifiers() & Qt.ShiftModifier)
        aside = {Qt.Key_Left: -1, Qt.Key_Right: 1}.get(key)
        if aside is not None and is_shifted:
            self.time.pan(aside * self.time.length / 4, self._now)
        elif aside is not None:
            self.step(aside)
        elif key in (Qt.Key_Up, Qt.Key_Down):
            self.left_for.emit(-1 if key == Qt.Key_Up else 1)
        elif key in (Qt.Key_Plus, Qt.Key_Equal, Qt.Key_Minus):
            factor = NOTCH**2 if key == Qt.Key_Minus else NOTCH**-2
            self.time.zoom(factor, self._middle(), self._now)
        elif key == Qt.Key_End:
            self.time.follow()
        elif key == Qt.Key_Home and self._lane.known(self._playhead):
            self._choose(0)
        else:
            super().keyPressEvent(event)

    def _middle(self) -> float:
        if 0 <= self._current < self._lane.known(self._playhead):
            return self._lane.starts[self._current]
        return self.time.right(self._now) - self.time.length / 2

    def step(self, by: int) -> None:
        """Choose the run before or after; the newest first."""
        count = self._lane.known(self._playhead)
        if not count:
            return
        lit = next((run for run in range(count - 1, -1, -1) if self._lane.keys[run] in self._lit), -1)
        at = lit if lit >= 0 else self._current
        self._choose(min(max(at + by, 0), count - 1) if 0 <= at < count else count - 1)

    def choose_near(self, t: float) -> None:
        """Choose the run that began nearest to a time."""
        count = self._lane.known(self._playhead)
        if count:
            self._choose(min(range(count), key=lambda run: abs(self._lane.starts[run] - t)))

    @property
    def current_time(self) -> float:
        """When the run began that the keys are at."""
        return self._middle()

    def _choose(self, run: int) -> None:
        self._current = run
        self.time.reveal(self._lane.starts[run], self._now)
        self.chosen.emit(self._lane.keys[run])
        if self.hasFocus():
            frame = self.frame()
            QToolTip.showText(
                self.mapToGlobal(QPoint(round(frame.x(self._lane.starts[run])), 0)), self._told(run), self
            )

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the marks of the whole session faintly, the lane, and where the keys go."""
        from panels.lane_picture import paint_lane

        painter, frame = QPainter(self), self.frame()
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setClipRect(QRectF(0, 0, self.width(), self.height()))
        for sort, x in {(mark.sort, round(frame.x(mark.t))) for mark in self._marks if frame.has(mark.t)}:
            role, style = ("bad", Qt.SolidLine) if sort == "kill" else ("flight", Qt.DotLine)
            painter.setPen(QPen(self.theme.color(role, 110), 1, style))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        paint_lane(painter, self._lane, frame, self._lit, self.theme)
        if not self.time.follows and self._now < frame.right:
            painter.fillRect(QRectF(frame.x(self._now), 0, 1, self.height()), self.theme.color("text"))
        if self.hasFocus():
            painter.fillRect(QRectF(0, self.height() - self.theme.px(2), self.width(), self.theme.px(2)),
                             self.theme.color("accent"))  # fmt: skip
