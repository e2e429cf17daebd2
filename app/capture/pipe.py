# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of a capture on their way from the process that reads it: pickled, each behind its length."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

SIZE = 1 << 20  # bytes in the pipe: a batch comes in few reads, each of which has to wait for the reader's turn
_LENGTH = struct.Struct("<I")


def send(out: IO[bytes], batch: dict[str, Any]) -> None:
    """Write a batch."""
    data = pickle.dumps(batch, protocol=5)
    out.write(_LENGTH.pack(len(data)) + data)
    out.flush()


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """Read the next batch, None when the process has ended.

    Only for a pipe from a process that we started with our own code.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    return None if len(data) < length else pickle.loads(data)
