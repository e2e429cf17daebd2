# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a message's way with their times, from the first byte on a socket to the last frame out.

Nine of them make a round: a frame arrives, the server handles it, the send script, the queue, the pop, the consumer,
the reply's script, the server reads the reply, the frame goes out. A message that a consumer sends on adds its own.
A stage whose beginning or end nobody told is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from app import events as e
from app.entities import Fate, Message
from app.state import State
from app.store import Store
from app.way import Thing, causes_of, effects_of, is_reply, line_of, rows_in, rows_out

RECENT = 100  # messages that one is compared with
BACK, AHEAD = 1000, 200  # events around a frame that are looked through for its first byte
LOOKED_UP = 10_000  # frames of which it is remembered

ARRIVES, HANDLES, SENDS, QUEUE, POP = "frame arrives", "server handles", "send script", "in the queue", "pop"
CONSUMER, REPLIES, READS, OUT = "consumer", "reply script", "server reads", "frame out"
NAMES = (ARRIVES, HANDLES, SENDS, QUEUE, POP, CONSUMER, REPLIES, READS, OUT)


@dataclass(frozen=True)
class Stage:
    """One stage: `start` and `end` in seconds since the epoch; `thing` is what there is to select.

    `is_open`: it has not ended yet, `end` is now.
    """

    name: str
    start: float
    end: float
    thing: Thing = ("", "")
    where: str = ""  # the channel or the worker
    is_open: bool = False

    @property
    def seconds(self) -> float:
        """How long it took."""
        return max(self.end - self.start, 0.0)


@dataclass(frozen=True)
class Usual:
    """How long a stage took with messages of the same kind lately."""

    p50: float
    p99: float
    count: int


Clock = Callable[[int], float]  # a frame's row -> its time


def stages_of(state: State, key: str, times: Clock, first_byte: Clock, now: float) -> tuple[Stage, ...]:
    """Return the stages of a message's way that are known; `now` ends the one that is not over."""
    chain = line_of(state, key)
    if is_reply(chain[-1]) and chain[-1].key != key:
        chain[-1] = first_out([m for m in effects_of(state, chain[-1].cause) if is_reply(m)])
    stages = list(_arrival(state, chain[0], times, first_byte))
    for message in chain:
        stages += _reply(state, message, times, now) if is_reply(message) else _layer(message, now)
    return tuple(stages)


def first_out(replies: list[Message]) -> Message:
    """Return the reply that came out first, or while none did, that was sent first."""
    out = [reply for reply in replies if reply.fate is Fate.DELIVERED]
    return min(out or replies, key=lambda reply: reply.received or reply.sent)


def _arrival(state: State, message: Message, times: Clock, first_byte: Clock) -> Iterator[Stage]:
    rows = rows_in(state, message)
    if not rows:
        return
    thing, whole, first = ("frame", str(rows[-1])), times(rows[-1]), first_byte(rows[0])
    if first and whole:
        yield Stage(ARRIVES, first, whole, thing)
    if whole:
        yield Stage(HANDLES, whole, message.sent, thing)


def _layer(message: Message, now: float) -> Iterator[Stage]:
    thing, channel = ("message", message.key), message.channel
    popped = message.popped or (message.received - message.popping if message.received else 0.0)
    if message.sending:
        yield Stage(SENDS, message.sent, message.sent + message.sending, thing, channel)
    entered = message.sent + message.sending
    if message.fate is Fate.WAITING:
        yield Stage(QUEUE, entered, now, thing, channel, is_open=True)
    elif popped or message.ended:
        # Redis may hand it out before its answer has reached the sender.
        yield Stage(QUEUE, min(entered, popped or entered), popped or message.ended, thing, channel)
    if message.popping or message.popped:
        end = message.received or message.ended or now
        yield Stage(POP, popped, end, thing, message.taken_by, not (message.received or message.ended))
    if message.started:
        is_open = message.fate is Fate.HELD
        end = now if is_open else message.ended
        yield Stage(CONSUMER, message.started, end, ("run", message.key), message.taken_by, is_open)


def _reply(state: State, message: Message, times: Clock, now: float) -> Iterator[Stage]:
    thing = ("message", message.key)
    where = f"to {message.group}" if message.group else ""
    if message.sending:
        yield Stage(REPLIES, message.sent, message.sent + message.sending, thing, where)
    entered = message.sent + message.sending
    if message.fate is Fate.WAITING:
        yield Stage(READS, entered, now, thing, is_open=True)
    elif message.received or message.ended:
        end = message.received or message.ended
        yield Stage(READS, min(entered, end), end, thing)
    rows = rows_out(state, message)
    if rows and message.received and (gone := times(rows[-1])):
        yield Stage(OUT, message.received, gone, ("frame", str(rows[0])))


# --- what is usual ---


def usual_of(state: State, key: str, times: Clock, first_byte: Clock) -> dict[str, Usual]:
    """Return, by the name of a stage, what was usual with the newest messages of the same kind.

    Of the same kind are those whose way began on the same channel and came as far as a consumer's end.
    """
    channel = causes_of(state, key)[0].channel
    same = (
        m
        for m in reversed(state.messages.values())
        if m.channel == channel and not m.cause and m.fate is Fate.DELIVERED
    )
    found: dict[str, list[float]] = {}
    for message in islice(same, RECENT):
        for name, seconds in totals(stages_of(state, message.key, times, first_byte, 0.0)).items():
            found.setdefault(name, []).append(seconds)
    return {name: Usual(_part(sorted(all_), 0.5), _part(sorted(all_), 0.99), len(all_)) for name, all_ in found.items()}


def totals(stages: tuple[Stage, ...]) -> dict[str, float]:
    """Return the seconds of each stage, summed up where a way has it more than once."""
    sums: dict[str, float] = {}
    for stage in stages:
        if not stage.is_open:
            sums[stage.name] = sums.get(stage.name, 0.0) + stage.seconds
    return sums


def _part(ordered: list[float], part: float) -> float:
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


# --- when frames came ---


class Moments:
    """When frames of a store were whole, and when their first byte was seen."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._first: dict[int, float] = {}

    def whole(self, row: int) -> float:
        """Return when a frame was whole, 0.0 when it is not kept."""
        return self.store.index.time_of(row)

    def first_byte(self, row: int) -> float:
        """Return when a frame's first byte was seen, 0.0 when the run of bytes that it came in is not kept."""
        if row not in self._first:
            if len(self._first) >= LOOKED_UP:
                self._first.clear()
            self._first[row] = self._look_up(row)
        return self._first[row]

    def _look_up(self, row: int) -> float:
        frame = self.store.index.find(row)
        if frame is None:
            return 0.0
        place = self.store.sequence_at(frame.time)
        before, after = self.store.between(place - BACK, place), self.store.between(place, place + AHEAD)
        for event in chain(reversed(before), after):  # mostly it is the one just before
            if (
                isinstance(event, e.BytesSeen)
                and (event.connection, event.direction) == (frame.connection, frame.direction)
                and event.offset <= frame.offset < event.offset + event.length
            ):
                return event.t
        return 0.0
