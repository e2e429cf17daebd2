# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs for looking: select a thing, open a capture. A window does both itself; here they work without one."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace as replace_fields

from app.capture.errors import CaptureError
from app.events import CaptureOpened, CaptureProgress, Selected, SourceFailed
from app.frame_index import FrameIndex, FrameRow
from app.lab.core import Core
from app.live import SetUpError
from app.wire.frames import opcode_name

if TYPE_CHECKING:
    from app.sources.pcap import CaptureSource

CAPTURES = Path(__file__).parents[2] / "captures"
PATIENCE = 2.0  # seconds that a frame may still be on its way
POLL = 0.02  # seconds
NEWEST_OF = "websocket.receive"  # whose newest message, or its run, is selected when none is named


class LookingVerbs(Core):
    """Select and open."""

    def inspect(
        self, kind: str, item: str = "", direction: str = "", opcode: str = "", field: str = ""
    ) -> Future[None]:
        """Select a thing; without `item` the newest connection, message, its run, or the newest frame that fits.

        Args:
            kind: "frame", "connection" …
            item: which one.
            direction: of a frame.
            opcode: of a frame ("TEXT").
            field: of a frame ("masking_key"); a frame without this field does not fit.
        """

        async def work() -> None:
            if kind == "connection" and not item and self._opened is None:
                raise SetUpError("no WebSocket has been opened yet")
            if kind in ("message", "run") and not item and NEWEST_OF not in self._newest:
                raise SetUpError(f"no message was sent on {NEWEST_OF} yet")
            chosen = self._newest[NEWEST_OF].key if kind in ("message", "run") and not item else item
            chosen = self._opened.connection if kind == "connection" and not item and self._opened else chosen
            said = Selected(
                t=time.time(), source="lab", kind=kind, item=chosen, direction=direction, opcode=opcode, field=field
            )
            if kind == "frame":
                row = await self._frame(item, direction, opcode, field)
                said = Selected(
                    t=time.time(),
                    source="lab",
                    kind=kind,
                    item=str(row.row),
                    direction=row.direction,
                    opcode=opcode_name(row.opcode),
                    field=field,
                )
            self._take(said)

        return self._do("inspect", work)

    def open_capture(self, name: str) -> Future[None]:
        """Read a file of `captures/`; "" goes back to the live system."""
        return self._do("open_capture", lambda: self._open(name))

    async def _frame(self, item: str, direction: str, opcode: str, field: str) -> FrameRow:
        end = time.monotonic() + PATIENCE
        while True:
            index, first = (self.index, self.first_row) if self._capture is None else (self._capture.index, 0)
            found = find_frame(index, first, item, direction, opcode, field)
            if found is not None:
                return found
            if time.monotonic() > end:
                words = (opcode, "frame", item, f"from the {direction}" if direction else "", field and f"with {field}")
                raise SetUpError(f"there is no {' '.join(word for word in words if word)} to look at")
            await asyncio.sleep(POLL)

    async def _open(self, name: str) -> None:
        from app.sources.pcap import CaptureSource

        path = CAPTURES / name
        if not name:
            await self._close_capture()
            self._take(CaptureOpened(t=time.time(), source="lab", name=""))
            return
        if path.parent != CAPTURES or not path.is_file():
            raise CaptureError(name, "", "no such file in captures/")
        await self._close_capture()
        source = self._capture = CaptureSource(path)
        self._take(CaptureOpened(t=time.time(), source="lab", name=name))
        source.start()
        is_read = False
        while not is_read:
            await asyncio.sleep(POLL)
            is_read = self._read_on(source, name)

    async def _close_capture(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            await asyncio.to_thread(capture.close)

    def _read_on(self, source: CaptureSource, name: str) -> bool:
        """Pass on what a capture being read has said; return whether that was all."""
        events = source.inbox.take()
        for event in events:
            if isinstance(event, CaptureProgress):
                self._take(replace_fields(event, path=name))
        if any(isinstance(event, SourceFailed) for event in events):
            raise CaptureError(name, "", "it could not be read")
        return any(isinstance(event, CaptureProgress) and event.finished for event in events)


def find_frame(
    index: FrameIndex, first: int, item: str, direction: str, opcode: str, field: str = ""
) -> FrameRow | None:
    """Return the row `item`, or without one the newest from `first` on, if it has direction, opcode and field."""
    rows = (index.find(number) for number in _rows(item, max(first, index.start), index.end))
    return next((row for row in rows if row and _fits(row, direction, opcode) and _has(row, field)), None)


def _rows(item: str, first: int, end: int) -> range:
    """The rows to try: the one that is named, or all, newest first."""
    if not item:
        return range(end - 1, first - 1, -1)
    return range(int(item), int(item) + 1) if item.isdigit() and int(item) < end else range(0)


def _fits(row: FrameRow, direction: str, opcode: str) -> bool:
    return row.is_complete and direction in ("", row.direction) and opcode in ("", opcode_name(row.opcode))


def _has(row: FrameRow, field: str) -> bool:
    """Whether a frame has the field; the others are in every frame (RFC 6455 §5.2)."""
    if field == "masking_key":
        return row.masked
    if field == "extended_payload_length":
        return row.header_size > 2 + 4 * row.masked
    return field != "payload_data" or row.length > 0
