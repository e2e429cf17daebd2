# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the Inspector that shows how long each stage of a message's way took."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QWidget

from app.stages import Moments, Usual, stages_of, usual_of
from app.store import Store
from panels.inspector.parts import column, label
from panels.theme import Theme
from panels.waterfall import Waterfall

REST = 2.0  # seconds between two comparisons with others


class StagesSection(QWidget):
    """A title and the waterfall; hidden where no stage is known."""

    picked = pyqtSignal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        body = column(self)
        self.title = label("Time at each stage", "section")
        self.title.setContentsMargins(0, theme.px(6), 0, 0)
        self.waterfall = Waterfall(theme)
        body.addWidget(self.title)
        body.addWidget(self.waterfall)
        self.waterfall.picked.connect(self.picked)
        self._moments: Moments | None = None
        self._usual: dict[str, Usual] = {}
        self._compared: tuple[object, ...] = ()
        self._key = ""
        self._now = self._since = 0.0  # of the last look, and of the last comparison

    def show_message(self, store: Store, key: str, now: float) -> None:
        """Show the way of a message; "" hides the part."""
        if self._moments is None or self._moments.store is not store:
            self._moments = Moments(store)
        self._key = key
        self.tick(now)

    def tick(self, now: float) -> None:
        """Let the bar of what is not over grow."""
        moments, key = self._moments, self._key
        if moments is None or key not in moments.store.state.messages:
            self.hide()
            return
        state = moments.store.state
        stages = stages_of(state, key, moments.whole, moments.first_byte, now)
        self.setVisible(bool(stages))
        compared = key, len(stages), bool(stages) and stages[-1].is_open
        stands = not moments.store.is_live and now == self._now != self._since
        self._now = now
        # What is usual costs a hundred messages' ways.
        if compared != self._compared or stands or abs(now - self._since) > REST:
            self._compared, self._since = compared, now
            self._usual = usual_of(state, key, moments.whole, moments.first_byte)
        self.waterfall.show_stages(stages, self._usual)
