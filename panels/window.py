# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: panels in their places, one pump for the live system and one for an open capture."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QSettings, Qt, QTimer
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import QApplication, QDockWidget, QMainWindow, QSplitter, QStackedWidget, QWidget

from app.events import VerbFailed
from app.lab import Lab
from app.store import Store
from panels import garbage
from panels.bench import Bench
from panels.capture_head import CaptureHead
from panels.guide import Guide
from panels.inspector import InspectorPanel
from panels.journal import JournalPanel
from panels.ladder import LadderPanel
from panels.lesson import LessonPanel
from panels.metrics import MetricsPanel
from panels.panel import Panel
from panels.proportions import Proportions
from panels.pump import Pump
from panels.redis_keys import RedisPanel
from panels.stage import StagePanel
from panels.theme import Theme
from panels.timeline import TimelinePanel
from panels.transport import TransportBar
from panels.wire import WirePanel
from panels.workers import WorkersPanel

if TYPE_CHECKING:
    from app.sources.pcap import CaptureSource

AT_ONCE = 800  # events of a capture in a tick, 3 ms of work: it brings more at once than there is time for
SWITCH = 0.001  # seconds that another thread may go on with Python while the window's waits
TICK = 100  # milliseconds between two looks at the clock: rings, bars and rates
SIZE = (1440, 900)
LAYOUT_VERSION = 1


