# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the place of the Stage while a capture is open: the file, how far it is read, what was noticed."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app import events as e
from app.events import CaptureProgress
from app.store import Store
from panels.panel import Panel, set_role
from panels.stage.controls import Notice
from panels.theme import Theme

if TYPE_CHECKING:
    from app.lab import Lab

STEPS = 1000
NOTES_SHOWN = 3


class CaptureHead(Panel):
    """Name, counts, progress, notes; cancel while it is read, close afterwards."""

    id = "capture"
    title = "Capture"
    cancelled = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self.counts, self.state_line, self.notes = QLabel(), QLabel(), QLabel()
        self.counts.setTextFormat(Qt.RichText)
        self.notes.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.px(6))
        self.bar.setAccessibleName("How much of the file is read")
        self.notice = Notice(theme)
        self.cancel = self._link("cancel", "Stop reading; what was read stays", self.cancelled)
        self.close_button = self._link("close", "Back to the live system", self.closed)
        set_role(self.state_line, role="muted")
        set_role(self.notes, role="flight")
        self._lay_out()
        self.reset()

    def _link(self, text: str, tip: str, signal: pyqtSignal) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} the capture")
        set_role(button, kind="text")
        button.clicked.connect(lambda: signal.emit())
        return button

    def _lay_out(self) -> None:
        px = self.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(14), px(18), px(12))
        column.setSpacing(px(8))
        row = QHBoxLayout()
        row.setSpacing(px(10))
        row.addWidget(self.state_line)
        row.addWidget(self.cancel)
        row.addWidget(self.close_button)
        row.addStretch()
        for widget in (self.counts, self.bar):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.notes)
        column.addWidget(self.notice)
        column.addStretch()

    def advance(self, since: int) -> None:
        """Show how far the file is read; say it when it cannot be."""
        for event in self.store.since(since):
            if isinstance(event, e.SourceFailed):
                self.notice.say(event.reason, event.remedy)
        self._show()

    def reset(self) -> None:
        """Show the store's state from scratch."""
        self.notice.hide()
        self.advance(self.store.start)

    def _show(self) -> None:
        progress = self.store.state.capture
        self.bar.setVisible(progress is None or not progress.finished)
        self.cancel.setVisible(progress is not None and not progress.finished)
        if progress is None:
            self.counts.setText("<b>Opening…</b>")
            self.state_line.setText("")
            self.notes.hide()
            return
        self.counts.setText(_counts(progress))
        self.bar.setValue(round(STEPS * progress.done / max(progress.total, 1)))
        self.state_line.setText(state_of(progress, self.store.state.violations))
        shown = progress.notes[:NOTES_SHOWN]
        more = len(progress.notes) - len(shown)
        self.notes.setText("\n".join(f"⚠ {note}" for note in shown) + (f"\n+ {more} more" if more > 0 else ""))
        self.notes.setToolTip("\n".join(progress.notes))
        self.notes.setVisible(bool(shown))


def _counts(progress: CaptureProgress) -> str:
    name = PurePath(progress.path).name.replace("&", "&amp;").replace("<", "&lt;")
    counts = (
        (progress.packets, "packet", "packets"),
        (progress.frames, "frame", "frames"),
        (progress.connections, "connection", "connections"),
    )
    words = (f"{thousands(count)} {one if count == 1 else many}" for count, one, many in counts)
    return f"<b>{name}</b> · " + " · ".join(words)


def state_of(progress: CaptureProgress, violations: int) -> str:
    """Say how far and how fast, and what rules were broken."""
    parts = []
    if progress.finished:
        parts.append(f"read in {progress.seconds:.1f} s")
    else:
        parts.append(f"loading {100 * progress.done // max(progress.total, 1)} %")
    if progress.seconds > 0.5:
        parts.append(f"{thousands(round(progress.packets / progress.seconds))} packets/s")
    parts.append(f"{violations or 'no'} violation{'' if violations == 1 else 's'}")
    return " · ".join(parts)


def thousands(number: int) -> str:
    """Return a number with thin groups of three digits."""
    return f"{number:,}".replace(",", " ")
