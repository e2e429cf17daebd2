# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window's process keeps of memory that nobody needs any more."""

import platform

import psutil
import pytest

from panels import garbage

MIB = 2**20


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked for the holes in its heap")
def test_that_holes_between_what_is_still_needed_are_given_back():
    process = psutil.Process()
    blocks = [bytes(6000) for _ in range(10_000)]
    kept = blocks[::50]
    before = process.memory_full_info().uss
    del blocks
    held = process.memory_full_info().uss
    garbage.give_back()
    assert before - held < 20 * MIB, "there were no holes to begin with"
    assert held - process.memory_full_info().uss > 20 * MIB
    assert len(kept) == 200
