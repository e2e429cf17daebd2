# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: panels in their places, one pump for the live system and one for an open capture."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt5.QtWidgets import QApplication, QDockWidget, QMainWindow, QSplitter, QStackedWidget, QWidget

from app.lab import Lab
from app.session import SUFFIX
from app.store import Store
from panels import garbage, memory
from panels.bench import Bench
from panels.capture_head import CaptureHead
from panels.capture_view import CaptureView
from panels.code import CodePanel
from panels.follow import Follow
from panels.guide import Guide
from panels.hands import Hands
from panels.inspector import InspectorPanel
from panels.journal import JournalPanel
from panels.ladder import LadderPanel
from panels.lesson import LessonPanel
from panels.metrics import MetricsPanel
from panels.numbers import thousands
from panels.packets_out import PacketsOut
from panels.panel import Panel
from panels.present import Presenter
from panels.proportions import Proportions
from panels.pump import Pump
from panels.redis_keys import RedisPanel
from panels.routing import RoutingPanel
from panels.session_view import REFUSED, SessionView
from panels.stage import StagePanel
from panels.stage.held import waiting_in_redis
from panels.theme import Theme
from panels.timeline import TimelinePanel
from panels.transport import TransportBar
from panels.travel import Travel
from panels.turns import Turns
from panels.wire import WirePanel
from panels.workers import WorkersPanel

BUDGET = 0.006  # seconds of a tick for what is new of the live system
SIZE = (1440, 900)


