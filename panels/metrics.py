# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics: what goes through each channel, how many wait, how long each hop takes, and what became of all messages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.events import BotsCounted, Event
from app.metrics import HOPS, KEPT, Series
from app.picked import Picked
from app.store import Store
from app.summing import Summing
from panels.fates import Ledger, filter_of
from panels.herds import TITLES, Herds, Runs
from panels.inspector.parts import column
from panels.panel import Panel, set_role
from panels.plot_line import Line
from panels.theme import Theme
from panels.times import span

if TYPE_CHECKING:
    from app.lab import Lab
    from panels.plot import Plot

SPANS = {"60 s": (60, 1), "10 min": (600, 5), "session": (0, 0)}  # seconds shown, seconds of an interval
POINTS = 150  # intervals that a whole session is divided into
QUEUES = 3  # lines in a plot
PLOTS = (
    ("Messages a second", "Taken from each queue; the busiest"),
    ("Waiting", "Most at once in each queue; where most wait now, or did in this time"),
    (
        "Time of each hop: p50, thin p99",
        "Half of the messages took less than the thick line, 99 of 100 less than the thin one",
    ),
)
DRAW = 0.5  # seconds between two drawings
LATE = 2 * DRAW  # seconds after which all plots are drawn at once, not one with each tick
AT_ONCE = 1_000  # events summed up at once: after a time out of sight there may be more, and the window must go on


