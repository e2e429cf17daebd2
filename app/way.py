# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a message as a walk over a state: what led to it, what came of it, and which frames it was.

A thing is what a Selected event names: its kind and item. Along the way they follow each other so: a frame from a
client, the message it became, the run of its consumer, the group that it sent to, the copies made for the group's
members, the frames that replies became. A group is on the way of many messages: as a stop on a way it has the key of
the message with whose run it was sent to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from app.entities import Message
from app.events import Selected
from app.state import State

LONGEST = 8  # messages on the channel layer that one line of causes and effects shows
MOST = 500  # messages that may come of one

Thing = tuple[str, str]  # kind and item
Stop = tuple[str, ...]  # a thing; a group on a way, with a third part: the key of the message that led to it


def is_reply(message: Message) -> bool:
    """Whether the message goes to an interface server: its channel belongs to one process (ASGI 1.x: it has a !)."""
    return "!" in message.channel


def causes_of(state: State, key: str) -> list[Message]:
    """Return the messages that led to this one, oldest first, itself last."""
    chain = [state.messages[key]]
    while (cause := state.messages.get(chain[0].cause)) and len(chain) < LONGEST:
        chain.insert(0, cause)
    return chain


def effects_of(state: State, key: str) -> list[Message]:
    """Return the messages sent because of one."""
    return [state.messages[effect] for effect in state.effects.get(key, ()) if effect in state.messages]


def line_of(state: State, key: str) -> list[Message]:
    """Return what led to a message, itself, and what came of it; of several effects a reply, else the first."""
    chain = causes_of(state, key)
    while len(chain) < LONGEST and not is_reply(chain[-1]):
        effects = effects_of(state, chain[-1].key)
        if not effects:
            break
        chain.append(next(filter(is_reply, effects), effects[0]))
    return chain


def tree_of(state: State, key: str) -> list[Message]:
    """Return all that came of the oldest cause of a message, causes before effects."""
    waiting = deque(causes_of(state, key)[:1])
    found: list[Message] = []
    while waiting and len(found) < MOST:
        message = waiting.popleft()
        found.append(message)
        waiting.extend(effects_of(state, message.key))
    return found


def rows_in(state: State, message: Message) -> tuple[int, ...]:
    """Return the frames a message came in."""
    return state.rows_of_message.get((message.connection, "client", message.n), ()) if message.n else ()


def rows_out(state: State, message: Message) -> tuple[int, ...]:
    """Return the frames a reply went out in."""
    connection, n = message.became
    return state.rows_of_message.get((connection, "server", n), ()) if n else ()


def stop_of(selected: Selected | None) -> Stop:
    """Return what is selected, as a stop."""
    if selected is None:
        return ("", "")
    is_on_way = selected.kind == "group" and selected.field
    return (selected.kind, selected.item, selected.field) if is_on_way else (selected.kind, selected.item)


def message_of(state: State, stop: Stop) -> str:
    """Return the key of the message that a stop is, or has, or had last; "" when there is none."""
    kind, item, *cause = stop
    if kind == "group":
        return cause[0] if cause and cause[0] in state.messages else ""
    if kind in ("message", "run"):
        return item if item in state.messages else ""
    if kind == "frame":
        origin = state.message_of_row.get(int(item)) if item.isdecimal() else None
        key = state.origins.get(origin, "") if origin else ""
        return key if key in state.messages else ""
    if kind == "worker" and (worker := state.workers.get(item)):
        taken = (message.key for message in reversed(state.messages.values()) if message.taken_by == item)
        return worker.key if worker.key in state.messages else next(taken, "")
    if kind == "connection":
        opening = (m.key for m in state.messages.values() if m.connection == item and m.channel == "websocket.connect")
        return next(opening, "")
    return ""


# --- step by step ---


