# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture in the place of the live system: opened, closed, read again; the live system goes on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject

from app.events import VerbFailed
from app.store import Store
from panels import garbage
from panels.pump import Pump

if TYPE_CHECKING:
    from app.sources.pcap import CaptureSource
    from panels.window import Window

AT_ONCE = 800  # events of a capture in a tick, 3 ms of work: it brings more at once than there is time for


class CaptureView(QObject):
    """The capture that a window shows, if any, with a pump and a store of its own."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self._shown: tuple[CaptureSource, Pump] | None = None
        window.capture_head.cancelled.connect(self._cancel)
        window.capture_head.streams.told.connect(self._tell_streams)

    @property
    def is_open(self) -> bool:
        """Whether a capture is shown."""
        return self._shown is not None

    @property
    def is_reading(self) -> bool:
        """Whether the capture shown is still being read."""
        return self._shown is not None and self._shown[0].is_reading

    def open(self, path: Path, told: Mapping[int, bool] | None = None) -> bool:
        """Show a capture; a file that is none is said in a notice.

        Args:
            path: the file.
            told: streams that the user says are WebSocket traffic (True) or are not (False).

        Returns:
            Whether it is open.
        """
        from app.capture.errors import CaptureError  # not before the first capture: the window is to be there soon
        from app.sources.pcap import CaptureSource

        window = self.window
        try:
            source = CaptureSource(path, told)
        except CaptureError as error:
            window.lab.inbox.put(VerbFailed(t=time.time(), source="window", verb="open_capture", reason=str(error)))
            return False
        self.close()
        pump = Pump(source.inbox, Store(index=source.index), window, AT_ONCE)
        self._shown = (source, pump)
        window.capture_head.streams.said = told or {}
        pump.advanced.connect(self._advance)
        for panel in window.of_capture:
            panel.set_store(pump.store, source.inbox, source.reader)
        window.top.setCurrentWidget(window.capture_head)
        window.bench.show_only(window.wire, window.ladder)
        window.transport.set_capture(path.name)
        window.transport.recent.remember(path)
        window.show_docks(lesson=window.lesson.is_started, timeline=False)
        window.proportions.head_height = window.capture_head.wanted_height
        window.proportions.share_height()
        garbage.put_off()
        source.start()
        pump.start()
        return True

    def close(self) -> None:
        """Back to the live system."""
        if self._shown is None:
            return
        (source, pump), self._shown = self._shown, None
        pump.stop()
        pump.deleteLater()  # or the window would keep it, and with it all events of the capture
        window = self.window
        for panel in window.of_capture:
            panel.set_store(window.live.store, window.lab.inbox)
        source.close()
        window.top.setCurrentWidget(window.stage)
        window.bench.show_only()
        window.show_live()
        window.show_docks(lesson=True, timeline=True)
        window.proportions.head_height = None
        window.proportions.share_height()

    def _advance(self, since: int) -> None:
        self.window.advance_panels(self.window.of_capture, since)
        self.window.lesson.look(self.window.wire.store.since(since))

    def _tell_streams(self, told: dict[int, bool]) -> None:
        """Read the capture again, with what the user says its streams are."""
        if self._shown is not None:
            self.open(self._shown[0].path, told)

    def _cancel(self) -> None:
        if self._shown is not None:
            self._shown[0].cancel()
