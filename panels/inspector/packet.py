# SPDX-License-Identifier: GPL-3.0-or-later
"""The packets that carried a frame of a capture, layer by layer; taken apart by scapy only when somebody opens this."""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QPushButton, QWidget

from panels.inspector.parts import column, rich
from panels.panel import set_role
from panels.theme import Theme
from panels.times import clock

if TYPE_CHECKING:
    from app.capture.dissect import Layer
    from app.capture.reader import CaptureReader
    from app.capture.records import Packet

MOST = 4  # packets shown: a long frame may lie in hundreds
LONGEST = 160  # characters of a field's value
EMPTY = ("", "[]", "b''", "None")

Dissected = Sequence[tuple["Packet", "tuple[Layer, ...]"]]


class PacketSection(QWidget):
    """A title to click; below it, when open, the packets."""

    _done = pyqtSignal(int, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._reader: CaptureReader | None = None
        self._row = -1
        self._shown = -1  # the row whose packets are shown
        self._thread: threading.Thread | None = None
        self.title = QPushButton()
        self.title.setCheckable(True)
        self.title.setToolTip("The packets that carried this frame, layer by layer")
        set_role(self.title, kind="text")
        self.text = rich()
        body = column(self, spacing=4)
        body.addWidget(self.title, 0, Qt.AlignLeft)
        body.addWidget(self.text)
        self.title.toggled.connect(self._show)
        self._done.connect(self._take)
        self._show()

    def show_row(self, reader: CaptureReader | None, row: int) -> None:
        """Show the packets of another frame; outside of a capture (`reader` is None) there are none to show."""
        self._reader, self._row, self._shown = reader, row, -1
        self.setVisible(reader is not None and row >= 0)
        self._show()

    def _show(self) -> None:
        is_open = self.title.isChecked()
        self.title.setText("▾ Packet" if is_open else "▸ Packet")
        self.text.setVisible(is_open)
        if is_open and self._reader is not None and self._row >= 0 and self._shown != self._row:
            self.text.setText("…")
            self._begin()

    def _begin(self) -> None:
        """Take the packets apart on a thread: importing scapy takes most of a second. One thread at a time."""
        if self._thread is None and self._reader is not None:
            work = (self._reader, self._row)
            self._thread = threading.Thread(target=self._work, args=work, name="dissect", daemon=True)
            self._thread.start()

    def _work(self, reader: CaptureReader, row: int) -> None:
        from app.capture.dissect import dissect

        try:
            packets = reader.packets_of(row)
            shown = [(packet, dissect(packet.data, packet.link)) for packet in packets[:MOST]]
            text = self._html(shown, len(packets))
        except (ValueError, OSError):  # the file was closed meanwhile
            text = ""
        self._done.emit(row, text)

    def _take(self, row: int, text: str) -> None:
        self._thread = None
        if row == self._row:
            self._shown = row
            self.text.setText(text)
        else:
            self._show()

    def _html(self, packets: Dissected, count: int) -> str:
        parts = []
        for packet, layers in packets:
            comment = f" · {html.escape(packet.comment)}" if packet.comment else ""
            parts.append(f"<p>packet {packet.number} · {clock(packet.time)} · {len(packet.data)} bytes{comment}</p>")
            parts += [self._layer(layer) for layer in layers]
        if count > len(packets):
            parts.append(f"<p>and {count - len(packets)} more packets</p>")
        return "".join(parts) or "<p>Its packet is not in the file.</p>"

    def _layer(self, layer: Layer) -> str:
        muted, mono = self.theme.palette.muted, self.theme.mono("small").family()
        rows = "".join(
            f'<tr><td style="color:{muted}; padding-right:12px">{html.escape(field.name)}</td>'
            f"<td style=\"font-family:'{mono}'\">{html.escape(_short(field.text))}</td></tr>"
            for field in layer.fields
            if field.text not in EMPTY
        )
        size = f'<span style="color:{muted}"> · {layer.length} bytes</span>'
        return f'<p style="margin:6px 0 0 0"><b>{html.escape(layer.name)}</b>{size}</p><table>{rows}</table>'


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
