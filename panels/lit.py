# SPDX-License-Identifier: GPL-3.0-or-later
"""What is selected together with the selection: a frame, its message, its socket and the worker that has it are one."""

from __future__ import annotations

from app.state import State

Thing = tuple[str, str]  # kind and item, as in a Selected event


def lit(state: State) -> frozenset[Thing]:
    """Return everything that shows what is selected, the selected thing included."""
    selected = state.selected
    if selected is None:
        return frozenset()
    things = {(selected.kind, selected.item)}
    if (
        selected.kind == "frame"
        and selected.item.isdecimal()
        and (origin := state.message_of_row.get(int(selected.item)))
    ):
        things.add(("connection", origin[0]))
        if key := state.origins.get(origin):
            things.add(("message", key))
    if selected.kind == "worker" and (worker := state.workers.get(selected.item)) and worker.key:
        things.add(("message", worker.key))
    for key in [item for kind, item in things if kind == "message"]:
        things |= _of_message(state, key)
    return frozenset(things)


def _of_message(state: State, key: str) -> set[Thing]:
    things = {("worker", worker.name) for worker in state.workers.values() if worker.key == key and worker.is_alive}
    message = state.messages.get(key)
    if message and message.connection:
        things.add(("connection", message.connection))
    return things


def frame_of(state: State, key: str) -> int:
    """Return the row of the first frame a message came in, or, for a reply, went out in; -1 when there is none."""
    message = state.messages.get(key)
    if message is None:
        return -1
    came = state.rows_of_message.get((message.connection, "client", message.n), ()) if message.n else ()
    went = state.rows_of_message.get((message.became[0], "server", message.became[1]), ()) if message.became[0] else ()
    return next(iter(went or came), -1)
