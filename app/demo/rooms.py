# SPDX-License-Identifier: GPL-3.0-or-later
"""What rooms and the people in them may be called."""

from __future__ import annotations

import random
import re

ROOM = r"[A-Za-z0-9_-]{1,50}"  # becomes part of a group's name, which must be ASCII
NAME_LIMIT = 40  # characters
FIRST_ROOM = "lobby"


def is_room(name: str) -> bool:
    """Whether a room may be called so."""
    return re.fullmatch(ROOM, name) is not None


def tidied(name: str) -> str:
    """Return a person's name on one line without spaces around it, at most as long as is allowed."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:NAME_LIMIT]


def guest() -> str:
    """Return a name for somebody who gave none."""
    return f"guest-{random.randint(1000, 9999)}"