class MetricsPanel(Panel):
    """Three plots over the same span of time, and the ledger under them."""

    id = "metrics"
    title = "Metrics"
    journal_requested = pyqtSignal(str)  # a filter

    def __init__(self, store: Store, lab: Lab, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(store, lab, theme, parent)
        self._summing, self.herds, self.runs = Summing(store), Herds(), Runs()
        self._counts = Picked(frozenset((BotsCounted,)))
        self._ahead = QTimer(self)  # in the past: what is to come is summed up by and by, for the next seek
        self._ahead.setInterval(0)
        self._ahead.timeout.connect(self._go_ahead)
        self.metrics = self._summing.metrics
        self.bots = QPushButton("bots")
        self.spans = QButtonGroup(self)
        self.ledger = Ledger(theme)
        self.plots: tuple[Plot, ...] = ()  # made when they are first seen
        self._now, self._drawn = time.time(), 0.0
        self._due: list[int] = []  # plots that are drawn with the next ticks
        self.setAttribute(Qt.WA_StyledBackground)
        set_role(self, surface="panel")
        self._lay_out()
        self.ledger.chosen.connect(lambda fate: self.journal_requested.emit(filter_of(fate)))
        self.spans.buttonClicked.connect(lambda _: self._draw())
        self.reset()

    def _lay_out(self) -> None:
        px = self.theme.px
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        buttons = QVBoxLayout()
        buttons.setContentsMargins(px(10), px(8), px(4), px(8))
        for name in SPANS:
            button = QPushButton(name)
            button.setCheckable(True)
            button.setChecked(name == "60 s")
            button.setToolTip("The whole session" if name == "session" else f"The last {name}")
            set_role(button, kind="segment")
            self.spans.addButton(button)
            buttons.addWidget(button)
        self.bots.setCheckable(True)
        self.bots.setToolTip("What bots cost, while they run and run by run")
        self.bots.toggled.connect(self._choose)
        set_role(self.bots, kind="segment")
        buttons.addSpacing(px(8))
        buttons.addWidget(self.bots)
        buttons.addStretch(1)
        self._row.addLayout(buttons)
        body = column(self, spacing=0)
        body.addLayout(self._row, 1)
        body.addWidget(self.runs)
        self.runs.hide()
        body.addWidget(self.ledger)

    def showEvent(self, event: QShowEvent) -> None:
        """Make the plots, which need pyqtgraph, when they are first seen."""
        super().showEvent(event)
        if not self.plots:
            from panels.plot import Plot, TimePlot

            looks = (Plot, Plot, TimePlot)
            self.plots = tuple(make(*words, self.theme) for make, words in zip(looks, PLOTS, strict=True))
            for plot in self.plots:
                self._row.addWidget(plot, 1)
        self._choose(self.bots.isChecked())

    def _choose(self, is_bots: bool) -> None:
        """Show bots in the plots, or the channels."""
        titles = TITLES if is_bots else [title for title, _ in PLOTS]
        for plot, title in zip(self.plots, titles, strict=False):
            plot.title.setText(title)
            plot.setAccessibleName(title)
        self.runs.setVisible(is_bots)
        self._draw()

    # --- news ---

    def advance(self, since: int) -> None:
        """Sum up new events; of the past, all that led to it."""
        self._sum_up(self.store.since(since))
        if not self.is_crowd(since):  # or the next tick shows it
            self._show_sums()

    def _sum_up(self, events: list[Event]) -> None:
        self.metrics = self._summing.follow(AT_ONCE if self.store.is_live else None)
        for event in events:
            if type(event) is BotsCounted:
                self.herds.add(event)

    def _show_sums(self) -> None:
        self.runs.show_runs(self.store.state.herds)
        self.ledger.show_state(self.store.state)

    def reset(self) -> None:
        """Sum up as far as the playhead, wherever it came from."""
        if self._summing.store is not self.store:
            self._summing = Summing(self.store)
        self.herds = Herds()
        self._sum_up(self._counts.since(self.store, self.store.start))
        self._show_sums()
        self._now = self.store.now  # or the plots would end at the moment shown before
        self._draw()
        if not self.store.is_live:
            self._ahead.start()

    def _go_ahead(self) -> None:
        if self.store.is_live or not self.isVisible() or not self._summing.go_ahead():
            self._ahead.stop()

    def tick(self, now: float) -> None:
        """Draw the plots anew, a few times a second, and where time stands still, as of just then."""
        stands, self._now = now == self._now != self._drawn, now
        self._show_sums()
        age = abs(now - self._drawn)
        if stands or age >= LATE:
            self._draw()
        elif age >= DRAW:
            self._drawn, self._due = now, list(range(len(self.plots)))
        if self._due:
            self._draw_plot(self._due.pop(0))
        elif self._summing.is_behind:
            self.metrics = self._summing.follow(AT_ONCE)

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        for plot in self.plots:
            plot.restyle()
        self._draw()

    # --- drawing ---

    def _draw(self) -> None:
        self._due = []
        if self.plots:
            self._drawn = self._now
        for number in range(len(self.plots)):
            self._draw_plot(number)

    def _draw_plot(self, number: int) -> None:
        end = self._now
        length, width = SPANS[self.spans.checkedButton().text()]
        if not length:
            length = min(max(int(end - (self.metrics.start or end)), 30), KEPT)
            width = max(length // POINTS, 1)
        if self.bots.isChecked():
            lines = self.herds.lines(end - length, end)[number]
        else:
            lines = (self._rates, self._depths, self._hops)[number](end - length, end, width)
        self.plots[number].show_lines(lines, self.metrics.marks, length, end)

    def _rates(self, start: float, end: float, width: int) -> list[Line]:
        return [self._rate(queue, start, end, width) for queue in self.metrics.busiest(start, end, QUEUES)]

    def _depths(self, start: float, end: float, width: int) -> list[Line]:
        return [self._depth(queue, start, end, width) for queue in self.metrics.fullest(start, end, QUEUES)]

    def _hops(self, start: float, end: float, width: int) -> list[Line]:
        return [self._spent(hop, start, end, width) for hop in HOPS]

    def _rate(self, queue: str, start: float, end: float, width: int) -> Line:
        series = self.metrics.rate(queue, start, end, width)
        whole = series.values[-2] if len(series.values) > 1 else 0.0  # the newest interval is not over yet
        look = self.metrics.number_of(queue)
        return Line(_short(queue), f"{whole:.3g}/s", Series(series.times[:-1], series.values[:-1]), look=look)

    def _depth(self, queue: str, start: float, end: float, width: int) -> Line:
        series = self.metrics.depth(queue, start, end, width)
        said = f"{self.metrics.waiting(queue)}, max {max(series.values):.0f}"
        return Line(_short(queue), said, series, look=self.metrics.number_of(queue))

    def _spent(self, hop: str, start: float, end: float, width: int) -> Line:
        middle = self.metrics.spent(hop, 0.5, start, end, width)
        worst = self.metrics.spent(hop, 0.99, start, end, width)
        said = f"{span(middle.values[-1])}, p99 {span(worst.values[-1])}" if middle.values else "–"
        return Line(hop, said, middle, worst)


def _short(queue: str) -> str:
    return "replies" if queue.endswith("!") else queue
