# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of Redis as rows of a table: grouped by meaning, with the time each has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PyQt5.QtCore import QRect, QRectF, Qt
from PyQt5.QtGui import QFontMetrics, QPainter

from app.entities import Message
from app.events import KeySeen
from app.pace import Pace
from app.settings import STATS_PREFIX
from app.state import State
from panels.cells import Cell, pill
from panels.members import Member, members_of
from panels.numbers import thousands
from panels.row_model import Column
from panels.theme import Theme
from panels.times import span

GROUPS = {
    "queue": ("Queues", "channels with waiting messages"),
    "body": ("Bodies", "one key per message"),
    "group": ("Groups", "who gets a broadcast"),
    "counter": ("Counters", "statistics extension"),
    "other": ("Other", "not of the channel layer"),
}
COLUMNS = (
    Column("key", 270),
    Column("type", 64),
    Column("size", 72, is_right=True),
    Column("time to live", 170, tip="Redis deletes the key when it is up"),
    Column("what it is", 200),
)
BODY_NAME = 34  # characters; the names of bodies are shortened beyond


@dataclass(frozen=True)
class KeyRow:
    """A row: a heading, a key, a group's member, or a ghost (a body that expired while its entry is still in a queue).

    Of a member `name` is its channel and `key` that of its group.
    """

    name: str
    kind: str
    key: KeySeen | None = None
    expired: float = 0.0
    channel: str = ""
    detail: str = ""
    member: Member | None = None
    change: str = ""  # since the moment it is compared with: "new", "gone", or sizes "1 → 2"

    @property
    def is_heading(self) -> bool:
        """Whether it only names the group of keys under it."""
        return self.key is None and not self.expired


def rows_of(state: State, places: dict[str, int]) -> list[KeyRow]:
    """Return the rows of a state; `places` remembers in which order keys were first seen, so that none jumps."""
    prefix = state.settings.prefix if state.settings else "asgi:"
    rows = [
        KeyRow(key.name, key.kind if key.kind in GROUPS else "other", key, detail=_meaning(key, state, prefix))
        for key in _keys(state)
    ]
    there = {row.name for row in rows}
    for channel in state.channels.values():
        ghosts = ((prefix + key, t) for key, t in channel.ghosts.items() if prefix + key not in there)
        rows += [KeyRow(name, "body", expired=t, channel=channel.name) for name, t in ghosts]
    seen = state.keys.t if state.keys else 0.0
    for row in sorted(rows, key=lambda row: _due(row, seen)):
        places.setdefault(row.name, len(places))
    out = []
    for kind in GROUPS:
        of_kind = sorted((row for row in rows if row.kind == kind), key=lambda row: places[row.name])
        if of_kind:
            out += [KeyRow("", kind), *(one for row in of_kind for one in (row, *_members(row, state)))]
    return out


def _members(row: KeyRow, state: State) -> list[KeyRow]:
    if row.kind != "group" or row.key is None:
        return []
    # Scores are moved while the clock stands still or goes slowly; when somebody joined, the events know.
    told = state.groups.get(row.key.name.partition(":group:")[2], {})
    joined = ((channel, told.get(channel, score)) for channel, score in row.key.members)
    return [KeyRow(one.channel, "member", row.key, member=one) for one in members_of(state, joined)]


def _due(row: KeyRow, seen: float) -> float:
    """Return when a key is gone: those that come together stand in the order in which they go."""
    return row.expired or seen + (row.key.ttl or 0.0 if row.key else 0.0)


def _keys(state: State) -> Sequence[KeySeen]:
    return [key for key in state.keys.keys if key.ttl is not None] if state.keys else ()


