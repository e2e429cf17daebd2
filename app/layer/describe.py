# SPDX-License-Identifier: GPL-3.0-or-later
"""A message's body as one line for people."""

from __future__ import annotations

import json
from typing import Any

from app.layer.messages import UnreadableBody, decode


def describe(body: bytes) -> str:
    """Return a body's content, JSON-like; bytes are shown as b'…', the channel inside it is left out."""
    try:
        _, message = decode(body)
    except UnreadableBody as error:
        return str(error)
    return describe_value(message)


def describe_value(value: Any) -> str:
    """Return one value of a message, JSON-like."""
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {describe_value(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(describe_value, value)) + "]"
        case bytes():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
