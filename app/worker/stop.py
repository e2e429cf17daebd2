# SPDX-License-Identifier: GPL-3.0-or-later
"""A request to stop that a signal handler may make: no lock is taken, whoever waits for it wakes at once."""

from __future__ import annotations

import os
import select


class StopSign:
    """Set once, by a signal or an order; seen by every thread."""

    def __init__(self) -> None:
        self.is_set = False
        self._read, self._write = os.pipe()

    def set(self) -> None:
        """Ask for the stop."""
        if not self.is_set:
            self.is_set = True
            os.write(self._write, b"s")  # stays in the pipe, so that it stays readable

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is set, at most so long; return whether it is."""
        select.select([self._read], [], [], seconds)
        return self.is_set

    def close(self) -> None:
        """Give its pipe back."""
        os.close(self._read)
        os.close(self._write)
