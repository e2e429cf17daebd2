# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Connection knows of one of its directions, and what finds the frames there."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.wire.deflate import Deflate
from app.wire.frames import Frame
from app.wire.http1 import Body
from app.wire.messages import WebSocketMessage
from app.wire.scan import Outline

Cut = Frame | Outline | WebSocketMessage


class Frames(Protocol):
    """What finds the frames of one direction: Cutter with their payloads, Outliner without."""

    @property
    def unused(self) -> int:
        """How many of the last bytes did not even make a header."""

    def lose_track(self) -> None:
        """Frames may have passed unseen; the next byte is the first of a frame."""

    def take(self, data: bytearray, offset: int) -> Sequence[Cut]:
        """Take the next bytes; returns what they complete."""

    def skip(self, length: int) -> tuple[bool, Sequence[Cut]]:
        """Bytes were not seen; returns whether the next frame's place is known, and a frame that ended among them."""

    def end(self) -> Sequence[Cut]:
        """The stream has ended; returns the frame that was not finished."""


FramesFactory = Callable[[str, Deflate | None, bool], Frames]


class Phase(enum.Enum):
    """Where a direction stands; see app.wire.connection."""

    SEARCHING = enum.auto()
    HTTP = enum.auto()
    WAITING = enum.auto()
    FRAMES = enum.auto()
    OTHER = enum.auto()


@dataclass(slots=True)
class Side:
    """One direction: its bytes that are not used up, and the place of the first of them in the stream."""

    direction: str
    phase: Phase
    buffer: bytearray = field(default_factory=bytearray)
    offset: int = 0
    body: Body = field(default_factory=Body)
    frames: Frames | None = None
    gap: int = 0  # while searching: where the bytes not understood began
    cursor: int = 0  # while searching: the first place not ruled out
    has_ended: bool = False

    def drop(self, count: int) -> None:
        """Use up the first bytes of the buffer."""
        del self.buffer[:count]
        self.offset += count
