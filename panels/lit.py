# SPDX-License-Identifier: GPL-3.0-or-later
"""What is selected together with the selection: a frame, its message, its run and all on its way are one."""

from __future__ import annotations

from collections.abc import Callable

from app.entities import Message
from app.events import Event, FrameSeen, WebSocketMessageSeen
from app.metrics import queue_of
from app.state import State
from app.way import Stop, Thing, copies_of, is_run, message_of, rows_in, rows_out, stop_of, tree_of

NOTHING: frozenset[Thing] = frozenset()


def same(state: State) -> frozenset[Thing]:
    """Return the things that are what is selected: a frame is its message, a worker what it has at the moment."""
    selected = state.selected
    if selected is None or not selected.kind:
        return NOTHING
    thing = selected.kind, selected.item
    things = {thing}
    worker = state.workers.get(selected.item) if selected.kind == "worker" else None
    is_message = selected.kind in ("frame", "message", "run") or bool(worker and worker.key)
    if is_message and (key := message_of(state, thing)):
        things.add(("message", key))
    return frozenset(things)


def selected_messages(state: State) -> list[Message]:
    """Return the messages that are what is selected: one, or of a group on a way the copies."""
    kind, item, *cause = stop_of(state.selected)
    if kind == "group" and cause:
        return copies_of(state, item, *cause)
    return [state.messages[key] for kind, key in same(state) if kind == "message" and key in state.messages]


def lit(state: State) -> frozenset[Thing]:
    """Return everything that is on the way of what is selected, the selected thing included."""
    things = set(same(state))
    for kind, item in list(things):
        if kind == "message" and item in state.messages:
            for message in tree_of(state, item):
                things |= _of_message(state, message)
        elif kind == "frame" and item.isdecimal() and (origin := state.message_of_row.get(int(item))):
            things.add(("connection", origin[0]))
        elif kind == "group":
            things |= _of_group(state, item, message_of(state, stop_of(state.selected)))
        elif kind == "channel":
            things.add(("channel", queue_of(item)))
    return frozenset(things)


def _of_message(state: State, message: Message) -> set[Thing]:
    things = {("message", message.key), ("channel", queue_of(message.channel))}
    things |= {("frame", str(row)) for row in (*rows_in(state, message), *rows_out(state, message))}
    things |= {("connection", one) for one in (message.connection, message.became[0]) if one}
    if is_run(message):
        things |= {("run", message.key), ("worker", message.taken_by)}
    if message.group:
        things.add(("group", message.group))
    return things


def _of_group(state: State, group: str, key: str) -> set[Thing]:
    """Return the way that leads to a group, where it is on one, else its members."""
    if key:
        return {thing for message in tree_of(state, key) for thing in _of_message(state, message)}
    members = state.groups.get(group, {})
    return {("connection", one.id) for one in state.connections.values() if one.reply_channel in members}


def narrowed(state: State) -> frozenset[Thing]:
    """Return what is lit without what others pass too, unless it is selected itself: channels, sockets, workers."""
    own = same(state)
    if len(stop_of(state.selected)) > 2:  # a group on a way, not all that was ever sent to it
        own = NOTHING
    return own | {thing for thing in lit(state) if thing[0] in ("frame", "message", "run")}


def is_about(event: Event, things: frozenset[Thing]) -> bool:
    """Whether an event tells something of one of these things."""
    if isinstance(event, FrameSeen):
        return ("frame", str(event.row)) in things or ("connection", event.connection) in things
    if isinstance(event, WebSocketMessageSeen) and any(("frame", str(row)) in things for row in event.rows):
        return True
    if any((kind, getattr(event, name, "")) in things for kind, name in _NAMED):
        return True
    # What a message caused tells of it where it has no key of its own: a group that was joined, a send refused.
    if not getattr(event, "key", "") and ("message", getattr(event, "cause", "")) in things:
        return True
    return ("channel", queue_of(getattr(event, "channel", ""))) in things


_NAMED = (("message", "key"), ("run", "key"), ("worker", "worker"), ("connection", "connection"), ("group", "group"))


def frame_of(state: State, stop: Stop) -> int:
    """Return a frame's row, or that of the first one a message came in or, for a reply, went out in; -1: none."""
    kind, item = stop[:2]
    if kind == "frame" and item.isdecimal():
        return int(item)
    message = state.messages.get(item) if kind in ("message", "run") else None
    if message is None:
        return -1
    return next(iter((*rows_out(state, message), *rows_in(state, message))), -1)


def span_of(state: State, time_of: Callable[[int], float], now: float) -> tuple[float, float]:
    """Return when what is selected began and ended, or `now`; (0.0, 0.0) for what has no time of its own."""
    kind, item = (state.selected.kind, state.selected.item) if state.selected else ("", "")
    if kind == "worker" and (worker := state.workers.get(item)):
        return worker.started, now if worker.is_alive else worker.since
    if kind == "connection" and (connection := state.connections.get(item)):
        return connection.opened, connection.closed or now
    key = message_of(state, stop_of(state.selected)) if kind in ("frame", "message", "run", "group") else ""
    if not key:
        t = time_of(int(item)) if kind == "frame" and item.isdecimal() else 0.0
        return t, t
    tree = tree_of(state, key)
    rows = (row for message in tree for row in (*rows_in(state, message), *rows_out(state, message)))
    times = [t for t in map(time_of, rows) if t]
    times += [message.sent for message in tree]
    times += [message.ended or message.received or now for message in tree]
    return min(times), max(times)
