# SPDX-License-Identifier: GPL-3.0-or-later
"""What a state is made of, and the steps that all its parts share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple, Self, TypeVar

from app import events as e
from app.entities import Channel, Connection, Fate, Message, Source, Worker
from app.pace import Pace
from app.settings import BODY_LIMIT
from app.state.table import Change, Table

MESSAGE_LIMIT = 20_000  # finished messages kept for looking at
CLOSED_LIMIT = 200  # closed connections kept
CHANNEL_LIMIT = 1_000  # channels kept; those that are empty go first
MEMBER_LIMIT = 5_000  # members of a group kept
GROUP_LIMIT = 1_000  # groups kept
PROCESS_LIMIT = 500  # workers and sources kept, those that ended go first
OPEN_LIMIT = 2_000  # connections kept at all
EARLY_LIMIT = 2_000  # messages that were spoken of but not yet seen being sent
SLACK = 0.01  # of a limit: so much more may be kept before the oldest go, all at once

_Thing = TypeVar("_Thing")

# Tables that are small, and whose values are never changed in place: copies may share them.
FLAT = frozenset(("clients", "tried", "fates", "forgotten"))


class Step(NamedTuple):
    """What became of a state from one moment to another: of each large table what changed, and all the rest."""

    changes: dict[str, Change]
    rest: dict[str, Any]


class World:
    """Everything the panels show, as of one moment."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: Table[str, Message] = Table()
        self.groups: dict[str, dict[str, float]] = {}
        self.departed: Table[tuple[str, str], float] = Table()  # (group, channel) -> when it left, of the newest
        self.workers: dict[str, Worker] = {}
        self.sources: dict[str, Source] = {}
        self.clients: dict[str, e.ClientAdded] = {}
        self.bots: e.BotsCounted | None = None  # what the running herd counted last
        self.herds: list[e.BotsCounted] = []  # figures of the newest herds that are over
        self.keys: e.KeysSeen | None = None
        self.settings: e.LabStarted | None = None
        self.faults: e.FaultsSet | None = None  # what fails on purpose; None: nothing
        self.origin_check = "origin"  # which pages may open a socket
        self.capture: e.CaptureProgress | None = None
        self.clock = Pace()  # how fast it went
        self.speed = 1.0  # below 1: slow motion
        self.pace = Pace()  # how fast messages went; Redis's clock does not go along where Redis is not ours
        self.turns: dict[tuple[str, str], float] = {}  # (process, gate) -> when it let the last one go
        self.gates: dict[tuple[str, int], e.MessageHeld] = {}  # what is held at gates now, oldest first
        self.redis_lost = ""
        self.wiped = 0.0  # when Redis was last emptied
        self.fates: dict[Fate, int] = dict.fromkeys(Fate, 0)
        self.refused = self.skipped = 0
        self.events_dropped = 0
        self.unsaid: dict[str, int] = {}  # what was dropped, by kind
        self.counted: dict[str, e.CountersSeen] = {}  # by source, the newest
        self.blind: dict[str, float] = {}  # source -> until when what it told is not all that it saw
        self.frames = 0
        self.first_row = self.rows = 0  # of the frame index: the first of this run, and the one after the newest told
        self.violations = 0
        self.effects: Table[str, list[str]] = Table()  # key -> keys of the messages sent because of it
        self.unheard: Table[str, tuple[str, ...]] = Table()  # key -> empty groups that were sent to because of it
        self.saved: Table[str, tuple[e.RowSaved, ...]] = Table()  # key -> rows that were saved because of it
        self.saves: Table[tuple[str, str], tuple[e.RowSaved, ...]] = (
            Table()
        )  # (table, row) -> its first and its newest save
        self.tables: dict[str, int] = {}  # how many rows consumers have made in each
        self.early: Table[str, list[Any]] = Table()
        self.origins: Table[tuple[str, str, int], str] = Table()  # (connection, direction, n) -> key
        self.message_of_row: Table[int, tuple[str, str, int]] = Table()
        self.rows_of_message: Table[tuple[str, str, int], tuple[int, ...]] = Table()
        self.selected: e.Selected | None = None
        self.held: tuple[dict[str, Source], str, float] | None = None  # of the live system, while a recording is shown
        self.computed: e.AcceptComputed | None = None  # the newest
        self.explained: e.RouteExplained | None = None  # the newest
        self.checked: e.ConsumersChecked | None = None  # the newest
        self.version: e.ConsumersChanged | None = None  # of the demo's consumers; None: the shipped one
        self.tried: dict[str, e.HandshakeTried] = {}  # by mutation, the newest of each
        self.weight = 0  # bytes of the bodies of all messages
        self.forgotten: dict[str, int] = {}  # how many messages, connections, … are no longer kept
        self.owned: set[str] = set()  # keys of the messages that no copy shares

    def copy(self) -> Self:
        """Return an independent copy: messages are shared until one of the two changes them."""
        other = type(self).__new__(type(self))
        self.owned = set()
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, Table) else _copied(name, value))
        return other

    def note(self) -> None:
        """Note from now on what changes."""
        self.owned = set()
        for table in self._tables.values():
            table.note()

    def step(self, is_whole: bool = False) -> Step:
        """Return what became of it since `note` or `step`, or how it came to be out of nothing; then note anew."""
        self.owned = set()
        changes = {name: table.take(is_whole) for name, table in self._tables.items()}
        rest = {name: _copied(name, value) for name, value in vars(self).items() if name not in changes}
        return Step(changes, rest)

    def go(self, steps: Sequence[Step], is_theirs: bool = True) -> None:
        """Take steps that another state took from where this one is; what nobody else needs any more is not copied."""
        for step in steps:
            for name, change in step.changes.items():
                change.apply(getattr(self, name))
        for name, value in steps[-1].rest.items() if steps else ():
            setattr(self, name, _copied(name, value) if is_theirs else value)

    @property
    def _tables(self) -> dict[str, Table[Any, Any]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, Table)}

    def own(self, key: str) -> Message | None:
        """Return a message to be changed, which is then no longer shared with copies; None when it is not known."""
        message = self.messages.get(key)
        if message is not None and key not in self.owned:
            message = self.messages[key] = _twin(message)
            self.owned.add(key)
        return message

    def left(self, message: Message, now: float) -> float:
        """Return the seconds that a message had left to live at `now`, if nobody took it; below 0 when it is over."""
        return message.expiry - self.clock.between(message.sent, now)

    def channel_of(self, name: str) -> Channel:
        """Return the queue that `name` is kept in: for a process-specific channel the part up to `!` (ASGI 1.x)."""
        queue = name[: name.index("!") + 1] if "!" in name else name
        channel = self.channels.get(queue)
        if channel is None:
            self.forget("channels", self.channels, CHANNEL_LIMIT, lambda channel: not channel.entries)
            channel = self.channels[queue] = Channel(queue)
        return channel

    def forget(
        self, what: str, things: dict[Any, Any], limit: int, may: Callable[[Any], bool] | None = None
    ) -> list[Any]:
        """Keep a dict near its limit, as `forget_first` does, and count what had to go."""
        old = forget_first(things, limit, may)
        if old:
            self.forgotten[what] = self.forgotten.get(what, 0) + len(old)
        return old

    def forget_messages(self) -> list[Message]:
        """Keep messages near their limits, of their number and of their bodies' size; return those that had to go."""
        old = self.forget("messages", self.messages, MESSAGE_LIMIT, lambda message: not message.fate.is_open)
        if old:
            self.weight -= sum(len(message.body) for message in old)
        while self.weight > BODY_LIMIT and len(self.messages) > 1:
            count = len(self.messages)
            light = forget_first(self.messages, count - count // 10 - 1, lambda message: not message.fate.is_open, 0)
            self.forgotten["messages"] = self.forgotten.get("messages", 0) + len(light)
            self.weight -= sum(len(message.body) for message in light)
            old += light
        return old

    def move(self, message: Message, fate: Fate) -> None:
        """Give a message another fate, and count."""
        self.fates[message.fate] -= 1
        self.fates[fate] += 1
        message.fate = fate

    def end(self, message: Message, fate: Fate, t: float) -> None:
        """A message has come to its end, unless it had already."""
        if message.fate.is_open or message.fate in (Fate.WIPED, Fate.UNSEEN):
            self.move(message, fate)
            message.ended = t


def _twin(thing: _Thing) -> _Thing:
    """Return a shallow copy, made faster than copy.copy does."""
    other = object.__new__(type(thing))
    vars(other).update(vars(thing))
    return other


def _copied(name: str, thing: Any) -> Any:
    """Copy what can be changed: containers, and what the state is made of with its tables."""
    return thing.copy() if name in FLAT else _deep(thing)


def _deep(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: _deep(value) for key, value in thing.items()}
    if isinstance(thing, list | set | tuple):
        return type(thing)(map(_deep, thing))
    if isinstance(thing, Channel | Connection | Source | Worker):
        other = _twin(thing)
        for name, value in vars(other).items():
            if isinstance(value, dict):
                setattr(other, name, value.copy())
        return other
    return thing


def forget_first(
    things: dict[Any, Any], limit: int, may: Callable[[Any], bool] | None = None, slack: float = SLACK
) -> list[Any]:
    """Keep a dict near its limit: drop and return the oldest that may go, or where they are too few the oldest."""
    excess = len(things) - limit
    if excess <= limit * slack:
        return []
    old = list(islice((key for key, thing in things.items() if may(thing)) if may else things, excess))
    if len(old) < excess:
        old = list(islice(things, excess))
    return things.drop(old) if isinstance(things, Table) else [things.pop(key) for key in old]