def _meaning(key: KeySeen, state: State, prefix: str) -> str:
    """Say what a key is for, as far as we know more than Redis does."""
    name = key.name.removeprefix(prefix)
    if key.kind == "queue" and (channel := state.channels.get(name)):
        ghosts = f" · {channel.dead} ghosts (expired entries)" if channel.dead else ""
        return f"{channel.live} waiting{ghosts}"
    if key.kind == "body" and (message := state.messages.get(name)):
        return f"{_without_entry(state, message)}{key.detail}"
    if key.kind == "group" and (members := state.groups.get(name.removeprefix(":group:"))):
        return " · ".join(one.name or "?" for one in members_of(state, members.items()))
    if key.kind == "counter":
        counted, _, what = key.name.removeprefix(STATS_PREFIX).rpartition(":")
        where = "all channels together" if counted == "#global#" else counted
        return {"messages_count": "messages sent to ", "channel_full_count": "times full: "}.get(what, what) + where
    return key.detail


def _without_entry(state: State, message: Message) -> str:
    """Say who has popped the place in the queue of a message whose body is still there, "" while it has one."""
    if message.key not in state.channel_of(message.channel).bodies:
        return ""
    return f"no entry: {message.taken_by} {'popped it' if message.fate.is_open else 'died with it'} · "


class KeyRows:
    """Rows for a RowModel; `seen` is when Redis was looked at, `now` the present (seconds since the epoch)."""

    columns = COLUMNS

    def __init__(self) -> None:
        self.rows: list[KeyRow] = []
        self.seen = 0.0
        self.now = 0.0
        self.clock = Pace()

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, row: int) -> Sequence[Cell]:
        """Return a row's cells."""
        one = self.rows[row]
        if one.is_heading:
            title, what = GROUPS[one.kind]
            heading = Cell(title, tint="panel", tip=what, spoken=f"{title}: {what}", shape=partial(_heading, what=what))
            return (heading, *[Cell(tint="panel")] * (len(COLUMNS) - 1))
        if one.key is None:
            return self._ghost(one)
        if one.member:
            return self._member(one.member, one.key)
        if one.change == "gone":
            return self._gone(one, one.key)
        key, left = one.key, self._left(one.key)
        return (
            Cell(short_name(key), is_mono=True, tip=key.name, spoken=key.name, shape=_name),
            Cell(key.type, shape=pill),
            Cell(_size(key), is_right=True, is_mono=True),
            _life(key, left),
            _what(one, key),
        )

    def _left(self, key: KeySeen) -> float:
        """Return the seconds a key has left: it runs down here between two looks at Redis."""
        return max((key.ttl or 0.0) - max(self.clock.between(self.seen, self.now), 0.0), 0.0)

    def _member(self, one: Member, group: KeySeen) -> Sequence[Cell]:
        """Return a member's cells: how it is, how long it has been in the group, and when it is dropped from it."""
        color = {"alive": "good", "dead": "bad", "unknown": "muted"}[one.status]
        age_now = max(self.clock.between(one.joined, self.now), 0.0)
        left = max(group.lifetime - age_now, 0.0)
        age = f"in it for {span(age_now)}"
        tip = f"{age}; dropped from the group in {span(left)} unless it is added again"
        return (
            Cell(f"   {one.channel}", "muted", is_mono=True, tip=one.channel, spoken=one.channel, shape=_name),
            Cell(one.status if one.status != "unknown" else "?", color, shape=pill),
            Cell(""),
            Cell(age, "muted", tip=tip, spoken=tip),
            Cell(one.says(self.now), "muted" if one.status == "alive" else color, tip=one.says(self.now)),
        )

    def _gone(self, row: KeyRow, key: KeySeen) -> Sequence[Cell]:
        """Return the cells of a key that was there at the moment it is compared with."""
        return (
            Cell(short_name(key), "muted", is_mono=True, tip=key.name, spoken=key.name, shape=_name),
            Cell(key.type, "muted", shape=pill),
            Cell(_size(key), "muted", is_right=True, is_mono=True),
            Cell("—", "muted"),
            Cell(f"− gone · {key.detail}" if key.detail else "− gone", "bad", tip=key.detail),
        )

    def _ghost(self, row: KeyRow) -> Sequence[Cell]:
        ago = f"expired {max(self.now - row.expired, 0.0):.1f} s ago"
        if self.now - row.expired >= 60:
            ago = f"expired {span(self.now - row.expired)} ago"
        return (
            Cell(shorten(row.name), "muted", is_mono=True, tip=row.name, spoken=row.name),
            Cell("—", "muted", shape=pill),
            Cell("gone", "muted", is_right=True),
            Cell(ago, "bad"),
            Cell(f"ghost: its entry is still in {row.channel}", "muted"),
        )


