# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a capture in a process of its own, so that a window never waits for it: `python -m app.sources.remote FILE`.

Rows and places of byte runs come back on its standard output as columns, and events ready made; taking a batch of
thousands of rows takes well under a millisecond. It leaves when nobody reads them any more.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from app.capture import pipe
from app.capture.errors import CaptureError
from app.capture.reader import CaptureReader
from app.codec import pack, unpack
from app.events import CaptureProgress, Event
from app.sources.capture_events import read_capture

_NICE = 10  # the window comes first
_ROOT = Path(__file__).parent.parent.parent


class RemoteReader(CaptureReader):
    """A CaptureReader whose `events` another process makes; call `kill` from any thread to end it.

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path, told: Mapping[int, bool] | None = None) -> None:
        super().__init__(path, told)
        self._command = [sys.executable, "-m", __name__, str(path.resolve()), json.dumps(list((told or {}).items()))]
        self._process: subprocess.Popen[bytes] | None = None
        self._is_killed = False

    def events(self) -> Iterator[list[Event]]:
        """Take what the process has read; yields what `read_capture` yields there, when its rows are in the index.

        Raises:
            CaptureError: the process ended before the file did.
        """
        self._process = subprocess.Popen(
            self._command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
            pipesize=pipe.SIZE,
        )  # fmt: skip
        assert self._process.stdout is not None
        while not self.is_finished and not self._is_killed:
            batch = pipe.receive(self._process.stdout)
            if batch is None and self._is_killed:
                return
            if batch is None:
                raise CaptureError(str(self.file.path), "", "the process that read it ended early")
            yield self._add(batch)

    def kill(self) -> None:
        """End the process, and with it `events`."""
        self._is_killed = True
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process and give the file back."""
        self.kill()
        if self._process is not None:
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
        super().close()

    def _add(self, batch: dict[str, Any]) -> list[Event]:
        # The bytes of a row must be findable before the row is.
        self.index.spool.unpack(batch["runs"])
        self.agreed |= batch["agreed"]
        self.places += batch["places"]
        self.index.unpack(batch["rows"])
        events = unpack(batch["events"])
        if isinstance(progress := events[-1], CaptureProgress):
            self.is_finished = progress.finished
        return events


def _serve(path: Path, told: Mapping[int, bool], out: IO[bytes]) -> None:
    """Read a capture and write its batches."""
    reader = CaptureReader(path, told)
    places = 0
    agreed: set[str] = set()
    for events in read_capture(reader):
        batch = {
            "runs": reader.index.spool.pack(), "rows": reader.index.pack(), "events": pack(events),
            "agreed": {name: deflate for name, deflate in reader.agreed.items() if name not in agreed},
            "places": reader.places[places:],
        }  # fmt: skip
        places, agreed = len(reader.places), set(reader.agreed)
        pipe.send(out, batch)
    reader.close()


if __name__ == "__main__":
    os.nice(_NICE)
    try:
        _serve(Path(sys.argv[1]), dict(json.loads(sys.argv[2])), sys.stdout.buffer)
    except BrokenPipeError:
        sys.stdout = None  # nobody reads any more
