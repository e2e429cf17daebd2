# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the bytes of one direction go that is in order: to the rows of its Scan, or to what reads it until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from mmap import mmap

from app.wire.scan import Columns, Outline, Passing

# Bytes of the file from here to there, their offset in the stream, when, the side's number in the index, its columns.
Rows = Callable[[mmap, int, int, int, float, int, Columns], Sequence[Outline]]
NOTHING = Passing()


def drop(*_: object) -> Sequence[Outline]:
    """Take bytes that nobody wants."""
    return ()
