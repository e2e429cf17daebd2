# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection twice, row by row: what Chrome's DevTools list of its messages shows, and what is on the wire.

DevTools is told of whole messages only (Network.webSocketFrameSent and …Received of its protocol): the text, or that
it is binary. The length of a text is counted in UTF-16 code units, as JavaScript does, that of binary data in bytes.
Fragments, masks, pings, pongs and close frames never get there (its source: ResourceWebSocketFrameView.ts).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.frame_index import FrameRow
from app.store import Store
from app.wire.frames import opcode_name
from panels.cells import Cell, arrow_down, arrow_up, pill
from panels.explain import OPCODES
from panels.ladder_rows import LadderRows
from panels.row_model import Column
from panels.streams import message_at
from panels.times import clock
from panels.wire_rows import PILL_COLORS

BYTES = 400  # of a message's text that are shown
HEX = 32  # bytes of a frame that are shown
KEY = slice(-4, None)  # of a masked frame's header
UNITS = ((1_000_000, "MB"), (1000, "kB"))
UNSEEN = {0: "a fragment", 8: "a close frame", 9: "a ping", 10: "a pong"}


@dataclass(frozen=True)
class Told:
    """A row of DevTools: what stands under Data and Length."""

    data: str
    length: str


def told(store: Store, row: FrameRow) -> Told | None:
    """Return what DevTools shows once this frame has come; None: nothing."""
    if row.opcode >= 8 or not row.fin or not row.is_complete:
        return None
    rows = _rows_of(store, row)
    if not rows:
        return None
    frames = [frame for one in rows if (frame := store.index.find(one))]
    if len(frames) < len(rows):
        return None
    first = frames[0]
    if first.opcode == 2 and not first.rsv & 4:
        return Told("Binary Message", _bytes(sum(frame.length for frame in frames)))
    data = _data(store, row, frames, bool(first.rsv & 4))
    if first.opcode == 2:
        return Told("Binary Message", _bytes(len(data)))
    text = data.decode("utf-8", "replace")
    return Told(" ".join(text[:BYTES].split()), str(len(text.encode("utf-16-le")) // 2))


def _rows_of(store: Store, row: FrameRow) -> tuple[int, ...]:
    """Return the frames of the message that a frame ends, () where that is not known."""
    origin = store.state.message_of_row.get(row.row)
    rows = store.state.rows_of_message.get(origin, ()) if origin else ()
    return rows or ((row.row,) if row.opcode else ())


def _data(store: Store, row: FrameRow, frames: list[FrameRow], is_deflated: bool) -> bytes:
    if is_deflated:
        origin = store.state.message_of_row.get(row.row)
        message = message_at(store.index, row.row, origin) if origin else None
        return message.data if message else b""
    return b"".join(store.index.preview(frame.row, frame.length) for frame in frames)


def _bytes(count: int) -> str:
    return next((f"{count / size:.1f} {unit}" for size, unit in UNITS if count >= size), f"{count} B")


class DevToolsRows:
    """The steps of a ladder, each with the row that DevTools has for it at its left."""

    columns = (
        Column("", 16, tip="▲ sent, ▼ received: DevTools has arrows too"),
        Column("Data", 150),
        Column("Length", 46, is_right=True, tip="of a text in UTF-16 code units, of binary data in bytes"),
        Column("Time", 92, sample="00:00:00.000"),
        Column("", 6),
        Column("frame", 62),
        Column("FIN", 24),
        Column("mask", 84, tip="the masking key: every frame of a client has another", sample="00 00 00 00"),
        Column("size", 40, is_right=True, tip="bytes with the header"),
        Column("bytes on the wire", 0),
    )

    def __init__(self, ladder: LadderRows) -> None:
        self.ladder = ladder

    def __len__(self) -> int:
        return len(self.ladder)

    def cells(self, row: int) -> tuple[Cell, ...]:
        """Return the cells of a place."""
        item = self.ladder.items[row]
        frame = self.ladder.store.index.find(item) if item >= 0 else None
        return self._frame(frame) if frame else self._note(row)

    def _frame(self, row: FrameRow) -> tuple[Cell, ...]:
        raw = self.ladder.store.index.raw(row.row)
        key = raw[: row.header_size][KEY].hex(" ") if row.masked else ""
        color = "bad" if row.violations else "muted"
        return (
            *self._left(row),
            Cell(tint="raised"),
            Cell(
                opcode_name(row.opcode), PILL_COLORS.get(row.opcode, "bad"), shape=pill,
                tip=OPCODES.get(row.opcode, ("reserved", ""))[0],
            ),
            Cell("1" if row.fin else "0", "text" if row.fin else "flight"),
            Cell(key, "mask_text", is_mono=True, spoken=key or "not masked"),
            Cell(str(row.size), is_right=True),
            Cell(raw[:HEX].hex(" ") + (" …" if len(raw) > HEX else ""), color, is_mono=True),
        )  # fmt: skip

    def _left(self, row: FrameRow) -> tuple[Cell, ...]:
        shown = told(self.ladder.store, row)
        if shown is None:
            what = UNSEEN.get(row.opcode, "" if row.fin else UNSEEN[0]) or "not a whole message"
            return (Cell(), Cell(f"nothing: {what}", "muted", tip=f"DevTools does not show {what}"), Cell(), Cell())
        return (
            _arrow(row.direction),
            Cell(shown.data, is_mono=True, tip=shown.data),
            Cell(shown.length, is_right=True),
            Cell(clock(row.time), is_mono=True),
        )

    def _note(self, place: int) -> tuple[Cell, ...]:
        step = self.ladder.step(place)
        where = "in the tab Headers" if step.pill == "HTTP" else ""
        left = (Cell(), Cell(where, "muted"), Cell(), Cell(), Cell(tint="raised"))
        return (*left, Cell(step.pill, step.pill_color, shape=pill), *[Cell()] * 3, Cell(step.text, "muted"))


def _arrow(direction: str) -> Cell:
    if direction == "client":
        return Cell("▲", "good", spoken="sent", shape=arrow_up)
    return Cell("▼", "bad", spoken="received", shape=arrow_down)
