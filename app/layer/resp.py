# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as Redis reads them (RESP): an array of words, each with its length before it."""

from __future__ import annotations

import hiredis

Word = str | bytes | int | float


def word(value: Word) -> bytes:
    """Return one word, packed."""
    data = value if type(value) is bytes else str(value).encode()
    return b"$%d\r\n%b\r\n" % (len(data), data)


def words(*values: Word) -> bytes:
    """Return several words, packed one after another."""
    packed: bytes = hiredis.pack_command(values)  # type: ignore[arg-type]
    return packed[packed.index(b"\n") + 1 :]


def command(*values: Word) -> bytes:
    """Return a whole command, packed."""
    packed: bytes = hiredis.pack_command(values)  # type: ignore[arg-type]
    return packed
