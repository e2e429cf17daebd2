# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a capture file, pcap or pcapng, found by our own slicing (scapy takes 100 times as long)."""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from app.capture.errors import CaptureError
from app.capture.pcapng import MAGIC as PCAPNG_MAGIC
from app.capture.pcapng import pcapng_records

# The four magic numbers as they stand in the file: byte order and ticks per second.
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
_EXPECTED = "expected a capture file (pcap or pcapng)"


# One packet: when, its link type, where its bytes lie in the file, how many, how many there were on the wire.
Record = tuple[float, int, int, int, int]


class CaptureFile:
    """A capture file that is open for reading; `notes` says what is wrong with it but no reason to stop.

    Raises:
        CaptureError: there is no such file, it is empty, or no capture.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
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

    def records(self) -> Iterator[Record]:
        """Return the records in the order of the file; one that is cut short comes with what there is of it."""
        if self._magic == PCAPNG_MAGIC:
            return pcapng_records(self.data, self.notes)
        return self._pcap_records(*_PCAP[self._magic])

    def close(self) -> None:
        """Give the file back."""
        self.data.close()

    def _pcap_records(self, order: str, ticks: int) -> Iterator[Record]:
        unpack = struct.Struct(order + "IIII").unpack_from
        data, position, size = self.data, 24, len(self.data)
        # The upper bits of the link type may hold the length of a frame check sequence.
        link = struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF
        while position + 16 <= size:
            seconds, fraction, captured, original = unpack(data, position)
            position += 16
            if captured > size - position:
                self.notes.append(
                    f"byte {position}: the last packet is cut short: {size - position} of {captured} bytes"
                )
                captured = size - position
            yield seconds + fraction / ticks, link, position, captured, original
            position += captured
        if position < size:
            self.notes.append(f"byte {position}: the file ends inside the header of a packet")


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
