# SPDX-License-Identifier: GPL-3.0-or-later
"""The bits of a frame as a table, 16 bits a row, as in RFC 6455 §5.2, laid out anew for every real frame."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from app.wire.fields import Field
from app.wire.frames import Frame
from panels.bit_layout import BITS, BitCell, lay_out
from panels.fields import COLORS, INKS, NAMES, ink_on
from panels.theme import Theme

ROW = 44  # pixels at scale 1
GAP = 2


class FrameBits(QWidget):
    """The bit table; left and right go field by field, with shift bit by bit."""

    chosen = pyqtSignal(int)  # a bit of the frame; its field is chosen with it

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.highlights: frozenset[str] = frozenset()
        self._cells: tuple[BitCell, ...] = ()
        self._bit = 0
        self._shows_bit = False
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName("Bits of the frame")

    def show_frame(self, frame: Frame | None) -> None:
        """Lay out another frame, with its first field chosen."""
        self._cells = lay_out(frame) if frame else ()
        self.updateGeometry()
        self.show_bit(0)

    def show_bit(self, bit: int, shows_bit: bool = False) -> None:
        """Choose the field that has a bit, and on request mark the bit itself; tells nobody."""
        self._bit, self._shows_bit = bit, shows_bit
        if field := self.field:
            name, place = NAMES[field.name][2], f", bit {bit}" if shows_bit else ""
            self.setAccessibleDescription(f"{name} = {field.text}{place}")
        self.update()

    @property
    def field(self) -> Field | None:
        """The field chosen."""
        return next((cell.field for cell in self._cells if _has(cell.field, self._bit)), None)

    def sizeHint(self) -> QSize:
        """Return the height of all rows; the width is whatever there is."""
        rows = self._cells[-1].row + 1 if self._cells else 0
        return QSize(self.theme.px(BITS * 14), rows * self.theme.px(ROW + GAP))

    def minimumSizeHint(self) -> QSize:
        """Return the same: the rows are not squeezed."""
        return self.sizeHint()

    # --- gestures ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a field, or with shift by a bit."""
        step = {Qt.Key_Left: -1, Qt.Key_Right: 1}.get(event.key())
        if step is None or not self._cells:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.ShiftModifier:
            self._choose(self._bit + step if self._shows_bit else self._bit, True)
        else:
            fields = list(dict.fromkeys(cell.field for cell in self._cells))
            place = fields.index(self.field) + step if self.field in fields else 0
            self._choose(fields[min(max(place, 0), len(fields) - 1)].bit_offset, False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the field under the mouse, with shift the bit."""
        for cell in self._cells:
            if self._rect(cell).contains(event.pos()):
                with_bit = bool(event.modifiers() & Qt.ShiftModifier)
                self._choose(self._bit_at(cell, event.pos()) if with_bit else cell.field.bit_offset, with_bit)

    def _choose(self, bit: int, shows_bit: bool) -> None:
        last = self._cells[-1].first + len(self._cells[-1].bits) - 1
        self.show_bit(min(max(bit, 0), last), shows_bit)
        self.chosen.emit(self._bit)

    def _bit_at(self, cell: BitCell, place: QPoint) -> int:
        centres = [rect.center().x() for rect in self._bit_rects(cell)]
        return cell.first + min(range(len(centres)), key=lambda i: abs(centres[i] - place.x()))

    # --- painting ---

    def _rect(self, cell: BitCell) -> QRectF:
        bit = (self.width() + GAP) / BITS
        gap, row = GAP, self.theme.px(ROW)
        return QRectF(cell.column * bit, cell.row * (row + self.theme.px(GAP)), len(cell.bits) * bit - gap, row)

    def _bit_rects(self, cell: BitCell) -> list[QRectF]:
        """Return where each bit of a cell stands: in groups of four from the cell's end, in its middle."""
        rect, metrics = self._rect(cell), QFontMetricsF(self.theme.mono("body"))
        advance, space = metrics.horizontalAdvance("0"), metrics.horizontalAdvance("0") * 0.6
        count = len(cell.bits)
        xs = [i * advance + ((cell.column + i) // 4 - cell.column // 4) * space for i in range(count)]
        left = rect.center().x() - (xs[-1] + advance) / 2
        return [QRectF(left + x, rect.top() + self.theme.px(5), advance, metrics.height()) for x in xs]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint all cells."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        for cell in self._cells:
            self._paint_cell(painter, cell)

    def _paint_cell(self, painter: QPainter, cell: BitCell) -> None:
        theme, rect = self.theme, self._rect(cell)
        is_chosen = _has(cell.field, self._bit)
        color = theme.color(COLORS[cell.field.name])
        painter.setPen(Qt.NoPen)
        painter.setBrush(color if is_chosen else theme.color("raised"))
        painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
        if not is_chosen:
            self._paint_bar(painter, rect, color)
        if cell.field.name in self.highlights or (is_chosen and self.hasFocus()):
            self._paint_ring(painter, rect)
        self._paint_bits(painter, cell, is_chosen)
        self._paint_label(painter, rect, cell, is_chosen)

    def _paint_bar(self, painter: QPainter, rect: QRectF, color: QColor) -> None:
        height = self.theme.px(3)
        painter.save()
        painter.setClipRect(QRectF(rect.left(), rect.bottom() - height, rect.width(), height))
        painter.setBrush(color)
        painter.drawRoundedRect(rect, self.theme.px(4), self.theme.px(4))
        painter.restore()

    def _paint_ring(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        pen = painter.pen()
        pen.setStyle(Qt.SolidLine)
        pen.setColor(self.theme.color("accent"))
        pen.setWidthF(self.theme.px(2))
        painter.setPen(pen)
        painter.setBrush(Qt.NoBrush)
        inset = self.theme.px(2) / 2
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), self.theme.px(4), self.theme.px(4))
        painter.restore()

    def _paint_bits(self, painter: QPainter, cell: BitCell, is_chosen: bool) -> None:
        color = INKS["masking_key"] if cell.field.name == "masking_key" else "text"
        ink = ink_on() if is_chosen else self.theme.color(color)
        painter.setFont(self.theme.mono("body", bold=is_chosen))
        for i, rect in enumerate(self._bit_rects(cell)):
            painter.setPen(ink)
            if self._shows_bit and cell.first + i == self._bit:
                painter.fillRect(rect.adjusted(-1, 0, 1, 0), ink)
                painter.setPen(self.theme.color(COLORS[cell.field.name]))
            painter.drawText(rect, Qt.AlignCenter, cell.bits[i])

    def _paint_label(self, painter: QPainter, rect: QRectF, cell: BitCell, is_chosen: bool) -> None:
        label, font = self._label(cell.labels, rect.width())
        painter.setFont(font)
        painter.setPen(ink_on() if is_chosen else self.theme.color("muted"))
        x = rect.center().x() - QFontMetricsF(font).horizontalAdvance(label) / 2
        painter.drawText(QPointF(x, rect.bottom() - self.theme.px(8)), label)

    def _label(self, labels: tuple[str, ...], room: float) -> tuple[str, QFont]:
        """Return the longest label that fits, and the font for it: the letters may move a little closer."""
        font = self.theme.sans("small")
        tight = QFont(font)
        tight.setLetterSpacing(QFont.AbsoluteSpacing, -0.6 * self.theme.scale)
        for label in labels:
            for tried in (font, tight):
                if QFontMetricsF(tried).horizontalAdvance(label) <= room - 1:
                    return label, tried
        return labels[-1], font


def _has(field: Field, bit: int) -> bool:
    return field.bit_offset <= bit < field.bit_offset + field.bit_length
