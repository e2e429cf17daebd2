# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the place of the Stage while a capture is open: the file, how far it is read, what was noticed."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app import events as e
from app.events import CaptureProgress
from app.store import Store
from app.wire.rules import RULES
from panels.numbers import thousands
from panels.panel import Panel, set_role
from panels.stage.controls import Notice
from panels.stream_choice import StreamChoice
from panels.theme import Theme
from panels.times import span

if TYPE_CHECKING:
    from app.capture.reader import CaptureReader
    from app.inbox import Inbox
    from app.lab import Lab
    from panels.checking import Checking

STEPS = 1000
PERIOD = 0.25  # seconds between two looks at how far the file is read
NOTES_SHOWN = 3


class CaptureHead(Panel):
    """Name, counts, progress, notes; cancel while it is read, then check the whole file, or close it."""

    id = "capture"
    title = "Capture"
    cancelled = pyqtSignal()
    closed = pyqtSignal()
    checked = pyqtSignal()  # every payload was looked into: frames may break more rules than before
    height_changed = pyqtSignal()

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self.counts, self.state_line, self.rules, self.notes = QLabel(), QLabel(), QLabel(), QLabel()
        self.counts.setTextFormat(Qt.RichText)
        self.rules.setWordWrap(True)
        self.notes.setWordWrap(True)
        self._checking: Checking | None = None
        self._result = ""  # of the check of the whole file
        self._handshake_rules: Counter[str] = Counter()
        self._counted: CaptureProgress | None = None  # the news after which broken rules were counted
        self._height = 0
        self._has_news = False  # that waits for a tick
        self._shown = 0.0  # when it was last shown while the file is read
        self.bar = QProgressBar()
        self.bar.setRange(0, STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(theme.px(6))
        self.bar.setAccessibleName("How much of the file is read")
        self.notice = Notice(theme)
        self.cancel = self._link("cancel", "Go no further; what was found stays")
        self.cancel.clicked.connect(self._cancel)
        self.check = self._link("check the whole file", "Look into every payload for rules broken only there: UTF-8")
        self.check.clicked.connect(self._begin_check)
        self.streams = StreamChoice()
        self.close_button = self._link("close", "Back to the live system", self.closed)
        set_role(self.state_line, role="muted")
        set_role(self.notes, role="flight")
        self._lay_out()
        self.reset()

    def _link(self, text: str, tip: str, signal: pyqtSignal | None = None) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(text if signal is None else f"{text} the capture")
        set_role(button, kind="text")
        if signal is not None:
            button.clicked.connect(lambda: signal.emit())
        return button

    def _lay_out(self) -> None:
        px = self.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(14), px(18), px(12))
        column.setSpacing(px(8))
        row = QHBoxLayout()
        row.setSpacing(px(6))
        for widget in (self.state_line, self.cancel, self.check, self.streams, self.close_button):
            row.addWidget(widget)
        row.addStretch()
        for widget in (self.counts, self.bar):
            column.addWidget(widget)
        column.addLayout(row)
        for widget in (self.rules, self.notes, self.notice):
            column.addWidget(widget)
        column.addStretch()

    def advance(self, since: int) -> None:
        """Show how far the file is read; say it when it cannot be."""
        for event in self.store.since(since):
            if isinstance(event, e.SourceFailed):
                self.notice.say(event.reason, event.remedy)
            elif isinstance(event, e.HandshakeSeen):
                self._handshake_rules.update(event.violations)
        progress = self.store.state.capture
        self._has_news = progress is not None and not progress.finished
        if not self._has_news:
            self._show()

    def tick(self, now: float) -> None:
        """Show how far the file is read: not each time it is told, laying out costs more than telling."""
        if self._has_news and now - self._shown >= PERIOD:
            self._has_news, self._shown = False, now
            self._show()

    def reset(self) -> None:
        """Show the store's state from scratch."""
        self.notice.hide()
        self._handshake_rules.clear()
        self.advance(self.store.start)

    def set_store(self, store: Store, inbox: Inbox, reader: CaptureReader | None = None) -> None:
        """Read another capture; the check of the last one ends before its file is given back."""
        if self._checking is not None:
            self._checking.stop()
        self._checking, self._counted, self._result = None, None, ""
        super().set_store(store, inbox, reader)

    def _show(self) -> None:
        progress = self.store.state.capture
        is_read = progress is not None and progress.finished
        self.bar.setVisible(not is_read or self._checking is not None)
        self.cancel.setVisible(progress is not None and (not is_read or self._checking is not None))
        self.check.setVisible(is_read and self._checking is None and self.reader is not None)
        self.streams.setVisible(is_read and self.reader is not None)
        if progress is None:
            self.counts.setText("<b>Opening…</b>")
            self.state_line.setText("")
            self.notes.hide()
            self.rules.hide()
            return
        self.counts.setText(_counts(progress))
        if self._checking is None:
            self.bar.setValue(round(STEPS * progress.done / max(progress.total, 1)))
            self._show_rules(progress)
        self._show_notes(progress)
        self.streams.show_stream(self._selected_connection())
        self._tell_height()

    def _selected_connection(self) -> str:
        selected, index = self.store.state.selected, self.store.index
        if selected and selected.kind == "frame" and selected.item.isdecimal():
            frame = index.find(int(selected.item))
            return frame.connection if frame else ""
        return selected.item if selected and selected.kind == "connection" else ""

    def _show_rules(self, progress: CaptureProgress) -> None:
        """Say how many rules are broken, and when the file is read, which."""
        if progress is self._counted:
            return
        violations, text = self.store.state.violations, ""
        if progress.finished:
            self._counted = progress
            counts = Counter(self.store.index.broken_rules()) + self._handshake_rules
            violations = counts.total() or violations
            text = " · ".join(f"{rule}\u00a0×\u00a0{thousands(count)}" for rule, count in sorted(counts.items()))
            titles = (f"{rule} {RULES[rule].title}" for rule in sorted(counts) if rule in RULES)
            self.rules.setToolTip("\n".join(titles))
        self.rules.setText(f"broken rules: {text}" if text else "")
        self.rules.setVisible(bool(text))
        self.state_line.setText(state_of(progress, violations) + self._result)

    def _show_notes(self, progress: CaptureProgress) -> None:
        notes = [*filter(None, (self.streams.words(),)), *progress.notes]
        shown = notes[:NOTES_SHOWN]
        more = len(notes) - len(shown)
        self.notes.setText("\n".join(f"⚠ {note}" for note in shown) + (f"\n+ {more} more" if more > 0 else ""))
        self.notes.setToolTip("\n".join(notes))
        self.notes.setVisible(bool(shown))

    # --- what is asked of it ---

    def _begin_check(self) -> None:
        from panels.checking import Checking  # with a capture, not before: it brings the capture reader along

        assert self.reader is not None
        self._checking = Checking(self.reader, self)
        self._checking.progressed.connect(self._show_check)
        self._checking.finished.connect(self._end_check)
        self._checking.start()
        self._show()

    def _show_check(self, done: int, total: int) -> None:
        self.bar.setValue(round(STEPS * done / max(total, 1)))
        self.state_line.setText(f"checking {thousands(done)} of {thousands(total)} frames")

    def _end_check(self, found: int) -> None:
        was_cancelled = self._checking is not None and not self._checking.is_wanted
        more = f"{thousands(found) if found else 'no'} more frame{'' if found == 1 else 's'} found"
        self._result = f" · check cancelled, {more}" if was_cancelled else f" · whole file checked, {more}"
        self._checking = self._counted = None
        self._show()
        self.checked.emit()

    def _cancel(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        else:
            self.cancelled.emit()

    # --- its height ---

    def wanted_height(self) -> int:
        """Return the height that all of it needs at this width."""
        return max(self.layout().heightForWidth(self.width()), self.layout().minimumSize().height())

    def _tell_height(self) -> None:
        if (height := self.wanted_height()) != self._height:
            self._height = height
            self.height_changed.emit()


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
        parts.append(f"read in {span(progress.seconds)}")
    else:
        parts.append(f"loading {100 * progress.done // max(progress.total, 1)} %")
    if progress.seconds > 0.5:
        parts.append(f"{thousands(round(progress.packets / progress.seconds))} packets/s")
    parts.append(f"{violations or 'no'} violation{'' if violations == 1 else 's'}")
    return " · ".join(parts)
