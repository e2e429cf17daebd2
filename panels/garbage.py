# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's search for garbage in circles, put off while a capture comes in: it would hold the window up for long.

And what is no garbage and still takes room: events come and go for hours, and leave holes in malloc's heap.
"""

from __future__ import annotations

import ctypes
import gc
import sys

from PyQt5.QtCore import QObject, QTimer

# Looks among the youngest for one among the young, and those for one among all: the last takes a tenth of a second,
# and events make no circles; often among the young, for the more there are the longer it takes.
OFTEN, RARELY = 3, 3_000

HOLES = 30_000  # milliseconds between two times that holes are given back, which takes one
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None  # glibc has it


def put_off() -> None:
    """Look for none from now on; what is no longer needed and in no circle goes at once, as always."""
    gc.disable()


def take_up() -> None:
    """Look for it again, but not among what there is by now: that would be looked through again and again."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(gc.get_threshold()[0], OFTEN, RARELY)
        gc.enable()


def give_back() -> None:
    """Give holes in the heap back to the system, where that can be asked for (malloc_trim(3)); else they stay ours."""
    if _trim is not None:
        _trim(0)


def give_back_regularly(owner: QObject) -> None:
    """Do so again and again, as long as `owner` is there."""
    timer = QTimer(owner)
    timer.timeout.connect(give_back)
    timer.start(HOLES)
