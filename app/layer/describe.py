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
    return _show(message)


def _show(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_show(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_show, value)) + "]"
        case bytes():
            return repr(value)
        case _:
            return json.dumps(value, ensure_ascii=False)
