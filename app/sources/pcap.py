# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture file as a source: read on a thread of its own, into an inbox and an index of its own."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from app.capture.errors import CaptureError
from app.capture.reader import read_capture
from app.capture.records import CaptureFile
from app.events import SourceFailed
from app.frame_index import FrameIndex
from app.inbox import Inbox
from app.sources.decode import WireDecoder
from app.spool import Spool

FRAME_LIMIT = 50_000_000  # rows; a capture is held by its file, not by the live system's limit


class CaptureSource:
    """A capture being read; the frames come into `index`, the events into `inbox`."""

    def __init__(self, path: Path) -> None:
        CaptureFile(path).close()  # raises CaptureError at once, before anything is put in the place of what is shown
        self.path = path
        self.inbox = Inbox()
        self.index = FrameIndex(Spool(path), limit=FRAME_LIMIT)
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._read, name=f"capture {path.name}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def cancel(self) -> None:
        """Read no further; what was read stays."""
        self._cancelled.set()

    def close(self) -> None:
        """Stop reading and give the file back."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join()
        self.index.spool.close()

    def _read(self) -> None:
        try:
            for events in read_capture(self.path, WireDecoder(self.index)):
                self.inbox.put_all(events)
                if self._cancelled.is_set():
                    return
        except CaptureError as error:
            self.inbox.put(SourceFailed(t=time.time(), source="capture", name="capture", reason=str(error)))
