# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a capture file, pcap or pcapng, found by our own slicing (scapy takes 100 times as long)."""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from app.capture.errors import CaptureError
from app.capture.pcapng import MAGIC as PCAPNG_MAGIC
from app.capture.pcapng import Blocks, Place, comment_at

# The four magic numbers as they stand in the file: byte order and ticks per second.
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
_LONGEST = 262_144  # bytes of a packet, unless the file says that it has longer ones: as libpcap
_REACH = 1 << 22  # bytes in which the next packet is looked for after a damaged one
_EXPECTED = "expected a capture file (pcap or pcapng)"


# One packet: when, its link type, where its bytes lie in the file, how many, how many there were on the wire.
Record = tuple[float, int, int, int, int]


Unpack = Callable[[mmap.mmap, int], tuple[int, ...]]


class Packet(NamedTuple):
    """A packet that was looked up: how many records lie between it and where the search began, and what it is."""

    number: int
    time: float
    link: int
    data: bytes
    original: int
    comment: str


class CaptureFile:
    """A capture file that is open for reading; `notes` says what is wrong with it but no reason to stop.

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        self._blocks: Blocks | None = None
        self.data = _map(path)
        self._magic = bytes(self.data[:4])
        if self._magic not in _PCAP and self._magic != PCAPNG_MAGIC:
            self.data.close()
            raise CaptureError(str(path), "", f"{_EXPECTED}, found {self._magic.hex(' ')}")
        if len(self.data) < 24:
            size = len(self.data)
            self.data.close()
            raise CaptureError(str(path), f"byte {size}", "the file ends inside its header")

    def __len__(self) -> int:
        return len(self.data)

    def records(self, place: Place | None = None) -> Iterator[Record]:
        """Return the records in the order of the file; one that is cut short comes with what there is of it.

        Args:
            place: where to begin; what is wrong with the file is then not said again.
        """
        if self._magic == PCAPNG_MAGIC:
            blocks = Blocks(self.data, self.notes if place is None else [], place)
            if place is None:
                self._blocks = blocks
            return blocks.records()
        return self._pcap_records(*_PCAP[self._magic], place)

    @property
    def begin(self) -> Place:
        """Where the first record begins."""
        return Place(0 if self._magic == PCAPNG_MAGIC else 24)

    def place_of(self, position: int) -> Place:
        """Return where the record found last begins, its packet being at `position`; to be given to `records` later."""
        return Place(position - 16) if self._blocks is None else self._blocks.place

    def packet_at(self, position: int, place: Place) -> Packet | None:
        """Return the packet in which a byte of the file lies; `place` is that of some record not after it."""
        blocks = Blocks(self.data, [], place) if self._magic == PCAPNG_MAGIC else None
        records = blocks.records() if blocks else self._pcap_records(*_PCAP[self._magic], place)
        for count, (time, link, start, captured, original) in enumerate(records):
            if start <= position < start + captured:
                comment = comment_at(self.data, blocks.place) if blocks else ""
                return Packet(count, time, link, self.data[start : start + captured], original, comment)
            if start > position:
                break
        return None

    def close(self) -> None:
        """Give the file back."""
        self.data.close()

    def _pcap_records(self, order: str, ticks: int, place: Place | None) -> Iterator[Record]:
        unpack = struct.Struct(order + "IIII").unpack_from
        data, size = self.data, len(self.data)
        position = place.position if place else 24
        # The upper bits of the link type may hold the length of a frame check sequence.
        snap, link = struct.unpack_from(order + "II", data, 16)
        link &= 0x0FFFFFFF
        longest = max(snap, _LONGEST)
        while position + 16 <= size:
            seconds, fraction, captured, original = unpack(data, position)
            begin = position + 16
            end = begin + captured
            if captured > longest:
                position = self._resume(unpack, position, captured, ticks)
                continue
            if end > size:
                self.notes.append(f"byte {begin}: the last packet is cut short: {size - begin} of {captured} bytes")
                captured, end = size - begin, size
            yield seconds + fraction / ticks, link, begin, captured, original
            position = end
        if position < size:
            self.notes.append(f"byte {position}: the file ends inside the header of a packet")

    def _resume(self, unpack: Unpack, begin: int, captured: int, ticks: int) -> int:
        """Return where the records go on after one whose length is damaged; the end of the file if nowhere."""
        size = len(self.data)
        for position in range(begin + 1, min(size - 16, begin + _REACH)):
            _, fraction, length, original = unpack(self.data, position)
            following = position + 16 + length
            if fraction < ticks and 14 <= length <= original <= _LONGEST and following + 16 <= size:
                _, fraction, length, original = unpack(self.data, following)
                if fraction < ticks and length <= original <= _LONGEST:
                    said = f"a packet says it has {captured} bytes; {position - begin} bytes were passed over"
                    self.notes.append(f"byte {begin}: {said}")
                    return position
        self.notes.append(f"byte {begin}: a packet says it has {captured} bytes; what follows cannot be read")
        return size


def _map(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise CaptureError(str(path), "", f"{_EXPECTED}, found an empty file")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise CaptureError(str(path), "", "there is no such file") from None
    except IsADirectoryError:
        raise CaptureError(str(path), "", f"{_EXPECTED}, found a directory") from None
    except (OSError, ValueError) as error:
        raise CaptureError(str(path), "", f"it cannot be read: {error}") from None
