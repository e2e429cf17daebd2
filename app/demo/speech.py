# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demos' sockets say to each other: JSON objects with a `type`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import parse_qs

from app.channels import Channel, Message
from app.demo.rooms import guest, tidied

TEXT_LIMIT = 2000  # characters


class Unusable(ValueError):
    """A client sent what a demo cannot use; the sentence is for its reader."""


def explained(consumer: Callable[..., None]) -> Callable[..., None]:
    """Make a consumer tell the sender what cannot be used of his frame, instead of failing."""

    @wraps(consumer)
    def explaining(message: Message, **kwargs: Any) -> None:
        try:
            consumer(message, **kwargs)
        except Unusable as problem:
            Channel(str(message.reply_channel)).send(text(type="error", message=str(problem)))

    return explaining


def said(message: Message, *types: str, example: str) -> dict[str, Any]:
    """Return the JSON object in a frame, whose type is one of these.

    Raises:
        Unusable: it is something else; `example` is shown to whoever sent it.
    """
    if message.get("text") is None:
        raise Unusable("Please send text: this page does not understand binary messages.")
    try:
        content = json.loads(message["text"])
    except (ValueError, RecursionError) as error:
        raise Unusable(f"This is not JSON: {error}.") from error
    if not isinstance(content, dict) or content.get("type") not in types:
        raise Unusable(f"Please send {example}.")
    return content


def line_in(content: dict[str, Any], limit: int = TEXT_LIMIT) -> str:
    """Return what somebody says in "data"; raises Unusable where it says nothing, too much, or is no text."""
    line = content.get("data")
    if not isinstance(line, str) or not line.strip():
        raise Unusable('There is nothing to say: "data" must be text that is not empty.')
    if len(line) > limit:
        raise Unusable(f"This is too long: {len(line)} characters, at most {limit} are sent.")
    if any("\ud800" <= character <= "\udfff" for character in line):
        raise Unusable("This has half a character in it (a lone surrogate), which is no text.")
    return line


def text(**content: Any) -> dict[str, str]:
    """Return an object as the content of a message for sockets."""
    return {"text": json.dumps(content, ensure_ascii=False)}


def name_of(message: Message) -> str:
    """Return who opens a socket: the name in the browser's session, else `?name=` in its address, else a guest's."""
    in_session = (message.http_session or {}).get("username", "")
    query = parse_qs(message.get("query_string", b"").decode("utf-8", "replace"))
    return in_session or tidied(query.get("name", [""])[0]) or guest()
