# SPDX-License-Identifier: GPL-3.0-or-later
"""What a key is to the channel layer, and which commands show it."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.console.words import typed
from app.settings import STATS_PREFIX

REST = "…"  # what is left out of a name
_BODY = re.compile(r"[0-9a-f]{32}")


class Meaning(NamedTuple):
    """`kind` is "message", "channel" or "group", as in a Selected event, else "counter" or ""; `item` its name."""

    kind: str
    item: str


def meaning_of(name: str, prefix: str) -> Meaning:
    """Return what a key of this name is."""
    if name.startswith(STATS_PREFIX):
        return Meaning("counter", name)
    if not name.startswith(prefix):
        return Meaning("", name)
    rest = name.removeprefix(prefix)
    if rest.startswith(":group:"):
        return Meaning("group", rest.removeprefix(":group:"))
    return Meaning("message" if _BODY.fullmatch(rest) else "channel", rest)


def key_of(kind: str, item: str, prefix: str) -> str:
    """Return the key that something selected is kept under: a channel's queue, a message's body, a group's set."""
    if kind == "channel" and "!" in item:
        item = item[: item.index("!") + 1]
    return prefix + (":group:" if kind == "group" else "") + item


def commands_for(kind: str, name: str) -> tuple[str, ...]:
    """Return the commands that show the key `name`, the most telling first; `kind` is that of its meaning."""
    key = typed(name)
    return {
        "channel": (f"lrange {key} 0 -1", f"llen {key}", f"ttl {key}"),
        "message": (f"get {key}", f"decode {key}", f"ttl {key}"),
        "group": (f"zrange {key} 0 -1 withscores", f"zcard {key}", f"ttl {key}"),
        "counter": (f"get {key}", f"ttl {key}"),
    }.get(kind, (f"type {key}", f"ttl {key}"))


def shortened(line: str) -> str:
    """Leave the key's name out of such a command."""
    verb, *rest = line.split(" ")
    return " ".join([verb, REST, *rest[1:]])
