# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of one message, from the bits on the wire over the channel layer to a worker and back, hop by hop.

Everything here only reads a state. A frame knows its WebSocket message (connection, direction, n), that its key on the
channel layer, that what was sent because of it, and a reply the WebSocket message it became.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.entities import Fate, Message
from app.state import State
from app.way import copies_of, effects_of, is_reply, line_of, rows_in, rows_out

Clock = Callable[[int], float]  # a frame's row -> its time


class Progress(enum.Enum):
    """How far a journey is at one hop."""

    DONE = "done"
    HERE = "here"
    FAILED = "failed"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Hop:
    """One stop: `time` is when it was reached (0.0: not yet, or nobody saw), `note` what is so there now.

    `kind` and `item` are what there is to select ("message", its key); `title` says where it is.
    """

    name: str
    progress: Progress
    time: float = 0.0
    note: str = ""
    title: str = ""
    kind: str = ""
    item: str = ""


def journey_of(state: State, row: int, time_of: Clock = lambda row: 0.0) -> tuple[Hop, ...]:
    """Return the journey of a frame; one that never reaches the channel layer has only wire and frame.

    Where there is no channel layer to be seen, in a capture, there is no journey.
    """
    if state.settings is None:
        return ()
    origin = state.message_of_row.get(row)
    key = state.origins.get(origin) if origin else None
    if key is None or key not in state.messages:
        ahead = [Hop(name, Progress.AHEAD) for name in ("channel", "worker", "reply")]
        is_data = origin is not None and origin[1] == "client"
        return (*_wire((row,), time_of), *(ahead if is_data else ()))
    return journey_of_message(state, key, time_of)


def journey_of_message(state: State, key: str, time_of: Clock = lambda row: 0.0) -> tuple[Hop, ...]:
    """Return the journey of a message on the channel layer, from the frame that began it to the frames it caused."""
    chain = line_of(state, key)
    first, last = chain[0], chain[-1]
    rows = rows_in(state, first)
    hops = list(_wire(rows, time_of)) if rows else []
    for message in chain:
        if not is_reply(message):
            hops += [*_groups(state, [message]), *_layer(message), *_unheard(state, message)]
    replies = [last] if is_reply(last) else []
    if replies and key != last.key and last.cause:
        replies = [reply for reply in effects_of(state, last.cause) if is_reply(reply)]
    hops += _groups(state, replies)
    return (*hops, _reply(state, replies, chain, time_of))


def journey_of_handshake(state: State, connection: str, answered: float = 0.0) -> tuple[Hop, ...]:
    """Return the way of an opening handshake: request, websocket.connect, the consumer's accept, the answer."""
    known = state.connections.get(connection)
    if known is None:
        return ()
    request = Hop("request", Progress.DONE, known.opened, title="the opening handshake came in")
    said = Progress.DONE if known.status == 101 else Progress.FAILED
    answer = Hop(str(known.status), said, answered, title="the server answered") if known.status else None
    connect = next((m for m in state.messages.values() if _is_connect(m, connection)), None)
    if connect is None:
        return (request, answer) if answer else (request,)
    entered, handled = _layer(connect)
    accept = next((m for m in effects_of(state, connect.key) if is_reply(m)), None)
    reply = _one_reply(state, accept, "accept", lambda row: 0.0) if accept else Hop("accept", Progress.AHEAD)
    hops = (request, replace(entered, name=connect.channel), handled, reply)
    return (*hops, answer or Hop("101", Progress.AHEAD))


def _is_connect(message: Message, connection: str) -> bool:
    return message.connection == connection and message.channel == "websocket.connect"


def _wire(rows: Iterable[int], time_of: Clock) -> tuple[Hop, Hop]:
    rows = tuple(rows)
    first, last = rows[0], rows[-1]
    title = f"{len(rows)} frames" if len(rows) > 1 else "the whole frame"
    return (
        Hop("wire", Progress.DONE, time_of(first), title="the first byte was seen", kind="frame", item=str(first)),
        Hop("frame", Progress.DONE, time_of(last), title=title, kind="frame", item=str(last)),
    )


def _groups(state: State, messages: list[Message]) -> list[Hop]:
    """Return a hop for each group that messages were sent to, the one they are copies for."""
    hops: list[Hop] = []
    for copy in {message.group: message for message in reversed(messages) if message.group}.values():
        count = len(copies_of(state, copy.group, copy.cause)) or 1
        title = f"{copy.group}: {count} cop{'y' if count == 1 else 'ies'}"
        hops.insert(0, Hop("group", Progress.DONE, copy.sent, "", title, "group", copy.group))
    return hops


def _unheard(state: State, message: Message) -> list[Hop]:
    """Return a hop for each group that the message's run sent to and that nobody was in."""
    return [
        Hop("group", Progress.FAILED, 0.0, "empty", f"{group}: nobody was in it, no copy was made", "group", group)
        for group in state.unheard.get(message.key, ())
    ]


_ENDED_IN_CHANNEL = (Fate.EXPIRED, Fate.WIPED)


def _layer(message: Message) -> tuple[Hop, Hop]:
    """Return the two hops of a message that a worker is to take: its channel and the worker."""
    fate, where = message.fate, f"on {message.channel}"
    in_channel, at_worker = Progress.DONE, Progress.DONE
    if fate is Fate.WAITING:
        in_channel, at_worker = Progress.HERE, Progress.AHEAD
    elif fate in _ENDED_IN_CHANNEL and not message.received:
        in_channel, at_worker = Progress.FAILED, Progress.AHEAD
    elif fate is Fate.HELD:
        at_worker = Progress.HERE
    elif fate is not Fate.DELIVERED:
        at_worker = Progress.FAILED
    notes = {Progress.HERE: "waiting", Progress.FAILED: fate.value}
    running = "running" if message.started else "held"
    return (
        Hop("channel", in_channel, message.sent, notes.get(in_channel, ""), where, "message", message.key),
        Hop(
            "worker", at_worker, message.started or message.received or message.popped,
            running if at_worker is Progress.HERE else notes.get(at_worker, ""),
            message.taken_by, "run" if message.taken_by else "", message.key if message.taken_by else "",
        ),
    )  # fmt: skip


def _reply(state: State, replies: list[Message], chain: list[Message], time_of: Clock) -> Hop:
    """Return the last hop; of several replies (a group's) the one that came out first stands for all."""
    if not replies:
        is_over = chain[-1].fate is Fate.DELIVERED
        return Hop("reply", Progress.AHEAD, note="none" if is_over else "")
    name = "reply" if len(replies) == 1 else f"{len(replies)} replies"
    out = [reply for reply in replies if reply.fate is Fate.DELIVERED]
    return _one_reply(state, min(out or replies, key=lambda reply: reply.received or reply.sent), name, time_of)


def _one_reply(state: State, reply: Message, name: str, time_of: Clock) -> Hop:
    rows = rows_out(state, reply)
    kind, item = ("frame", str(rows[0])) if rows else ("message", reply.key)
    if reply.fate is Fate.DELIVERED:
        time = time_of(rows[0]) if rows else 0.0
        return Hop(name, Progress.DONE, time or reply.received, "", f"on {reply.channel}", kind, item)
    progress = Progress.HERE if reply.fate.is_open else Progress.FAILED
    note = "waiting" if reply.fate.is_open else reply.fate.value
    return Hop(name, progress, reply.sent, note, f"on {reply.channel}", kind, item)
