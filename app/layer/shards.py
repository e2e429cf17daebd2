# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several Redis servers has what; the rule is that of asgi_redis 1.1.0 and later."""

from __future__ import annotations

import itertools
import zlib

_RING = 4096  # slots


def shard_of(name: str, count: int) -> int:
    """Return the number of the server, from 0, that has what belongs to a name."""
    slot = zlib.crc32(name.encode()) & (_RING - 1)
    return int(slot / (_RING / count))


def is_bound(queue: str) -> bool:
    """Whether all readers and writers of a queue must meet on one server: there is one reader, or order counts."""
    return "!" in queue or "?" in queue


class Ring:
    """Servers by number; a normal channel is on all of them and takes turns, separately for sends and receives."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.send_turns = itertools.cycle(range(count))
        self.receive_turns = itertools.count()

    def of(self, name: str) -> int:
        """Return where a queue that is bound to one server is, or a group."""
        return shard_of(name, self.count) if self.count > 1 else 0

    def for_send(self, queue: str) -> int:
        """Return where the next message of a queue goes."""
        if self.count == 1:
            return 0
        return self.of(queue) if is_bound(queue) else next(self.send_turns)

    def all_of(self, queue: str) -> range:
        """Return every server that may have messages of a queue."""
        where = self.of(queue)
        return range(where, where + 1) if is_bound(queue) else range(self.count)
