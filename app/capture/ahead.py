# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture read by a second process while this one uses what it has found: `python -m app.capture.ahead FILE TOLD`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from app.capture import pipe
from app.capture.errors import CaptureError
from app.capture.reader import CaptureReader, Note

_ROOT = Path(__file__).parent.parent.parent


class ReadAhead(CaptureReader):
    """A CaptureReader whose `batches` another process makes.

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path, told: Mapping[int, bool] | None = None) -> None:
        super().__init__(path, told)
        self._warnings: tuple[str, ...] = ()
        self._command = [sys.executable, "-m", __name__, str(path.resolve()), json.dumps(list((told or {}).items()))]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed: truncation, packets that could not be used."""
        return self._warnings

    def batches(self) -> Iterator[list[Note]]:
        """Take what the process has read; yields what was noted in each batch.

        Raises:
            CaptureError: the process ended before the file did.
        """
        self._process = subprocess.Popen(
            self._command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pipesize=pipe.SIZE
        )
        assert self._process.stdout is not None
        while not self.is_finished:
            batch = pipe.receive(self._process.stdout)
            if batch is None:
                raise CaptureError(str(self.file.path), "", "the process that read it ended early")
            yield self._add(batch)

    def close(self) -> None:
        """End the process and give the file back."""
        if self._process is not None and self._process.stdout is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
        super().close()

    def _add(self, batch: dict[str, Any]) -> list[Note]:
        # The bytes of a row must be findable before the row is.
        self.index.spool.unpack(batch["runs"])
        self.agreed |= batch["agreed"]
        self.index.unpack(batch["rows"])
        self.packets, self.done, self.connections = batch["packets"], batch["done"], batch["connections"]
        self._warnings, self.is_finished = batch["warnings"], batch["is_finished"]
        notes: list[Note] = batch["notes"]
        return notes


def _serve(path: Path, told: Mapping[int, bool], out: IO[bytes]) -> None:
    """Read a capture and write its batches."""
    reader = CaptureReader(path, told)
    known = 0
    for notes in reader.batches():
        new, known = list(reader.agreed.items())[known:], len(reader.agreed)
        batch = {
            "runs": reader.index.spool.pack(), "rows": reader.index.pack(), "notes": notes, "agreed": dict(new),
            "packets": reader.packets, "done": reader.done, "connections": reader.connections,
            "warnings": reader.warnings, "is_finished": reader.is_finished,
        }  # fmt: skip
        pipe.send(out, batch)
    reader.close()


if __name__ == "__main__":
    try:
        _serve(Path(sys.argv[1]), dict(json.loads(sys.argv[2])), sys.stdout.buffer)
    except BrokenPipeError:
        sys.stdout = None  # nobody reads any more
