# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing: one consumer for whatever a page sends, which goes to everybody in the room.

Nothing is kept: a piece of a line that is lost is missed by nobody, and a page that comes later begins with what is
drawn from then on. A piece is {"type": "draw", "points": [x, y, x, y, …], …}, in a square of SIDE by SIDE.
"""

from __future__ import annotations

import re
from typing import Any

from app.channels import Channel, Group, Message
from app.demo.origins import same_site
from app.demo.presence import enter, id_of, leave, username_of
from app.demo.speech import Unusable, explained, said, text

SIDE = 1000
POINTS = 256  # at most in one message
WIDEST = 40  # of a line, in the units of the square
BEGUN = "draw.begun"  # brings the first pieces of lines from invited workers
LONGEST = 60_000.0  # milliseconds
EXAMPLE = '{"type": "draw", "points": [x, y, …]} or {"type": "clear"}'


@same_site
def ws_connect(message: Message, room: str) -> None:
    """Let a socket in."""
    enter(message, _group(room))


@explained
def ws_receive(message: Message, room: str) -> None:
    """Send what was drawn to everybody in the room, also back: that is how a page measures the delay."""
    drawn = _drawn(message)
    if drawn.get("begin"):
        drawn["username"] = username_of(message)  # once a line, for those who came later
    Group(_group(room)).send(text(**drawn, id=id_of(message)))


@explained
def ws_receive_away(message: Message, room: str) -> None:
    """In the place of `ws_receive` on another machine: a line's first piece names its drawer, whom we do not know."""
    if _drawn(message).get("begin"):
        Channel(BEGUN).send(dict(message.content))
    else:
        ws_receive(message, room=room)


def ws_disconnect(message: Message, room: str) -> None:
    """Take the socket out of the room."""
    leave(message, _group(room))


def _drawn(message: Message) -> dict[str, Any]:
    """Return what a page sent, with nothing in it that we do not know."""
    content = said(message, "draw", "clear", example=EXAMPLE)
    if content["type"] == "clear":
        return {"type": "clear"}
    points, colour = content.get("points"), content.get("colour", "#888888")
    if not isinstance(points, list) or len(points) % 2 or not 2 <= len(points) <= 2 * POINTS:
        raise Unusable(f'"points" must be a list of 1 to {POINTS} pairs x, y.')
    if not all(is_number(value, SIDE) and isinstance(value, int) for value in points):
        raise Unusable(f'Every number in "points" must be whole, from 0 to {SIDE}.')
    if not isinstance(colour, str) or not re.fullmatch("#[0-9a-f]{6}", colour):
        raise Unusable('"colour" must be like "#56b4e9".')
    drawn = {"type": "draw", "points": points, "colour": colour, "begin": content.get("begin") is True}
    for name, standard, most in (("width", 6, WIDEST), ("over", 0, LONGEST), ("sent", 0, 1e15)):
        value = drawn[name] = content.get(name, standard)
        if not is_number(value, most):
            raise Unusable(f'"{name}" must be a number from 0 to {most:g}.')
    return drawn


def is_number(value: object, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _group(room: str) -> str:
    return f"draw-{room}"
