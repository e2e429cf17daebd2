# SPDX-License-Identifier: GPL-3.0-or-later
"""The world that a run of events adds up to.

`State.apply` takes one event after the other. Each child has a pipe of its own, so evidence about a message may come
before the news that it was sent, or twice: every thing here is a small machine that only moves forward (a message that
was received does not become waiting again), and what is said of a message not yet known is kept until it is.
Readers must not change what they read; a message is changed through `World.own` only, because copies share it.
"""

from __future__ import annotations

from app.events import Event
from app.state import gates, layer, processes, program, untold, wire
from app.state.program import RECORDED, REPLAYED
from app.state.world import World

__all__ = ["RECORDED", "REPLAYED", "State"]

_HANDLERS = wire.HANDLERS | gates.HANDLERS | layer.HANDLERS | processes.HANDLERS | program.HANDLERS | untold.HANDLERS
for _kind in layer.STORY:
    _HANDLERS[_kind] = layer.told(_kind, _HANDLERS.get(_kind))


class State(World):
    """Everything the panels show, as of one moment."""

    def apply(self, event: Event) -> None:
        """Move forward by one event; kinds without a meaning for the state pass by."""
        if handler := _HANDLERS.get(type(event)):
            handler(self, event)
