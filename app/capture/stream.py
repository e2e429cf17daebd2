# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection of a capture that may carry frames: passed over while it is plain HTTP, decoded from then on."""

from __future__ import annotations

from functools import cached_property

from app.capture.feed import Rows, drop
from app.capture.flows import Flow, Opened
from app.capture.plain import Plain
from app.capture.timed import TimedConnection
from app.frame_index import DIRECTIONS
from app.wire.scan import Outliner, Passing


class Stream:
    """What is known of it.

    Args:
        opened: its ends.
        flow: its segments.
        is_told: whether the user says that it is WebSocket traffic.
    """

    def __init__(self, opened: Opened, flow: Flow, is_told: bool) -> None:
        self.opened = opened
        self.flow = flow
        self.is_shown = False  # whether it has shown WebSocket traffic
        self.feeds: dict[str, Rows] = dict.fromkeys(
            DIRECTIONS, drop
        )  # what takes the bytes of a direction that is not in frames
        self.passing = {direction: Passing() for direction in DIRECTIONS}
        self.plain = Plain(self.passing["server"]) if opened.is_whole and not is_told else None
        self._is_told = is_told

    @cached_property
    def connection(self) -> TimedConnection:
        """What decodes it; not to be asked for while it is plain."""
        return TimedConnection(self.opened.is_whole, Outliner, self._is_told)

    def look_closer(self) -> None:
        """Something else than plain HTTP came, or not all of it: decode the connection from here on."""
        if self.plain is not None:
            self.plain.hand_over(self.connection, self.flow.last)
            self.plain = None

    def find_scans(self) -> None:
        """Let each direction that is in frames go straight to its Scan, the other ones not."""
        for direction in DIRECTIONS:
            frames, side = self.connection.frames(direction), self.flow.side(direction)
            if isinstance(frames, Outliner):
                side.passing, side.rows = frames.scan.passing, frames.scan.rows
            else:
                side.passing, side.rows = self.passing[direction], self.feeds[direction]