class Window(QMainWindow):
    """Everything on one screen; what is selected anywhere is selected everywhere."""

    def __init__(self, lab: Lab, theme: Theme, remembers: bool = True) -> None:
        super().__init__()
        garbage.put_off()
        garbage.give_back_regularly(self)
        self.lab = lab
        self.theme = theme
        self.live = Pump(lab.inbox, Store(index=lab.index), self, seconds=BUDGET)
        self._remembers = remembers
        self._stale: set[Panel] = set()
        self.setWindowTitle("Channelscope")
        self.setAcceptDrops(True)
        self._build()
        self._wire_up()
        self.resize(*SIZE)
        self._first_state = self.saveState(memory.LAYOUT_VERSION)
        if remembers:
            memory.recall(self)
        self.live.start()
        self._clock.start()

    # --- building ---

    def _build(self) -> None:
        hands = cast("Lab", Hands(self.lab, self._refusal, lambda: self.travel.to_live()))
        place = (self.live.store, hands, self.theme)
        self.transport = TransportBar(self.live.store, self.lab, self.theme)
        self.stage, self.wire, self.redis = StagePanel(*place), WirePanel(*place), RedisPanel(*place)
        self.workers, self.inspector = WorkersPanel(*place), InspectorPanel(*place)
        self.timeline, self.lesson = TimelinePanel(*place), LessonPanel(self.live.store, self.lab, self.theme)
        self.capture_head, self.ladder = CaptureHead(*place), LadderPanel(*place)
        self.metrics, self.journal = MetricsPanel(*place), JournalPanel(*place)
        self.routing, self.code = RoutingPanel(*place), CodePanel(*place)
        self.panels: tuple[Panel, ...] = (
            self.transport, self.stage, self.capture_head, self.wire, self.ladder, self.redis, self.workers,
            self.metrics, self.journal, self.routing, self.code, self.inspector, self.timeline, self.lesson,
        )  # fmt: skip
        self.of_capture: tuple[Panel, ...] = (
            self.capture_head, self.wire, self.ladder, self.inspector, self.timeline,
        )  # fmt: skip
        tables = (self.wire, self.ladder, self.redis, self.workers, self.metrics, self.journal, self.routing, self.code)
        others = tuple(panel for panel in self.panels if panel not in (self.stage, *tables))
        self._clock = Turns(((self.stage,), tables, others), self)
        self.of_session = tuple(
            panel for panel in self.panels if panel not in (self.transport, self.lesson, self.capture_head)
        )
        self.setMenuWidget(self.transport)
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
        self.live.advanced.connect(self._clock.keep_apart)
        self._clock.came.connect(self._tick)
        self.transport.open_capture_requested.connect(lambda path: self.open_capture(Path(path)))
        self.transport.back_to_live.connect(self.back_to_live)
        self.transport.theme_toggled.connect(self.toggle_theme)
        self.capture_head.closed.connect(self.close_capture)
        self.capture_head.checked.connect(self.wire.look_again)
        self.capture_head.checked.connect(self.ladder.view.grow)
        self.capture_head.height_changed.connect(self.proportions.share_height)
        for panel in (self.stage, self.inspector):
            panel.command_wanted.connect(lambda: self.bench.bring_up(self.redis))
            panel.command_wanted.connect(self.redis.console.enter)
        self.routing.consumer_wanted.connect(lambda _: self.bench.bring_up(self.code))
        self.routing.consumer_wanted.connect(self.code.show_consumer)
        self.capture = CaptureView(self)
        self.guide, self.follow, self.presenter = Guide(self), Follow(self), Presenter(self)
        self.travel = Travel(self.live.store, self)
        self.session, self.packets = SessionView(self), PacketsOut(self)
        self.travel.moved.connect(self._show_moment)
        self.travel.pushed.connect(self._say_pushed)
        self.travel.advanced.connect(self._show_progress)
        self.transport.use(self.travel)
        self.timeline.asked.connect(self.travel.go_to_time)
        self.metrics.journal_requested.connect(lambda _: self.bench.bring_up(self.journal))
        self.metrics.journal_requested.connect(self.journal.show_filter)
        self.transport.set_view_menu(tuple(self.docks.values()), self.reset_layout)

    # --- news ---

    def _advance(self, since: int) -> None:
        """Pass on what is new; a hidden panel is not advanced but reset when it is shown."""
        self.advance_panels((self.transport, self.lesson), since)
        if not self.capture.is_open and not self.session.is_open:
            self.show_news(since)

    def show_news(self, since: int) -> None:
        """Pass on what is new in the session shown; in the past only the Timeline has news."""
        store = self.travel.store
        self.travel.keep_up()
        self.timeline.advance(since)
        rest = tuple(panel for panel in self.of_session if panel is not self.timeline)
        self.advance_panels(rest, since if store.is_live else store.playhead)

    def _show_progress(self, since: int) -> None:
        """Pass on what happened while the past is played."""
        self.advance_panels(tuple(panel for panel in self.of_session if panel is not self.timeline), since)
        self.show_live()
        self.timeline.update()

    def show_live(self) -> None:
        """Say in the bar at the top what is shown: the live system or a file, and which moment of it."""
        self.transport.set_moment(self.travel.now if self.travel.is_past else None, self.session.name)

    def _say_pushed(self) -> None:
        kept = thousands(self.travel.store.most)
        text = f"The moment you looked at is no longer kept: only the newest {kept} events are."
        self.transport.notice.say(text, "This is the oldest moment left.", level="flight")

    def _refusal(self) -> str:
        return REFUSED if self.session.is_open else ""

    def _show_moment(self) -> None:
        """Show the moment that the playhead is at."""
        self.show_live()
        self._stale.update({*self.panels} - {self.timeline, self.lesson, self.transport})
        self.timeline.update()
        self._tick()

    def advance_panels(self, panels: tuple[Panel, ...], since: int) -> None:
        """Pass on what is new to some panels."""
        for panel in panels:
            if not panel.isVisible() and panel is not self.lesson:
                self._stale.add(panel)
            elif panel in self._stale:
                self._stale.discard(panel)
                panel.reset()
            else:
                panel.advance(since)

    def _tick(self, panels: tuple[Panel, ...] = ()) -> None:
        """Let some panels look at the clock, or all."""
        panels, now = panels or self.panels, time.time() if self.capture.is_open else self.travel.now
        for panel in filter(QWidget.isVisible, panels):
            if panel in self._stale:
                self._stale.discard(panel)
                panel.reset()
            panel.tick(now if panel is not self.timeline else time.time())
        if self.redis in panels:
            self.bench.set_count(self.redis, waiting_in_redis(self.travel.store.state))
        if not self.capture.is_reading:
            garbage.take_up()

    def back_to_live(self) -> None:
        """Close the file, or leave the past."""
        if self.capture.is_open:
            self.close_capture()
        elif self.session.is_open:
            self.session.close()
        else:
            self.travel.to_live()

    # --- captures ---

    def open_capture(self, path: Path, told: Mapping[int, bool] | None = None) -> bool:
        """Show a capture, or a session file, in the place of the live system; returns whether it is open."""
        if path.suffix == SUFFIX:
            return self.session.open(path)
        self.session.close()
        return self.capture.open(path, told)

    def close_capture(self) -> None:
        """Back to the live system."""
        self.capture.close()

    def show_docks(self, **shown: bool) -> None:
        """Show or hide docks by their names."""
        for name, is_shown in shown.items():
            self.docks[name].setVisible(is_shown)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls()[:1]:
            self.open_capture(Path(url.toLocalFile()))

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
        self.restoreState(self._first_state, memory.LAYOUT_VERSION)
        self.proportions.forget()
        self.proportions.share()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)
        self.proportions.share()

    # --- life ---

    def showEvent(self, event: object) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self.proportions.share)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.presenter.leave()
        self.close_capture()
        self.session.close()
        self.packets.close()
        self._clock.stop()
        self.live.stop()
        if self._remembers:
            memory.remember(self)
        super().closeEvent(event)
