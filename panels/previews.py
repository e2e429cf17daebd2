# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame's payload in one line."""

from __future__ import annotations

from app.frame_index import FrameRow
from app.store import Store
from panels.explain import close_name

BYTES = 120  # of the payload, looked at for a line
HEX = 24  # bytes shown as hex


def preview(store: Store, row: FrameRow) -> str:
    """Return what a frame says, unmasked, and for a fragment which one it is."""
    if row.opcode == 8:
        return _close(store, row)
    if row.opcode > 8:
        return store.index.preview(row.row, HEX).hex(" ")
    place, count, opcode = _place(store, row)
    told = f"fragment {place}/{count or '…'}" if count != 1 else ""
    if row.rsv & 4:
        content = f"compressed, {row.length} bytes"
    elif place > 1:
        content = _sum(store, row) if row.fin else ""
    else:
        content = _content(store, row, opcode)
    return " ".join(part for part in (told, content) if part)


def _place(store: Store, row: FrameRow) -> tuple[int, int, int]:
    """Return which fragment of how many it is (0: that is not known yet), and the opcode of its message."""
    origin = store.state.message_of_row.get(row.row)
    rows = store.state.rows_of_message.get(origin, ()) if origin else ()
    if row.row in rows:
        first = store.index.find(rows[0])
        return rows.index(row.row) + 1, len(rows), first.opcode if first else 0
    if row.opcode == 0:
        return 2, 0, 0
    return 1, 1 if row.fin else 0, row.opcode


def _sum(store: Store, row: FrameRow) -> str:
    origin = store.state.message_of_row.get(row.row)
    rows = store.state.rows_of_message.get(origin, ()) if origin else ()
    whole = [frame.length for other in rows if (frame := store.index.find(other))]
    return f"→ {sum(whole)} bytes" if len(whole) == len(rows) > 0 else ""


def _content(store: Store, row: FrameRow, opcode: int) -> str:
    if opcode == 1:
        text = store.index.preview(row.row, BYTES).decode("utf-8", "replace")
        return " ".join(text.split()) + (" …" if row.length > BYTES else "")
    return store.index.preview(row.row, HEX).hex(" ") + (" …" if row.length > HEX else "")


def _close(store: Store, row: FrameRow) -> str:
    data = store.index.preview(row.row, 125)
    if len(data) < 2:
        return "no code"
    code = int.from_bytes(data[:2], "big")
    reason = data[2:].decode("utf-8", "replace")
    return " ".join(part for part in (str(code), close_name(code), f"“{reason}”" if reason else "") if part)
