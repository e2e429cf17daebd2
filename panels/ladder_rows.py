# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Ladder shows: one connection step by step, its frames with handshake and gaps between them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from app.events import ConnectionOpened, Event, FrameSeen, GapSeen, HandshakeSeen, LabStarted
from app.frame_index import FrameRow
from app.store import Store
from app.wire.frames import BINARY, CLOSE, PING, PONG, opcode_name
from app.wire.rules import RULES
from panels.ladder_neighbours import Neighbours
from panels.numbers import thousands
from panels.previews import preview
from panels.times import span
from panels.wire_rows import GONE, PILL_COLORS

if TYPE_CHECKING:
    from app.capture.reader import CaptureReader

SLICE = 40_000  # rows looked through before the window gets its turn: some 3 ms
CONNECTIONS = 5_000  # whose handshakes are kept
QUIET_CODES = (1000, 1001)  # close codes of a connection that ended well
TAKEN = frozenset((FrameSeen, HandshakeSeen, GapSeen, ConnectionOpened, LabStarted))

Note = HandshakeSeen | GapSeen


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow: `time` in seconds since the connection began (None: not known); colours are palette roles."""

    time: float | None
    direction: str
    pill: str
    pill_color: str
    text: str
    text_color: str = "text"
    line_color: str = "accent"
    is_gap: bool = False


class LadderRows:
    """The steps of one connection; frames are their row of the index (0 or more), other steps -1, -2, …"""

    def __init__(self, store: Store, reader: CaptureReader | None = None) -> None:
        self.store = store
        self.reader = reader
        self.connection = ""
        self.items = array("q")
        self.opened: dict[str, ConnectionOpened] = {}
        self._notes: dict[str, list[Note]] = {}
        self._first = self._end = self._looked = (
            0  # the rows of this run, as far as they have been told; looked through
        )
        self._earliest = ""  # the connection of which something was seen first in this run
        self._start_over()

    def __len__(self) -> int:
        return len(self.items)

    # --- what there is ---

    def take(self, events: Iterable[Event]) -> bool:
        """Take what is new; returns whether another run has begun, whose connections are others."""
        is_new_run = False
        for event in [event for event in events if type(event) in TAKEN]:
            if isinstance(event, FrameSeen):
                self._earliest = self._earliest or event.connection
            elif isinstance(event, HandshakeSeen | GapSeen):
                self._earliest = self._earliest or event.connection
                self._notes.setdefault(event.connection, []).append(event)
                _keep(self._notes)
            elif isinstance(event, ConnectionOpened):
                self.opened[event.connection] = event
                _keep(self.opened)
            elif isinstance(event, LabStarted):
                self.opened.clear()
                self._notes.clear()
                self._earliest, is_new_run = "", True
                self.follow("")
        state = self.store.state
        self._first, self._end = state.first_row, state.capture.frames if state.capture else state.rows
        self._looked = max(self._looked, self._first)
        return is_new_run

    @property
    def first_connection(self) -> str:
        """The connection to show while the user has chosen none."""
        if self._earliest and not self.store.state.capture:
            return self._earliest
        first = max(self._first, self.store.index.start)  # a capture tells of its frames by their number
        frame = self.store.index.find(first) if first < self._end else None
        return frame.connection if frame else self._earliest

    def follow(self, connection: str) -> None:
        """Show another connection, from its beginning."""
        self.connection = connection
        self._start_over()

    def _start_over(self) -> None:
        self.items = array("q")
        self._told: dict[int, tuple[Note, str]] = {}  # by item, the steps that are no frames
        self._steps = 0  # of them so far
        self._looked = self._first
        self._noted = 0  # notes that have their place
        self._lost: dict[str, GapSeen] = {}  # by direction: the gap that its next frame comes after
        self._resumed: dict[int, GapSeen] = {}  # by row: the gap before it
        self._kept = self.store.index.start  # no row before it is here

    def catch_up(self) -> bool:
        """Look through some of the rows that are new; returns whether there are more."""
        if not self.connection:
            return False
        end = min(self._looked + SLICE, self._end)
        notes = self._notes.get(self.connection, [])
        for row in self.store.index.rows_on(self.connection, self._looked, end):
            if self._noted < len(notes):
                self._place_notes(notes, self.store.index.time_of(row))
            if self._lost:
                self._resume(row)
            self.items.append(row)
        self._looked = max(end, self._looked)
        if self._looked >= self._end:
            self._place_notes(notes, float("inf"))
        return self._looked < self._end

    def _place_notes(self, notes: list[Note], t: float) -> None:
        while self._noted < len(notes) and notes[self._noted].t <= t:
            note = notes[self._noted]
            self._noted += 1
            if isinstance(note, GapSeen):
                self._lost[note.direction] = note
            for part in ("gap",) if isinstance(note, GapSeen) else ("request", "answer"):
                self._steps += 1
                self._told[-self._steps] = note, part
                self.items.append(-self._steps)

    def _resume(self, row: int) -> None:
        frame = self.store.index.find(row)
        gap = self._lost.get(frame.direction) if frame else None
        if frame and gap and frame.offset >= gap.offset + gap.length:  # else the gap is inside this frame
            self._resumed[row] = self._lost.pop(frame.direction)

    def fallen(self) -> int:
        """Return how many steps, the first ones, are of frames that fell off or stand between such."""
        start = self.store.index.start
        if start <= self._kept:
            return 0
        last = next((place for place, item in enumerate(self.items) if item >= start), len(self.items))
        while last and self.items[last - 1] < 0:
            last -= 1
        return last

    def drop(self, count: int) -> None:
        """Drop the first steps."""
        self._kept = self.store.index.start
        for item in self.items[:count]:
            self._told.pop(item, None)
            self._resumed.pop(item, None)
        del self.items[:count]

    def place_of(self, row: int) -> int:
        """Return where a frame stands, -1 when it is on another connection."""
        try:
            return self.items.index(row)
        except ValueError:
            return -1

    # --- how it reads ---

    def step(self, place: int) -> Step:
        """Return what stands at a place."""
        item = self.items[place]
        if item >= 0:
            row = self.store.index.find(item)
            return self._frame(place, row) if row else Step(None, "client", "–", "muted", GONE, "muted", "muted")
        note, part = self._told[item]
        if isinstance(note, GapSeen):
            return _gap(note)
        return self._request(note) if part == "request" else self._answer(note)

    def _since_start(self, t: float | None) -> float | None:
        opened = self.opened.get(self.connection)
        began = opened.t if opened else self._begin()
        return t - began if t and began else None

    def _begin(self) -> float:
        first = self.items[0]
        return self.store.index.time_of(first) if first >= 0 else self._told[first][0].t

    def _request(self, note: HandshakeSeen) -> Step:
        text = f"{note.method} {note.target or '?'} · opening handshake"
        return Step(self._since_start(self._request_time()), "client", "HTTP", "text", text)

    def _request_time(self) -> float | None:
        """Return when the request was sent, where the packets are there to tell."""
        places = self.reader.index.spool.runs(self.connection, "client").positions if self.reader else ()
        packet = self.reader.packet_at(places[0]) if self.reader and places else None
        return packet.time if packet else None

    def _answer(self, note: HandshakeSeen) -> Step:
        time = self._since_start(note.t)
        if note.violations:
            rules = " · ".join(f"{RULES[rule].title} · {rule}" for rule in note.violations if rule in RULES)
            return Step(time, "server", "HTTP", "bad", f"{_status(note.status)} · ✗ {rules}", "bad", "bad")
        is_open = note.status == 101
        text = _status(note.status) + (" · accept ✓" if is_open and note.accept else "")
        color = "text" if is_open else "bad"
        return Step(time, "server", "HTTP", color, text, color, "muted" if is_open else "bad")

    def _frame(self, place: int, row: FrameRow) -> Step:
        name, pill = opcode_name(row.opcode), PILL_COLORS.get(row.opcode, "bad")
        time = self._since_start(row.time)
        line = "accent" if row.direction == "client" else "muted"
        text = self._text(place, row)
        if gap := self._resumed.get(row.row):
            how = "resynchronised" if gap.length else "recognised"
            text = f"{how}, confidence {gap.confidence:.2f} · {text}"
        if not row.is_complete:
            text = f"cut short · {text}"
        if row.violations:
            rules = " · ".join(f"{RULES[rule].title} · {rule}" if rule in RULES else rule for rule in row.violations)
            return Step(time, row.direction, name, "bad", f"{rules} · {text}", "bad", "bad")
        if row.opcode == CLOSE and self._is_failure(row):
            return Step(time, row.direction, name, "bad", text, "bad", "bad")
        return Step(time, row.direction, name, pill, text, "text", line)

    def _text(self, place: int, row: FrameRow) -> str:
        near = Neighbours(self.store.index, self.items)
        if row.opcode <= BINARY and not (row.fin and row.opcode):
            return near.fragment(place, row)
        text = preview(self.store, row)
        if row.opcode == PONG and (ping := near.ping_of(place, row)):
            text = f"answered in {span(row.time - ping.time)}"
        elif row.opcode in (PING, PONG) and near.is_between(place, row):
            text = f"{text} · between fragments: allowed" if text else "between fragments: allowed"
        return text

    def _is_failure(self, row: FrameRow) -> bool:
        code = self.store.index.preview(row.row, 2)
        return len(code) == 2 and int.from_bytes(code, "big") not in QUIET_CODES


def _keep(things: dict[str, Any]) -> None:
    if len(things) > CONNECTIONS:
        del things[next(iter(things))]


def _gap(note: GapSeen) -> Step:
    text = f"{thousands(note.length)} bytes were not captured" if note.length else "the connection was already open"
    pill = "gap" if note.length else "midway"
    return Step(None, note.direction, pill, "flight", text, "flight", "flight", is_gap=True)


def _status(status: int) -> str:
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    return f"{status} {phrase}".strip()
