# SPDX-License-Identifier: GPL-3.0-or-later
"""The waterfall: a bar for every stage of a message's way on one axis of time, and what is usual for each."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from app import stages as s
from app.stages import Stage, Usual, totals
from panels.theme import Theme
from panels.times import clock, span

ROW = 19  # pixels at scale 1
NAME, TIME, USUAL = 88, 48, 88
NARROW = 300  # pixels at scale 1: less wide, what is usual is told by the marks and the tips alone

# Whose time it is: the interface server's, that of the channel layer in Redis, or a worker's.
COLORS = {
    s.ARRIVES: "accent", s.HANDLES: "accent", s.READS: "accent", s.OUT: "accent",
    s.SENDS: "flight", s.QUEUE: "flight", s.REPLIES: "flight", s.POP: "flight",
    s.CONSUMER: "good",
}  # fmt: skip


class Waterfall(QWidget):
    """Up and down choose a stage, Enter or a click selects what it is about."""

    picked = pyqtSignal(str, str)  # kind and item

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setObjectName("waterfall")
        self.stages: tuple[Stage, ...] = ()
        self.usual: Mapping[str, Usual] = {}
        self._current = 0
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
        self.setAccessibleName("Time at each stage")

    def show_stages(self, stages: tuple[Stage, ...], usual: Mapping[str, Usual]) -> None:
        """Show other stages, or how far the same ones have come."""
        if (stages, usual) == (self.stages, self.usual):
            return
        if len(stages) != len(self.stages):
            self.updateGeometry()
            self._current = min(self._current, max(len(stages) - 1, 0))
        self.stages, self.usual = stages, usual
        self.setAccessibleDescription(self.text)
        self.update()

    @property
    def text(self) -> str:
        """All of it in words."""
        return ", ".join(f"{stage.name} {fine(stage.seconds)}" for stage in self.stages)

    def sizeHint(self) -> QSize:
        """Return a line for each stage, and one for the heading."""
        return QSize(self.theme.px(240), self.theme.px(ROW) * (len(self.stages) + 1))

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return self.sizeHint()

    # --- gestures ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a stage, or select what it is about."""
        step = {Qt.Key_Up: -1, Qt.Key_Down: 1}.get(event.key())
        if step is not None and self.stages:
            self._current = min(max(self._current + step, 0), len(self.stages) - 1)
            self.update()
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter, Qt.Key_Space) and self.stages:
            self._pick(self._current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what the stage under the mouse is about."""
        if (number := self._at(event.pos().y())) is not None:
            self._current = number
            self._pick(number)

    def _pick(self, number: int) -> None:
        self.update()
        kind, item = self.stages[number].thing
        if kind:
            self.picked.emit(kind, item)

    def _at(self, y: float) -> int | None:
        number = int(y // self.theme.px(ROW)) - 1
        return number if 0 <= number < len(self.stages) else None

    def event(self, event: QEvent) -> bool:
        """Say the times of the stage where the mouse rests."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            number = self._at(event.pos().y())
            QToolTip.showText(event.globalPos(), "" if number is None else self.tip_of(number), self)
            return True
        return bool(super().event(event))

    def tip_of(self, number: int) -> str:
        """Return a stage in words."""
        stage, usual = self.stages[number], self.usual.get(self.stages[number].name)
        where = f" · {stage.where}" if stage.where else ""
        lines = [f"{stage.name}{where}", f"{stage.seconds * 1000:.3f} ms, from {clock(stage.start)} on"]
        if usual:
            lines.append(f"of the last {usual.count} like it half took {fine(usual.p50)}, 99 of 100 {fine(usual.p99)}")
        return "\n".join(lines)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the heading and the bars."""
        if not self.stages:
            return
        painter, px = QPainter(self), self.theme.px
        painter.setRenderHint(QPainter.Antialiasing)
        has_usual = bool(self.usual) and self.width() >= px(NARROW)
        right = self.width() - (px(USUAL) if has_usual else 0)
        plot = QRectF(px(NAME), 0, right - px(NAME) - px(TIME), px(ROW))
        start = min(stage.start for stage in self.stages)
        whole = max(max(stage.end for stage in self.stages) - start, 1e-6)
        heads = [(QRectF(plot.left(), 0, plot.width() + px(TIME), px(ROW)), f"{fine(whole)} in all")]
        if has_usual:
            heads.append((QRectF(right, 0, px(USUAL), px(ROW)), "p50 · p99 ms"))
        for rect, text in heads:
            self._text(painter, rect, text, "muted", Qt.AlignRight)
        for number, stage in enumerate(self.stages):
            painter.save()
            painter.translate(0, (number + 1) * px(ROW))
            self._paint_stage(painter, stage, plot, (start, whole))
            if has_usual and (usual := self.usual.get(stage.name)):
                rect = QRectF(right, 0, px(USUAL), px(ROW))
                self._text(painter, rect, f"{_short(usual.p50)} · {_short(usual.p99)}", "muted", Qt.AlignRight)
            if self.hasFocus() and number == self._current:
                painter.setPen(QPen(self.theme.color("accent"), px(1.5)))
                painter.setBrush(Qt.NoBrush)
                painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, px(ROW) - 1), px(4), px(4))
            painter.restore()

    def _paint_stage(self, painter: QPainter, stage: Stage, plot: QRectF, axis: tuple[float, float]) -> None:
        px, (start, whole) = self.theme.px, axis
        left = plot.left() + (stage.start - start) / whole * plot.width()
        wide = max(stage.seconds / whole * plot.width(), px(2))
        left = min(left, plot.right() - px(2))
        bar = QRectF(left, px(4), wide, px(ROW) - px(8))
        painter.fillRect(QRectF(plot.left(), px(ROW) - 1, plot.width(), 1), self.theme.color("line"))
        if usual := self.usual.get(stage.name):
            self._paint_usual(painter, usual, QRectF(left, 0, plot.right() - left, px(ROW)), plot.width() / whole)
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.color(COLORS[stage.name], 130 if stage.is_open else 255))
        painter.drawRoundedRect(bar, px(2), px(2))
        self._text(painter, QRectF(0, 0, px(NAME) - px(6), px(ROW)), stage.name, "text", Qt.AlignLeft)
        rect = QRectF(plot.right(), 0, px(TIME), px(ROW))
        self._text(painter, rect, fine(stage.seconds), self._role(stage), Qt.AlignRight, is_bold=True)

    def _paint_usual(self, painter: QPainter, usual: Usual, room: QRectF, scale: float) -> None:
        """Paint under a bar how long it would be if it took what is usual: a line to p99, with a mark at p50."""
        y, end = room.bottom() - self.theme.px(2.5), room.left() + usual.p99 * scale
        painter.setPen(QPen(self.theme.color("muted"), self.theme.px(1)))
        painter.drawLine(QPointF(room.left(), y), QPointF(min(end, room.right()), y))
        for at, tall in ((usual.p50 * scale, 4), (usual.p99 * scale, 2.5)):
            x = room.left() + at
            if x <= room.right():
                painter.drawLine(QPointF(x, y - self.theme.px(tall)), QPointF(x, y + self.theme.px(1)))

    def _role(self, stage: Stage) -> str:
        """Mark what took longer than 99 of 100 others, and what is still going on."""
        usual = self.usual.get(stage.name)
        is_slow = usual is not None and usual.count > 1 and totals(self.stages).get(stage.name, 0.0) > usual.p99
        return "flight" if stage.is_open or is_slow else "text"

    def _text(
        self, painter: QPainter, rect: QRectF, text: str, role: str, align: int, is_bold: bool = False
    ) -> None:  # fmt: skip
        font = self.theme.sans("small", bold=is_bold)
        painter.setFont(font)
        painter.setPen(self.theme.color(role))
        text = QFontMetricsF(font).elidedText(text, Qt.ElideRight, rect.width())
        painter.drawText(rect, int(Qt.AlignVCenter | align), text)


def fine(seconds: float) -> str:
    """Return a length of time, below 10 ms to a hundredth of one."""
    return f"{seconds * 1000:.2f} ms" if seconds < 0.00995 else span(seconds)


def _short(seconds: float) -> str:
    return fine(seconds).replace(" ms", "")
