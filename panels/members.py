# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of a group: which socket is behind each channel, since when, and whether it still lives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.state import State
from panels.stage.views import connection_name
from panels.times import span


@dataclass(frozen=True)
class Member:
    """A channel in a group; times in seconds since the epoch, `closed` 0.0 while its socket is open.

    `connection` is "" for a channel whose socket was not seen: an earlier run's, or another program's.
    """

    channel: str
    joined: float
    connection: str = ""
    name: str = ""
    closed: float = 0.0

    @property
    def status(self) -> str:
        """alive, dead (a copy for it reaches nobody) or unknown."""
        return "unknown" if not self.connection else "dead" if self.closed else "alive"

    def says(self, now: float) -> str:
        """Say who it is and how it is."""
        if not self.connection:
            return "nobody seen here: another program's, or an earlier run's"
        if not self.closed:
            return f"{self.name} ({self.connection}), alive"
        return f"{self.name} ({self.connection}), dead: its socket closed {span(now - self.closed)} ago"


def members_of(state: State, joined: Iterable[tuple[str, float]]) -> list[Member]:
    """Return members of channels and the times they joined, in the order in which they did."""
    owners = {one.reply_channel: one for one in state.connections.values() if one.reply_channel}
    members = []
    for channel, t in sorted(joined, key=lambda pair: pair[1]):
        owner = owners.get(channel)
        if owner is None:
            members.append(Member(channel, t))
        else:
            members.append(Member(channel, t, owner.id, connection_name(owner, state), owner.closed))
    return members