class Window(QMainWindow):
    """Everything on one screen; what is selected anywhere is selected everywhere."""

    def __init__(self, lab: Lab, theme: Theme, remembers: bool = True) -> None:
        super().__init__()
        garbage.put_off()
        self.lab = lab
        self.theme = theme
        self.live = Pump(lab.inbox, Store(index=lab.index), self)
        self._capture: tuple[CaptureSource, Pump] | None = None
        self._remembers = remembers
        self._stale: set[Panel] = set()
        self.setWindowTitle("Channelscope")
        self.setAcceptDrops(True)
        self._build()
        self._wire_up()
        self.resize(*SIZE)
        self._first_state = self.saveState(LAYOUT_VERSION)
        if remembers:
            self._recall()
        self.live.start()
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._clock.start(TICK)
        sys.setswitchinterval(SWITCH)

    # --- building ---

    def _build(self) -> None:
        place = (self.live.store, self.lab, self.theme)
        self.transport = TransportBar(*place)
        self.stage, self.wire, self.redis = StagePanel(*place), WirePanel(*place), RedisPanel(*place)
        self.workers, self.inspector = WorkersPanel(*place), InspectorPanel(*place)
        self.timeline, self.lesson = TimelinePanel(*place), LessonPanel(*place)
        self.capture_head, self.ladder = CaptureHead(*place), LadderPanel(*place)
        self.metrics, self.journal = MetricsPanel(*place), JournalPanel(*place)
        self.panels: tuple[Panel, ...] = (
            self.transport, self.stage, self.capture_head, self.wire, self.ladder, self.redis, self.workers,
            self.metrics, self.journal, self.inspector, self.timeline, self.lesson,
        )  # fmt: skip
        self._of_capture: tuple[Panel, ...] = (
            self.capture_head, self.wire, self.ladder, self.inspector, self.timeline,
        )  # fmt: skip
        self.setMenuWidget(self.transport)
        tables = (self.wire, self.ladder, self.redis, self.workers, self.metrics, self.journal)
        self.bench = Bench(self.theme, tables, self.wire.filter_line)
        self.top = QStackedWidget()
        self.top.addWidget(self.stage)
        self.top.addWidget(self.capture_head)
        self.centre = QSplitter(Qt.Vertical)
        self.centre.setHandleWidth(1)
        self.centre.addWidget(self.top)
        self.centre.addWidget(self.bench)
        self.centre.setStretchFactor(1, 1)
        self.centre.setCollapsible(0, False)
        self.setCentralWidget(self.centre)
        self.docks = {
            "lesson": self._dock(self.lesson, Qt.LeftDockWidgetArea),
            "inspector": self._dock(self.inspector, Qt.RightDockWidgetArea),
            "timeline": self._dock(self.timeline, Qt.BottomDockWidgetArea),
        }
        self.proportions = Proportions(self, self.centre, self.docks, self.theme)
        self.setCorner(Qt.BottomLeftCorner, Qt.BottomDockWidgetArea)
        self.setCorner(Qt.BottomRightCorner, Qt.BottomDockWidgetArea)

    def _dock(self, panel: Panel, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(panel.id)
        dock.setTitleBarWidget(QWidget())  # calm: no title bars; View moves and floats them
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        return dock

    def _wire_up(self) -> None:
        self.live.advanced.connect(self._advance)
        self.transport.open_capture_requested.connect(lambda path: self.open_capture(Path(path)))
        self.transport.back_to_live.connect(self.close_capture)
        self.transport.theme_toggled.connect(self.toggle_theme)
        self.capture_head.closed.connect(self.close_capture)
        self.capture_head.cancelled.connect(self._cancel_capture)
        self.capture_head.checked.connect(self.wire.look_again)
        self.capture_head.checked.connect(self.ladder.view.grow)
        self.capture_head.height_changed.connect(self.proportions.share_height)
        self.capture_head.streams.told.connect(self._tell_streams)
        for panel in (self.stage, self.inspector):
            panel.command_wanted.connect(lambda: self.bench.bring_up(self.redis))
            panel.command_wanted.connect(self.redis.console.enter)
        self.guide = Guide(self)
        self.metrics.journal_requested.connect(self._show_in_journal)
        self.transport.set_view_menu(tuple(self.docks.values()), self.reset_layout)

    # --- news ---

    def _advance(self, since: int) -> None:
        """Pass on what is new; a hidden panel is not advanced but reset when it is shown."""
        self._advance_panels(self.panels if self._capture is None else (self.transport, self.lesson), since)

    def _advance_capture(self, since: int) -> None:
        self._advance_panels(self._of_capture, since)
        self.lesson.look(self.wire.store.since(since))

    def _advance_panels(self, panels: tuple[Panel, ...], since: int) -> None:
        for panel in panels:
            if not panel.isVisible() and panel is not self.lesson:
                self._stale.add(panel)
            elif panel in self._stale:
                self._stale.discard(panel)
                panel.reset()
            else:
                panel.advance(since)

    def _tick(self) -> None:
        now = time.time()
        for panel in self.panels:
            if not panel.isVisible():
                continue
            if panel in self._stale:
                self._stale.discard(panel)
                panel.reset()
            panel.tick(now)
        if self._capture is None or not self._capture[0].is_reading:
            garbage.take_up()
        waiting = sum(len(channel.waiting) for channel in self.live.store.state.channels.values())
        self.bench.set_count(self.redis, waiting)

    # --- captures ---

    def open_capture(self, path: Path, told: Mapping[int, bool] | None = None) -> bool:
        """Show a capture in the place of the live system; a file that is none is said in a notice.

        Args:
            path: the file.
            told: streams that the user says are WebSocket traffic (True) or are not (False).

        Returns:
            Whether it is open.
        """
        from app.capture.errors import CaptureError  # not before the first capture: the window is to be there soon
        from app.sources.pcap import CaptureSource

        try:
            source = CaptureSource(path, told)
        except CaptureError as error:
            self.lab.inbox.put(VerbFailed(t=time.time(), source="window", verb="open_capture", reason=str(error)))
            return False
        self.close_capture()
        pump = Pump(source.inbox, Store(index=source.index), self, AT_ONCE)
        self._capture = (source, pump)
        self.capture_head.streams.said = told or {}
        pump.advanced.connect(self._advance_capture)
        for panel in self._of_capture:
            panel.set_store(pump.store, source.inbox, source.reader)
        self.top.setCurrentWidget(self.capture_head)
        self.bench.show_only(self.wire, self.ladder)
        self.transport.set_capture(path.name)
        self.transport.recent.remember(path)
        self._show_docks(lesson=self.lesson.is_started, timeline=False)
        self.proportions.head_height = self.capture_head.wanted_height
        self.proportions.share_height()
        garbage.put_off()
        source.start()
        pump.start()
        return True

    def close_capture(self) -> None:
        """Back to the live system."""
        if self._capture is None:
            return
        (source, pump), self._capture = self._capture, None
        pump.stop()
        pump.deleteLater()  # or the window would keep it, and with it all events of the capture
        for panel in self._of_capture:
            panel.set_store(self.live.store, self.lab.inbox)
        source.close()
        self.top.setCurrentWidget(self.stage)
        self.bench.show_only()
        self.transport.set_capture("")
        self._show_docks(lesson=True, timeline=True)
        self.proportions.head_height = None
        self.proportions.share_height()

    def _tell_streams(self, told: dict[int, bool]) -> None:
        """Read the capture again, with what the user says its streams are."""
        if self._capture is not None:
            self.open_capture(self._capture[0].path, told)

    def _cancel_capture(self) -> None:
        if self._capture is not None:
            self._capture[0].cancel()

    def _show_docks(self, **shown: bool) -> None:
        for name, is_shown in shown.items():
            self.docks[name].setVisible(is_shown)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls()[:1]:
            self.open_capture(Path(url.toLocalFile()))

    def _show_in_journal(self, text: str) -> None:
        self.bench.bring_up(self.journal)
        self.journal.show_filter(text)

    def toggle_theme(self) -> None:
        """Dark to light and back."""
        self.set_theme("light" if self.theme.palette.name == "dark" else "dark")

    def set_theme(self, name: str) -> None:
        """Put on a theme: "dark" or "light"."""
        self.theme.use(name)
        self.theme.apply(QApplication.instance())
        for panel in self.panels:
            panel.restyle()
        self.bench.restyle()

    def reset_layout(self) -> None:
        """Every panel back to its first place."""
        self.restoreState(self._first_state, LAYOUT_VERSION)
        self.proportions.forget()
        self.proportions.share()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self.proportions.share()

    # --- life ---

    def _recall(self) -> None:
        settings = QSettings("channelscope", "channelscope")
        self.transport.recent.use(settings)
        self.lesson.remember(settings)
        self.redis.console.line.history.use(settings)
        if geometry := settings.value("geometry"):
            self.restoreGeometry(geometry)
        if state := settings.value("state"):
            self.restoreState(state, LAYOUT_VERSION)
            self.proportions.keep()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self.proportions.share)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_capture()
        self._clock.stop()
        self.live.stop()
        if self._remembers:
            settings = QSettings("channelscope", "channelscope")
            settings.setValue("geometry", self.saveGeometry())
            settings.setValue("state", self.saveState(LAYOUT_VERSION))
        super().closeEvent(event)
