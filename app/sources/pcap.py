# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture file as a source: read by a process of its own, into an inbox and an index of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path

from app.capture.errors import CaptureError
from app.events import SourceFailed
from app.inbox import Inbox
from app.sources.remote import RemoteReader


class CaptureSource:
    """A capture being read; the frames come into `index`, the events into `inbox`.

    Args:
        path: the file.
        told: streams that the user says are WebSocket traffic (True) or are not (False).

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path, told: Mapping[int, bool] | None = None) -> None:
        self.path = path
        self.inbox = Inbox()
        self.reader = RemoteReader(path, told)
        self.index = self.reader.index
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._read, name=f"capture {path.name}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    @property
    def is_reading(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """Read no further; what was read stays."""
        self._cancelled.set()
        self.reader.kill()

    def close(self) -> None:
        """Stop reading and give the file back."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join()
        self.reader.close()

    def _read(self) -> None:
        try:
            for events in self.reader.events():
                self.inbox.put_all(events)
                if self._cancelled.is_set():
                    return
        except CaptureError as error:
            self.inbox.put(SourceFailed(t=time.time(), source="capture", name="capture", reason=str(error)))
