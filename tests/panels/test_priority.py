# SPDX-License-Identifier: GPL-3.0-or-later
"""The window gives way to what it looks at."""

import os
import sys
import threading

import pytest

from panels.priority import NICE, give_way


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no nice value of their own")
def test_that_only_the_thread_that_says_so_gives_way():
    seen, before = [], os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def run():
        give_way()
        seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [max(NICE, before)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
