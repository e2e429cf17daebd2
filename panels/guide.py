# SPDX-License-Identifier: GPL-3.0-or-later
"""Does in the window what lessons ask for: brings panels up, points at items, selects, opens and closes captures."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, QRect, QTimer

from app.events import CaptureOpened, VerbFailed
from app.lab.looking import CAPTURES, NEWEST_OF, find_frame
from panels.halo import Halo

if TYPE_CHECKING:
    from panels.window import Window

PATIENCE = 2.0  # seconds that a frame may still be on its way
POLL = 50  # milliseconds


@dataclass(frozen=True)
class Wanted:
    """A thing to select: of a frame also `direction`, `opcode` and `field`; `until` when it may still come."""

    kind: str
    item: str
    frame: dict[str, str]
    until: float  # monotonic seconds


class Guide(QObject):
    """Between the lesson pane and the rest of a window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self._wanted: deque[Wanted] = deque()
        self._poll = QTimer(self)
        self._poll.setSingleShot(True)
        self._poll.setInterval(POLL)
        self._poll.timeout.connect(self._look)
        self._halo = Halo(window.bench, window.theme, self._tabs)
        lesson = window.lesson
        lesson.show_requested.connect(self.show_panels)
        lesson.highlight_requested.connect(self.highlight)
        lesson.capture_requested.connect(self.show_capture)
        lesson.inspect_requested.connect(lambda arguments: self.inspect(**arguments))

    def show_panels(self, names: list[str]) -> None:
        """Bring the panels of these ids to the front; for the Stage, which is live, a capture is closed."""
        window = self.window
        if window.stage.id in names:
            window.close_capture()
        if {"ladder", "devtools"} & {*names}:
            window.ladder.show_devtools("devtools" in names)
            names = [window.ladder.id if name == "devtools" else name for name in names]
        for panel in window.panels:
            if panel.id in names:
                window.bench.bring_up(panel)
                if panel.id in window.docks:
                    window.docks[panel.id].show()

    def highlight(self, items: list[str]) -> None:
        """Point at items: "workers/worker-1" is the item "worker-1" of the panel "workers"."""
        for panel in self.window.panels:
            own = [item.removeprefix(panel.id).lstrip("/") for item in items if item.split("/")[0] == panel.id]
            panel.highlight(frozenset(own))
        self._halo.point(bool(items))

    def _tabs(self) -> list[QRect]:
        """Return the tabs of panels that are pointed at and lie behind another."""
        hidden = [panel for panel in self.window.panels if panel.highlights and not panel.isVisible()]
        return [place for panel in hidden if (place := self.window.bench.tab_of(panel)) is not None]

    def show_capture(self, name: str) -> None:
        """Open a file of `captures/` in the window; "" goes back to the live system."""
        window = self.window
        if not name:
            window.close_capture()
        elif window.open_capture(CAPTURES / name):
            window.wire.inbox.put(CaptureOpened(t=time.time(), source="window", name=name))

    def inspect(self, kind: str, item: str = "", **frame: str) -> None:
        """Select a thing; without `item` the newest WebSocket, or the newest frame that fits, in what is shown.

        What is asked for first is selected first: while a frame is still on its way, the next things wait for it.
        """
        if kind == "frame":
            self.window.bench.bring_up(self.window.wire)
        self._wanted.append(Wanted(kind, item, frame, time.monotonic() + PATIENCE))
        self._look()

    def _look(self) -> None:
        while self._wanted and self._select(self._wanted[0]):
            self._wanted.popleft()
        if self._wanted:
            self._poll.start()

    def _select(self, wanted: Wanted) -> bool:
        """Select a thing; False while it may still come."""
        kind, item, state = wanted.kind, wanted.item, self.window.wire.store.state
        if kind == "frame":
            return self._select_frame(wanted)
        if kind == "connection" and not item:
            known = state.connections.values()
            newest = next((one.id for one in reversed(known) if one.status == 101 and one.id[:1] == "c"), "")
            self.window.inspector.select(kind, newest, wanted.frame.get("field", ""))
        elif kind in ("message", "run") and not item:
            own = (one.key for one in reversed(state.messages.values()) if one.channel == NEWEST_OF)
            self.window.inspector.select(kind, next(own, ""))
        else:
            self.window.inspector.select(kind, item)
        return True

    def _select_frame(self, wanted: Wanted) -> bool:
        index, lab = self.window.wire.store.index, self.window.lab
        direction, opcode, field = (wanted.frame.get(name, "") for name in ("direction", "opcode", "field"))
        row = find_frame(index, lab.first_row if index is lab.index else 0, wanted.item, direction, opcode, field)
        if row is not None:
            self.window.wire.select("frame", str(row.row), field)
            return True
        if time.monotonic() < wanted.until:
            return False
        reason = " ".join(filter(None, ("there is no", opcode, "frame", direction and f"from the {direction}")))
        self.window.lab.inbox.put(VerbFailed(t=time.time(), source="window", verb="inspect", reason=reason))
        return True
