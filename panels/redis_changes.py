# SPDX-License-Identifier: GPL-3.0-or-later
"""Two moments of Redis compared: the rows of the later one, with what is new, gone or otherwise in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.events import KeysSeen
from app.keys_then import compare
from panels.redis_rows import GROUPS, KeyRow


def with_changes(rows: Sequence[KeyRow], before: KeysSeen, after: KeysSeen) -> list[KeyRow]:
    """Return rows that say what changed since `before`; keys that are gone stand at the end of their kind."""
    changes = compare(before, after)
    gone = [key for key in before.keys if changes.get(key.name) == "gone"]
    out = []
    for kind in GROUPS:
        of_kind = [row for row in rows if row.kind == kind or (row.kind == "member" and kind == "group")]
        there = {row.name for row in of_kind}
        lost = [
            KeyRow(key.name, kind, key, change="gone") for key in gone if key.kind == kind and key.name not in there
        ]
        if lost and not of_kind:
            out.append(KeyRow("", kind))
        out += [replace(row, change=changes.get(row.name, "")) for row in of_kind]
        out += lost
    return out


def told(before: KeysSeen, after: KeysSeen) -> str:
    """Return a comparison in one line."""
    changes = list(compare(before, after).values())
    new, gone = changes.count("new"), changes.count("gone")
    return f"{new} new, {gone} gone, {len(changes) - new - gone} changed"
