# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as Redis reads them (RESP): an array of words, each with its length before it."""

from __future__ import annotations

Word = str | bytes | int | float


def word(value: Word) -> bytes:
    """Return one word, packed."""
    data = value if type(value) is bytes else str(value).encode()
    return b"$%d\r\n%b\r\n" % (len(data), data)


def words(*values: Word) -> bytes:
    """Return several words, packed one after another."""
    return b"".join(map(word, values))


def command(*values: Word) -> bytes:
    """Return a whole command, packed."""
    return b"*%d\r\n%b" % (len(values), words(*values))
