# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Stage says while a page of somebody else's is served: where it is, and which pages may open sockets."""

from __future__ import annotations

from app.clients.attack import FOREIGN, HERE
from app.events import AttackTried
from app.state import State

SOURCE = "attack page"
CHECKS = {
    "none": "No Origin is checked",
    "hosts": "Only the Origin's host is checked",
    "origin": "The whole Origin is checked",
}


def words_of(state: State) -> tuple[str, tuple[str, ...]] | None:
    """Return a sentence and the addresses of the page; None while it is not served and origins are checked."""
    source, says = state.sources.get(SOURCE), CHECKS[state.origin_check]
    if source is None or source.status != "ready":
        return None if state.origin_check == "origin" else (f"{says}: other pages may open sockets here.", ())
    return f"{says} · foreign page:", (source.detail, source.detail.replace(HERE, FOREIGN))


def told_of(event: AttackTried) -> str:
    """Say how far the page came under one of its hosts, and what its victim's browser did with the cookies."""
    cookies = "" if event.status == 101 or event.has_cookie else ", without cookies"
    return f"{event.origin.partition('://')[2]}{cookies} · {event.status} · {event.outcome}"
