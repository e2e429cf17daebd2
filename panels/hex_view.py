# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame's bytes in the colours of its fields: offset, hex and characters; tied to the bit table by one selection."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from PyQt5.QtCore import QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QScrollArea, QSizePolicy, QWidget

from app.wire.frames import Frame
from panels.fields import COLORS, INKS, ink_on
from panels.theme import Theme

FIRST = 256  # bytes shown at first, so that the payload below stays near
SHOWN = 4096  # bytes shown on request; more would be scrolling without seeing
LINE = 20  # pixels at scale 1


class Grid(NamedTuple):
    """Where bytes stand: so many in a line of this height, `step` pixels apart, with digits of a width."""

    digit: float
    per_line: int
    step: float
    height: int

    def hex_rect(self, byte: int) -> QRectF:
        """Return where the hex form of a byte is."""
        line, column = divmod(byte, self.per_line)
        left = self.digit * 5 + column * self.step - self.digit * 0.3
        return QRectF(left, line * self.height, self.step, self.height)

    def char_rect(self, byte: int) -> QRectF:
        """Return where its character is."""
        line, column = divmod(byte, self.per_line)
        left = self.digit * 5.5 + self.per_line * self.step
        return QRectF(left + column * self.digit, line * self.height, self.digit, self.height)


class HexView(QWidget):
    """The bytes of a frame, 8 a row, or 16 where there is room."""

    chosen = pyqtSignal(int)  # a byte of the frame

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._all = self._data = b""
        self._starts: list[int] = []  # first byte of each field
        self._names: list[str] = []
        self._range = range(0)
        self._byte = 0
        self.setFocusPolicy(Qt.StrongFocus)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setAccessibleName("Bytes of the frame")

    def show_frame(self, frame: Frame | None) -> None:
        """Show another frame's bytes; a byte that several fields share has the colour of the most telling one."""
        self._all = frame.raw[:SHOWN] if frame else b""
        self._data = self._all if len(self._all) <= FIRST * 2 else self._all[:FIRST]
        fields = frame.fields() if frame else ()
        self._starts = [field.bit_offset // 8 for field in fields if field.bit_offset % 8 == 0]
        self._names = [field.name for field in fields if field.bit_offset % 8 == 0]
        if len(self._names) > 1:
            self._names[:2] = ["fin", "payload_length"]
        self._fit()
        self.show_bytes(range(0, 1), 0)

    @property
    def byte(self) -> int:
        """The byte spoken of."""
        return self._byte

    @property
    def count(self) -> int:
        """How many bytes are shown."""
        return len(self._data)

    def show_more(self) -> None:
        """Show as many bytes as can be shown."""
        self._data = self._all
        self._fit()

    def show_bytes(self, chosen: range, byte: int) -> None:
        """Mark the bytes of a field, and one of them as the byte spoken of; tells nobody."""
        self._range, self._byte = chosen, byte
        if byte < len(self._data):
            self.setAccessibleDescription(f"byte {byte} is 0x{self._data[byte]:02x}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of all lines; the width is whatever there is."""
        lines = -(-len(self._data) // self._per_line)
        return QSize(self.theme.px(224), lines * self.theme.px(LINE))

    def minimumSizeHint(self) -> QSize:
        """Return the same: lines are not squeezed."""
        return self.sizeHint()

    # --- gestures ---

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a byte or by a line."""
        line = self._per_line
        steps = {Qt.Key_Left: -1, Qt.Key_Right: 1, Qt.Key_Up: -line, Qt.Key_Down: line}
        step = steps.get(event.key())
        if step is None or not 0 <= self._byte + step < len(self._data):
            super().keyPressEvent(event)
        else:
            self._choose(self._byte + step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the byte under the mouse, in its hex or its character form."""
        byte = self._byte_at(event.pos())
        if byte is not None:
            self._choose(byte)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many bytes in a line as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _choose(self, byte: int) -> None:
        self._byte = byte
        self.chosen.emit(byte)
        self._keep_visible(byte)

    def _keep_visible(self, byte: int) -> None:
        """Scroll whatever we are in, so that a byte chosen by keyboard is to be seen."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            place = self.mapTo(area.widget(), self.place_of(byte))
            area.ensureVisible(place.x(), place.y(), 0, self.theme.px(LINE))

    # --- measures ---

    @property
    def _advance(self) -> float:
        return float(QFontMetricsF(self._font).horizontalAdvance("0"))

    @property
    def _font(self) -> QFont:
        return self.theme.mono("body")

    @property
    def _per_line(self) -> int:
        return 16 if self.width() >= self._width_for(16) else 8

    def _width_for(self, count: int) -> float:
        # 4 digits of offset; a byte is 2 digits and a gap of at least half a digit; then the characters.
        return self._advance * (5 + count * 2.5 + 0.5 + count)

    def _fit(self) -> None:
        self.updateGeometry()
        self.update()

    @property
    def _grid(self) -> Grid:
        """Where bytes stand; between two of them is what is left beside offset and characters, up to 3.2 digits."""
        count, digit = self._per_line, self._advance
        free = (self.width() - digit * (5.5 + count)) / count
        return Grid(digit, count, min(free, digit * 3.2), self.theme.px(LINE))

    def place_of(self, byte: int) -> QPoint:
        """Return where the hex form of a byte is."""
        return self._grid.hex_rect(byte).center().toPoint()

    def _byte_at(self, place: QPoint) -> int | None:
        grid = self._grid
        line = int(place.y() // grid.height)
        for byte in range(line * grid.per_line, min((line + 1) * grid.per_line, len(self._data))):
            if grid.hex_rect(byte).contains(place) or grid.char_rect(byte).contains(place):
                return byte
        return None

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines that need it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setFont(self._font)
        grid = self._grid
        height, count = grid.height, grid.per_line
        first = event.rect().top() // height
        for line in range(first, min(event.rect().bottom() // height + 1, -(-len(self._data) // count))):
            painter.setPen(self.theme.color("muted"))
            place = QRectF(0, line * height, grid.digit * 5, height)
            painter.drawText(place, Qt.AlignVCenter | Qt.AlignLeft, f"{line * count:04x}")
            for byte in range(line * count, min((line + 1) * count, len(self._data))):
                self._paint_byte(painter, byte, grid)

    def _paint_byte(self, painter: QPainter, byte: int, grid: Grid) -> None:
        value, name = self._data[byte], self._field_of(byte)
        hex_rect, char_rect = grid.hex_rect(byte), grid.char_rect(byte)
        ink = self.theme.color(INKS.get(name, "text"))
        if byte in self._range:
            is_byte = byte == self._byte
            ground = self.theme.color(COLORS[name], 255 if is_byte else 70)
            painter.fillRect(hex_rect.adjusted(0, 1, 0, -1), ground)
            painter.fillRect(char_rect.adjusted(0, 1, 0, -1), ground)
            ink = ink_on() if is_byte else self.theme.color("text")
        painter.setPen(ink)
        painter.drawText(hex_rect, Qt.AlignCenter, f"{value:02x}")
        painter.drawText(char_rect, Qt.AlignCenter, chr(value) if 0x20 < value < 0x7F else "·")
        if byte == self._byte and self.hasFocus():
            painter.setPen(self.theme.color("accent"))
            painter.setBrush(Qt.NoBrush)
            painter.drawRect(hex_rect.adjusted(0, 1, -1, -2))

    def _field_of(self, byte: int) -> str:
        place = bisect_right(self._starts, byte) - 1
        return self._names[place] if place >= 0 else "payload_data"
