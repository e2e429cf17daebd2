# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's thread gives way: on a busy machine the observed comes first, and what is drawn of it second."""

from __future__ import annotations

import os
import sys
import threading

from PyQt5.QtCore import QAbstractEventDispatcher

from app.right_of_way import RightOfWay

NICE = 10  # nice(2)
SWITCH = 0.001  # seconds that another thread may go on with Python while this one waits


def give_way() -> None:
    """Let other threads and processes go before this thread, where threads have a nice value of their own (sched(7)).

    Threads and processes that it starts from now on inherit that; the lab's thread and processes are there already.
    """
    sys.setswitchinterval(SWITCH)
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    if os.getpriority(os.PRIO_PROCESS, thread) < NICE:
        os.setpriority(os.PRIO_PROCESS, thread, NICE)


def go_first(way: RightOfWay) -> None:
    """Let this thread, which runs Qt's loop, have the right of way from when it wakes until it waits again."""
    loop = QAbstractEventDispatcher.instance()
    loop.awake.connect(way.take)
    loop.aboutToBlock.connect(way.leave)
