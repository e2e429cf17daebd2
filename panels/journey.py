# SPDX-License-Identifier: GPL-3.0-or-later
"""The journey strip: a pill for every hop of a message, and the time between two hops."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.journey import Hop, Progress
from panels.theme import Theme
from panels.times import clock, span

PILL = 24  # pixels at scale 1
LINE = 30
SPACE = 6


@dataclass(frozen=True)
class Piece:
    """A pill, or the words between two, and where it is painted; `hop` is the pill's number, -1 for words."""

    rect: QRectF
    text: str
    color: str
    hop: int = -1


def words_after(hops: tuple[Hop, ...], number: int, now: float) -> tuple[str, str]:
    """Return what stands behind a hop, and its colour: how long to the next one, or what it waits for."""
    hop = hops[number]
    if hop.progress is Progress.HERE:
        return (f"{hop.note} {span(now - hop.time)}" if hop.time else hop.note), "flight"
    if hop.progress is Progress.FAILED:
        return hop.note, "bad"
    following = hops[number + 1] if number + 1 < len(hops) else None
    if following is None:
        return hop.note, "muted"
    took = following.time - hop.time
    if not hop.time or not following.time or following.progress is Progress.AHEAD or took < 0.00005:
        return "", "muted"
    return span(took), "muted"


class JourneyStrip(QWidget):
    """Pills in a row (in several where there is no room); left and right choose one, Enter or a click selects it."""

    picked = pyqtSignal(str, str)  # kind and item of a hop

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._hops: tuple[Hop, ...] = ()
        self._pieces: list[Piece] = []
        self.now = 0.0
        self._current = 0
        self.marked = -1  # the pill of what is selected
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Fixed)
        self.setAccessibleName("Journey")

    def show_hops(self, hops: tuple[Hop, ...], now: float, here: tuple[str, str] = ("", "")) -> None:
        """Show another journey, or how far the same one has come; `here` is the thing that is selected."""
        self._hops = hops
        places = [number for number, hop in enumerate(hops) if (hop.kind, hop.item) == here]
        if (marked := places[-1] if places else -1) != self.marked:
            self.marked = marked
            self.update()
        self._current = min(self._current, max(len(hops) - 1, 0))
        self.setVisible(bool(hops))
        self.tick(now)

    def tick(self, now: float) -> None:
        """Count on what waits."""
        self.now = now
        pieces = self._lay_out(self.width())
        if pieces != self._pieces:
            self._pieces = pieces
            self.setFixedHeight(round(pieces[-1].rect.bottom()) + 1 if pieces else 0)
            self.setAccessibleDescription(self.text)
            self.update()

    @property
    def text(self) -> str:
        """The journey in words: the hops reached, and the times between them."""
        pieces = [piece for piece in self._pieces if piece.text]
        reached = [
            piece.text
            for piece in pieces
            if piece.hop < 0 or self._hops[piece.hop].progress is not Progress.AHEAD
        ]  # fmt: skip
        return " ".join(reached)

    # --- layout ---

    def _lay_out(self, width: int) -> list[Piece]:
        px = self.theme.px
        pill_font = QFontMetricsF(self.theme.sans("small"))
        word_font = QFontMetricsF(self.theme.sans("small", bold=True))
        pieces: list[Piece] = []
        x, y = 0.0, 0.0
        for number, hop in enumerate(self._hops):
            wide = pill_font.horizontalAdvance(hop.name) + px(18)
            if x and x + wide > width:
                x, y = 0.0, y + px(LINE)
            pieces.append(Piece(QRectF(x, y, wide, px(PILL)), hop.name, "", number))
            x += wide + px(SPACE)
            words, color = words_after(self._hops, number, self.now)
            if words:
                wide = word_font.horizontalAdvance(words) + px(1)
                if x and x + wide > width:
                    x, y = 0.0, y + px(LINE)
                pieces.append(Piece(QRectF(x, y, wide, px(PILL)), words, color))
                x += wide + px(SPACE)
        return pieces

    def resizeEvent(self, event: QEvent) -> None:
        """Break lines anew."""
        super().resizeEvent(event)
        self.tick(self.now)

    # --- gestures ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a pill, or select what it stands for."""
        step = {Qt.Key_Left: -1, Qt.Key_Right: 1}.get(event.key())
        if step is not None and self._hops:
            self._current = min(max(self._current + step, 0), len(self._hops) - 1)
            self.update()
        elif event.key() in (Qt.Key_Return, Qt.Key_Enter, Qt.Key_Space) and self._hops:
            self._pick(self._current)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what the pill under the mouse stands for."""
        for piece in self._pieces:
            if piece.hop >= 0 and piece.rect.contains(event.pos()):
                self._current = piece.hop
                self._pick(piece.hop)

    def event(self, event: QEvent) -> bool:
        """Say where a hop is and when it was reached, when the mouse rests on it."""
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip_at(event), self)
            return True
        return bool(super().event(event))

    def _tip_at(self, event: QHelpEvent) -> str:
        for piece in self._pieces:
            if piece.hop >= 0 and piece.rect.contains(event.pos()):
                hop = self._hops[piece.hop]
                return " · ".join(part for part in (hop.title, clock(hop.time) if hop.time else "") if part)
        return ""

    def _pick(self, number: int) -> None:
        hop = self._hops[number]
        self.update()
        if hop.kind:
            self.picked.emit(hop.kind, hop.item)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint pills and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        for piece in self._pieces:
            if piece.hop >= 0:
                self._paint_pill(painter, piece)
            else:
                painter.setFont(self.theme.sans("small", bold=piece.color != "muted"))
                painter.setPen(self.theme.color(piece.color))
                painter.drawText(piece.rect, Qt.AlignVCenter | Qt.AlignLeft, piece.text)

    def _paint_pill(self, painter: QPainter, piece: Piece) -> None:
        theme = self.theme
        ground, ink = _PILL_COLORS[self._hops[piece.hop].progress]
        rect = piece.rect.adjusted(0.5, 0.5, -0.5, -0.5)
        radius = rect.height() / 2
        painter.setPen(Qt.NoPen)
        painter.setBrush(theme.color(ground))
        painter.drawRoundedRect(rect, radius, radius)
        if piece.hop == self.marked:
            painter.setPen(QPen(theme.color("text"), theme.px(1.5)))
            painter.setBrush(Qt.NoBrush)
            painter.drawRoundedRect(rect.adjusted(2.5, 2.5, -2.5, -2.5), radius - 2.5, radius - 2.5)
        if self.hasFocus() and piece.hop == self._current:
            painter.setPen(QPen(theme.color("text"), theme.px(2)))
            painter.setBrush(Qt.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setFont(theme.sans("small"))
        painter.setPen(theme.color(ink))
        painter.drawText(piece.rect, Qt.AlignCenter, piece.text)


_PILL_COLORS = {
    Progress.DONE: ("accent", "on_accent"),
    Progress.HERE: ("flight", "on_accent"),
    Progress.FAILED: ("bad", "on_accent"),
    Progress.AHEAD: ("raised", "muted"),
}
