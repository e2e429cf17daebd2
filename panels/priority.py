# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's thread gives way: on a busy machine the observed comes first, and what is drawn of it second."""

from __future__ import annotations

import os
import sys
import threading

NICE = 10  # nice(2)


def give_way() -> None:
    """Let other threads and processes go before this thread, where threads have a nice value of their own (sched(7)).

    Threads and processes that it starts from now on inherit that; the lab's thread and processes are there already.
    """
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    if os.getpriority(os.PRIO_PROCESS, thread) < NICE:
        os.setpriority(os.PRIO_PROCESS, thread, NICE)