def _what(row: KeyRow, key: KeySeen) -> Cell:
    """Say what a key is, and what is otherwise with it than at the moment it is compared with."""
    if not row.change:
        return Cell(row.detail, "muted", is_mono=key.kind == "body", tip=row.detail)
    change, color = ("+ new", "good") if row.change == "new" else (f"~ {row.change}", "flight")
    text = f"{change} · {row.detail}" if row.detail else change
    return Cell(text, color, is_mono=key.kind == "body", tip=text)


def short_name(key: KeySeen) -> str:
    """Return a key's name; only the names of bodies are too long to be read."""
    return shorten(key.name) if key.kind == "body" else key.name


def shorten(name: str) -> str:
    """Leave out the middle of a long name."""
    return name if len(name) < BODY_NAME else f"{name[:15]}…{name[-4:]}"


def _size(key: KeySeen) -> str:
    """Say how much is in it: bytes of a body, else entries, members, or what a counter has counted."""
    return f"{key.size} B" if key.kind == "body" else thousands(key.size)


def _life(key: KeySeen, left: float) -> Cell:
    if key.ttl is None or key.ttl < 0:
        return Cell("—", "muted", tip="It stays until somebody deletes it", spoken="stays")
    text = span(left) if left < 10 or left >= 60 else f"{left:.0f} s"
    part = min(left / key.lifetime, 1.0) if key.lifetime > 0 else 1.0
    return Cell(text, tip=f"{text} left", spoken=f"{text} left", shape=partial(_bar, part=part))


def _heading(painter: QPainter, rect: QRect, theme: Theme, cell: Cell, what: str) -> None:
    painter.setFont(theme.sans("small", bold=True))
    painter.setPen(theme.color("muted"))
    painter.drawText(rect, int(Qt.AlignVCenter), cell.text)
    painter.setFont(theme.sans("small"))
    painter.drawText(rect.adjusted(theme.px(64), 0, 0, 0), int(Qt.AlignVCenter | Qt.TextDontClip), what)


def _name(painter: QPainter, rect: QRect, theme: Theme, cell: Cell) -> None:
    """Paint a name that is cut where it says least: a counter's at its end, any other's in its middle."""
    font = theme.mono()
    painter.setFont(font)
    painter.setPen(theme.color(cell.color))
    where = Qt.ElideRight if cell.text.startswith(STATS_PREFIX) else Qt.ElideMiddle
    text = QFontMetrics(font).elidedText(cell.text, where, rect.width())
    painter.drawText(rect, int(Qt.AlignVCenter), text)


def _bar(painter: QPainter, rect: QRect, theme: Theme, cell: Cell, part: float) -> None:
    """Paint what is left of a key's life, and the number beside it."""
    height, number = theme.px(8), theme.px(70)
    ground = QRectF(rect.left(), rect.center().y() - height / 2 + 0.5, rect.width() - number, height)
    painter.setPen(Qt.NoPen)
    painter.setBrush(theme.color("line"))
    painter.drawRoundedRect(ground, height / 2, height / 2)
    painter.setBrush(theme.color("flight"))
    if part > 0:
        ground.setWidth(max(ground.width() * part, height))
        painter.drawRoundedRect(ground, height / 2, height / 2)
    painter.setFont(theme.mono("small", bold=True))
    painter.setPen(theme.color("text"))
    painter.drawText(rect, int(Qt.AlignVCenter | Qt.AlignRight), cell.text)
