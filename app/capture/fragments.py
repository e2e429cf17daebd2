# SPDX-License-Identifier: GPL-3.0-or-later
"""IP packets that came in parts: when all parts are there, or no more will come, their TCP data goes on."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from app.capture.packets import FIN, RST, SYN, Fragment, Segment, tcp_segment

_MOST = 256  # packets whose parts are kept while some are missing

Part = tuple[Fragment, int]  # a fragment, and where its packet begins in the file


class Fragments:
    """Keeps parts until the last one of a packet is there."""

    def __init__(self) -> None:
        self._parts: dict[tuple[bytes, int], list[Part]] = {}
        self.lost = 0  # packets of which some part never came

    def add(self, fragment: Fragment, position: int) -> Iterator[tuple[Segment, int]]:
        """Take a part; yields segments with the place of their packet, in the order of their bytes."""
        parts = self._parts.setdefault(fragment.packet, [])
        parts.append((fragment, position))
        if _is_whole(parts):
            del self._parts[fragment.packet]
            yield from _segments(parts)
        elif len(self._parts) > _MOST:
            self.lost += 1
            yield from _segments(self._parts.pop(next(iter(self._parts))))

    def finish(self) -> Iterator[tuple[Segment, int]]:
        """No more packets will come: give out what there is."""
        for parts in self._parts.values():
            self.lost += 1
            yield from _segments(parts)
        self._parts.clear()


def _is_whole(parts: list[Part]) -> bool:
    end = 0
    for fragment, _ in sorted(parts, key=lambda part: part[0].offset):
        if fragment.offset > end:
            return False
        end = max(end, fragment.offset + fragment.length)
        if fragment.is_last:
            return True
    return False


def _segments(parts: list[Part]) -> Iterator[tuple[Segment, int]]:
    """Yield one segment for each part: the first has the header, the others follow it in the sequence."""
    parts = sorted(parts, key=lambda part: part[0].offset)
    first = parts[0][0]
    if first.offset:
        return  # without the TCP header nobody knows whose bytes these are
    try:
        whole = tcp_segment(first.head, 0, len(first.head), first.addresses)
    except struct.error:
        return
    header = whole.start
    for fragment, position in parts:
        begin = max(header - fragment.offset, 0)
        flags = whole.flags if fragment.is_last else whole.flags & ~(FIN | RST)
        # SYN counts as one; the data behind it has the number after it.
        sequence = whole.sequence + fragment.offset + begin - header
        if fragment.offset and flags & SYN:
            flags, sequence = flags & ~SYN, sequence + 1
        yield whole._replace(
            sequence=sequence & 0xFFFFFFFF, flags=flags, start=fragment.start + begin,
            length=max(fragment.length - begin, 0), captured=max(fragment.captured - begin, 0),
        ), position  # fmt: skip
