# SPDX-License-Identifier: GPL-3.0-or-later
"""A field to run about in and to lose messages on: the move after a lost one says it all; a lost line stays lost.

A move says where a player is, never how far he went. Lines are numbered by their sender, so that others see a gap.
"""

from __future__ import annotations

from typing import Any

from app.channels import Group, Message
from app.demo.drawing import SIDE, is_number
from app.demo.origins import same_site
from app.demo.presence import enter, id_of, leave, username_of
from app.demo.speech import Unusable, explained, line_in, said, text

LINE_LIMIT = 200  # characters
EXAMPLE = '{"type": "move", "x": 0 to 1000, "y": 0 to 1000, "n": 1} or {"type": "line", "data": "your text", "n": 1}'


@same_site
def ws_connect(message: Message, room: str) -> None:
    """Let a player in."""
    enter(message, _group(room))


@explained
def ws_receive(message: Message, room: str) -> None:
    """Send a move or a line to everybody in the room."""
    Group(_group(room)).send(text(**_played(message), username=username_of(message), id=id_of(message)))


def ws_disconnect(message: Message, room: str) -> None:
    """Take the player out of the room."""
    leave(message, _group(room))


def _played(message: Message) -> dict[str, Any]:
    content = said(message, "move", "line", example=EXAMPLE)
    if not is_number(content.get("n"), 1e15):
        raise Unusable(f'"n" must be a number. Please send {EXAMPLE}.')
    if content["type"] == "move":
        if not all(is_number(content.get(name), SIDE) for name in ("x", "y")):
            raise Unusable(f'"x" and "y" must be numbers from 0 to {SIDE}.')
        return {name: content[name] for name in ("type", "n", "x", "y")}
    return {"type": "line", "n": content["n"], "data": line_in(content, LINE_LIMIT)}


def _group(room: str) -> str:
    return f"game-{room}"
