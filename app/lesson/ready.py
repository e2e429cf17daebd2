# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the live system is set up as a lesson or a scenario wants it, and whether all that was tried is over."""

from __future__ import annotations

from app.lesson.values import Setup
from app.state import State


def is_set_up(state: State, setup: Setup) -> bool:
    """Whether the clients are there, somebody works, and no message is open any more."""
    names = {connection.name for connection in state.connections.values() if not connection.closed}
    is_working = any(worker.status == "idle" for worker in state.workers.values())
    return is_over(state) and set(setup.clients) <= names and (is_working or setup.workers == 0)


def is_over(state: State) -> bool:
    """Whether every message has its fate."""
    return not any(count for fate, count in state.fates.items() if fate.is_open)
