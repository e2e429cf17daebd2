# SPDX-License-Identifier: GPL-3.0-or-later
"""When the Stage is painted while something moves: as often as somebody sees it, and in between news."""

from __future__ import annotations

import time

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QWidget

from panels.stage.motion import Motion
from panels.turns import APART

FRAME = 16  # milliseconds between two pictures while dots move
SLOW = 33  # the same while dots go as slowly as gates hold them, or among a crowd of news
GLOW = 150  # the same while edges only glow, if no tick of the panel comes before it


class Pictures(QTimer):
    """Has a canvas painted again and again until nothing moves on it any more."""

    def __init__(self, motion: Motion, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._motion, self._canvas = motion, canvas
        self._is_crowd = False
        self.setInterval(FRAME)
        self.timeout.connect(self.take)

    def begin(self) -> None:
        """Something may move from now on."""
        if self._canvas.isVisible() and not self.isActive() and self._motion.step(time.monotonic()):
            self.start()
        self._set_pace()

    def keep_apart(self, is_crowd: bool) -> None:
        """There was news; after a crowd of them dots are painted once, in between it and the next."""
        self._is_crowd = is_crowd
        self.begin()
        if is_crowd and self._motion.dots and self.isActive():
            self.start(APART)

    def put_off(self) -> None:
        """It was painted: while edges only glow the next time is due that long after, whoever wanted this one."""
        if self.isActive() and self.interval() == GLOW:
            self.start()

    def take(self) -> None:
        """Let things move on, and have them painted."""
        if not self._motion.step(time.monotonic()):
            self.stop()
        self._set_pace()
        self._canvas.update()

    def _set_pace(self) -> None:
        pace = SLOW if self._motion.held else GLOW
        if self._motion.dots:
            pace = SLOW if self._is_crowd else FRAME
        if self.interval() != pace:
            self.setInterval(pace)
