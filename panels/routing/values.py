# SPDX-License-Identifier: GPL-3.0-or-later
"""A message's values as one types them: text as it stands, anything else behind an equals sign, as in a spreadsheet."""

from __future__ import annotations

import ast
from typing import Any

LITERAL = "="


def written(value: Any) -> str:
    """Return how a value is typed."""
    if isinstance(value, str) and value.isprintable() and not value.startswith(LITERAL):
        return value
    return f"{LITERAL} {value!r}"


def read(text: str) -> Any:
    """Return what was typed.

    Raises:
        ValueError: what stands behind the equals sign is no value of Python's.
    """
    if not text.startswith(LITERAL):
        return text
    try:
        return ast.literal_eval(text[1:].strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ValueError("behind = there must be a value of Python's: 3, b'bytes', ['a', 'list'], None") from None
