# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the Wire table: frames, and between them opening handshakes and gaps; a filter may leave some out."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable

from app.events import Event, FrameSeen, GapSeen, HandshakeSeen, LabStarted
from app.filters import FrameContext
from app.frame_index import FrameRow
from app.store import Store
from app.wire.frames import opcode_name
from app.wire.rules import RULES
from panels.cells import Cell, arrow_down, arrow_up, dot, pill
from panels.explain import OPCODES
from panels.inspector.view import name_of
from panels.previews import preview
from panels.row_model import Column
from panels.times import clock

SLICE = 0.002  # seconds a filter may work before the window gets its turn
BETWEEN = 32  # rows between two looks at the clock
NOTES = 100_000  # handshakes and gaps kept of the live system
GONE = "no longer kept"
TAKEN = frozenset((FrameSeen, HandshakeSeen, GapSeen, LabStarted))

PILL_COLORS = {0: "muted", 1: "opcode_text", 2: "mask_text", 8: "bad", 9: "good", 10: "good"}

Note = HandshakeSeen | GapSeen


class WireRows:
    """Items are frames (their row of the index, 0 or more) or notes (-1, -2, …); what the filter lets pass is shown."""

    columns = (
        Column("time", 102, sample="00:00:00.000"),
        Column("", 20, tip="who sent it: ▲ the client, ▼ the server"),
        Column("client", 74),
        Column("opcode", 66),
        Column("FIN", 26),
        Column("length", 52, is_right=True, tip="bytes of payload"),
        Column("mask", 38),
        Column("payload", 0),
    )

    def __init__(self, store: Store) -> None:
        self.store = store
        self.items = array("q")
        self.shown = self.items  # the very same while nothing is left out
        self.hides_control = False
        self.predicate: Callable[[FrameContext], bool] | None = None
        self._notes: dict[int, Note] = {}  # by item
        self._noted = 0  # notes so far
        self._next = 0  # the first row of the index that has not been taken
        self._checked = 0  # items that the filter has seen
        self._is_anew = False  # more than growth has happened

    def __len__(self) -> int:
        return len(self.shown)

    # --- what there is ---

    def take(self, events: Iterable[Event]) -> bool:
        """Take what is new; returns whether the list began anew, so that more than growth has happened."""
        self._is_anew, end = False, 0
        capture = self.store.state.capture
        for event in events:  # thousands in a tick while a capture is read
            kind = type(event)
            if kind is FrameSeen:
                end = event.row + 1  # type: ignore[attr-defined]
            elif kind is HandshakeSeen or kind is GapSeen:
                self._take_rows(end)
                if capture:
                    self._take_until(event.t)
                self._noted += 1
                self._notes[-self._noted] = event  # type: ignore[assignment]
                self.items.append(-self._noted)
            elif kind is LabStarted:
                self._take_rows(end)
                self._forget()
        # Frames of a capture beyond the first have no event of their own.
        self._take_rows(max(end, capture.frames if capture else self.store.state.rows))
        return self._is_anew

    def _take_rows(self, end: int) -> None:
        if end > self._next:
            begin = max(self._next, self.store.index.start, self.store.state.first_row)
            if begin > self._next:  # what came before them fell off
                self._forget()
            self.items.extend(range(begin, end))
            self._next = max(end, begin)

    # --- what fell off ---

    def fallen(self) -> int:
        """Return how many items, the oldest, are of frames that fell off or stand between such."""
        start, gone = self.store.index.start, 0
        if self._oldest < min(start, self._next):
            gone = self.items.index(min(start, self._next) - 1) + 1
        if len(self._notes) > NOTES and self.store.index.limit is not None:
            gone = max(gone, self.items.index(NOTES - self._noted) + 1)
        return gone

    def shown_of(self, count: int) -> int:
        """Return how many of the first items are shown."""
        if self.shown is self.items:
            return count
        items = frozenset(self.items[:count])
        return next((place for place, item in enumerate(self.shown) if item not in items), len(self.shown))

    def drop(self, count: int) -> None:
        """Drop the first items."""
        if self.shown is not self.items:
            del self.shown[: self.shown_of(count)]
        for item in self.items[:count]:
            self._notes.pop(item, None)
        del self.items[:count]
        self._checked = max(self._checked - count, 0)

    @property
    def _oldest(self) -> int:
        """The first row that is an item: all from it on are."""
        return self._next - (len(self.items) - len(self._notes))

    def _take_until(self, t: float) -> None:
        self._take_rows(self.store.index.first_at(t, self._next))

    def _forget(self) -> None:
        self._is_anew = True
        del self.items[:]
        self._notes.clear()
        self.refilter()

    def item(self, place: int) -> int:
        """Return the item at a place of the table."""
        return int(self.shown[place])

    def note(self, item: int) -> Note:
        """Return the handshake or gap that a negative item stands for."""
        return self._notes[item]

    def place_of(self, row: int) -> int:
        """Return where a frame stands in the table, -1 when it is left out."""
        is_whole = self.shown is self.items  # then as many rows are before it at least
        try:
            return self.shown.index(row, max(row - self._oldest, 0) if is_whole else 0)
        except ValueError:
            return -1

    # --- what is left out ---

    def refilter(self) -> None:
        """Begin to leave out anew, after the filter or the choice of control frames changed."""
        is_all = self.predicate is None and not self.hides_control
        self.shown = self.items if is_all else array("q")
        self._checked = 0

    def catch_up(self) -> bool:
        """Let the filter see new items for a short while; returns whether there are more."""
        if self.shown is self.items:
            return False
        until = time.perf_counter() + SLICE
        while self._checked < len(self.items):
            end = min(self._checked + BETWEEN, len(self.items))
            self.shown.extend(item for item in self.items[self._checked : end] if self._passes(item))
            self._checked = end
            if time.perf_counter() > until:
                break
        return self._checked < len(self.items)

    def _passes(self, item: int) -> bool:
        if item < 0:
            return self.predicate is None
        row = self.store.index.find(item)
        if row is None or (self.hides_control and row.opcode >= 8):
            return False
        return self.predicate is None or self.predicate(self._context(row))

    def _context(self, row: FrameRow) -> FrameContext:
        number = row.connection[1:]
        stream = int(number) - 1 if number.isdecimal() else -1
        index = self.store.index
        name = name_of(self.store.state, row.connection)
        return FrameContext(row, stream, name, lambda: index.preview(row.row, row.length))

    # --- how it looks ---

    def cells(self, row: int) -> tuple[Cell, ...]:
        """Return the cells of a place of the table."""
        item = self.item(row)
        return self._frame_cells(item) if item >= 0 else self._note_cells(self.note(item))

    def _frame_cells(self, item: int) -> tuple[Cell, ...]:
        row = self.store.index.find(item)
        if row is None:
            return *[Cell()] * (len(self.columns) - 1), Cell(GONE, "muted")
        tint = "bad_soft" if row.violations else ""
        opcode = opcode_name(row.opcode)
        meaning = OPCODES.get(row.opcode, ("reserved", ""))[0]
        return (
            Cell(clock(row.time), is_mono=True, tint=tint),
            _arrow(row.direction, tint),
            self._client(row.connection, tint),
            Cell(opcode, PILL_COLORS.get(row.opcode, "bad"), shape=pill, tint=tint, tip=meaning),
            Cell("1" if row.fin else "0", "text" if row.fin else "flight", tint=tint),
            Cell(str(row.length), is_right=True, tint=tint),
            _mask(row, tint),
            self._payload(row, tint),
        )

    def _payload(self, row: FrameRow, tint: str) -> Cell:
        text = preview(self.store, row)
        if not row.violations:
            return Cell(text, "muted", is_mono=True)
        rules = ", ".join(f"{rule} {RULES[rule].title}" for rule in row.violations if rule in RULES)
        return Cell(f"{rules} · {text}", "bad", is_mono=True, tint=tint, tip=rules)

    def _note_cells(self, note: Note) -> tuple[Cell, ...]:
        if isinstance(note, HandshakeSeen):
            return self._handshake_cells(note)
        text = f"{note.length} bytes were not seen" if note.length else "the connection was already open"
        return (
            Cell(clock(note.t), is_mono=True), _arrow(note.direction, ""), self._client(note.connection),
            Cell("GAP", "flight", shape=pill), Cell(), Cell(), Cell(), Cell(text, "flight", is_mono=True),
        )  # fmt: skip

    def _handshake_cells(self, note: HandshakeSeen) -> tuple[Cell, ...]:
        tint = "bad_soft" if note.violations else ""
        is_open = note.status == 101 and not note.violations
        text = f"{note.method} {note.target} → {note.status}" if note.target else f"→ {note.status}"
        if note.violations:  # the status first: the rest may be cut off
            text = f"{note.status} · {', '.join(note.violations)} · {note.method} {note.target}".rstrip()
        plain = [Cell(tint=tint)] * 3
        return (
            Cell(clock(note.t), is_mono=True, tint=tint), _arrow("client", tint), self._client(note.connection, tint),
            Cell("HTTP", "text", shape=pill, tint=tint, tip="the opening handshake"), *plain,
            Cell(text, "muted" if is_open else "bad", is_mono=True, tint=tint),
        )  # fmt: skip

    def _client(self, connection: str, tint: str = "") -> Cell:
        known = self.store.state.connections.get(connection)
        has_name = known is not None and known.name
        tip = f"{connection} · {known.client}" if known else connection
        name = name_of(self.store.state, connection).removeprefix("127.0.0.1")
        return Cell(name, tint=tint, tip=tip, keeps_end=not has_name)


def _arrow(direction: str, tint: str) -> Cell:
    if direction == "client":
        return Cell("▲", "flight", tint=tint, spoken="from the client", tip="the client sent it", shape=arrow_up)
    return Cell("▼", "accent", tint=tint, spoken="from the server", tip="the server sent it", shape=arrow_down)


def _mask(row: FrameRow, tint: str) -> Cell:
    if not row.masked:
        return Cell("", tint=tint, spoken="not masked")
    return Cell("●", "mask", tint=tint, spoken="masked", shape=dot)