def copies_of(state: State, group: str, key: str = "") -> list[Message]:
    """Return the copies of what the run for a message sent to a group; without a key, of what was sent to it last."""
    if not key:
        sent = (m.cause for m in reversed(state.messages.values()) if m.group == group and m.cause in state.messages)
        key = next(sent, "")
    return [message for message in effects_of(state, key) if message.group == group]


def unheard_from(state: State, group: str, key: str = "") -> list[str]:
    """Return the message with whose run a group was sent to that nobody was in: this one, or none."""
    return [key] if key in state.messages and group in state.unheard.get(key, ()) else []


def group_stop(state: State, group: str, here: Stop) -> Stop:
    """Return a group as a stop on the way that something is on; the group alone where that way does not lead to it."""
    key = message_of(state, here)
    tree = tree_of(state, key) if key else []
    copies = [m for m in tree if m.group == group and m.cause in state.messages]
    causes = [m.cause for m in copies] or [m.key for m in tree if unheard_from(state, group, m.key)]
    near = next((m.cause for m in copies if key in (m.key, m.cause)), key if key in causes else "")
    cause = near or next(iter(causes), "")
    return ("group", group, cause) if cause else ("group", group)


def after(state: State, stop: Stop) -> list[Stop]:
    """Return what comes next on the way: nothing, one thing, or all that a consumer sent."""
    kind, item, *cause = stop
    if kind == "group":
        return [("message", copy.key) for copy in copies_of(state, item, *cause)]
    key = message_of(state, stop)
    if not key:
        return []
    message = state.messages[key]
    if kind == "frame":
        return [("message", key)] if int(item) in rows_in(state, message) else []
    if kind == "connection":
        return [("message", key)]
    if kind == "worker":
        return [("run", key)]
    if kind == "run":
        sent = [_sent_as(effect) for effect in effects_of(state, key)]
        return list(dict.fromkeys([*sent, *(("group", group, key) for group in state.unheard.get(key, ()))]))
    if is_reply(message):
        return [("frame", str(row)) for row in rows_out(state, message)[:1]]
    return [("run", key)] if is_run(message) else []


def _sent_as(message: Message) -> Stop:
    """Return what a consumer sent: a message, or for one copy of many the group."""
    return ("group", message.group, message.cause) if message.group else ("message", message.key)


def before(state: State, stop: Stop) -> list[Stop]:
    """Return what came before on the way: one thing, or nothing where it began."""
    kind, item, *cause = stop
    if kind == "group":
        causes = [copy.cause for copy in copies_of(state, item, *cause)[:1]] or unheard_from(state, item, *cause)
        return [("run", key) for key in causes]
    key = message_of(state, stop)
    if kind == "frame":
        if key and int(item) in rows_out(state, state.messages[key]):
            return [("message", key)]
        origin = state.message_of_row.get(int(item)) if item.isdecimal() else None
        return [("connection", origin[0])] if origin else []
    if not key or kind == "connection":
        return []
    if kind in ("run", "worker"):
        return [("message", key)]
    message = state.messages[key]
    if message.cause in state.messages:
        return [_sent_as(message) if message.group else ("run", message.cause)]
    if rows := rows_in(state, message):
        return [("frame", str(rows[0]))]
    return [("connection", message.connection)] if message.connection in state.connections else []


def beside(state: State, stop: Stop) -> Sequence[Stop]:
    """Return the things that came of the same cause, itself among them; of a frame or a reply, those of all replies."""
    causes = before(state, stop)
    if stop[0] == "frame" and causes and causes[0][0] == "message":
        replies = [other for other in beside(state, causes[0]) if other[0] == "message"]
        return [step for reply in replies for step in after(state, reply) if step[0] == "frame"]
    if stop[0] in ("message", "group") and causes and causes[0][0] in ("run", "group"):
        return after(state, causes[0])
    return [stop]


def is_run(message: Message) -> bool:
    """Whether a worker took it."""
    return bool(message.started or message.consumer) or (bool(message.taken_by) and message.taken_by != "server")
