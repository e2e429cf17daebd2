# SPDX-License-Identifier: GPL-3.0-or-later
"""Work during which Python does not look for garbage in circles: it would look at every object again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator


def uncollected(batches: Iterator[None]) -> Iterator[None]:
    """Go through batches with the collector off while each is made, and as it was while somebody else works."""
    while True:
        was_on = gc.isenabled()
        gc.disable()
        try:
            next(batches)
        except StopIteration:
            return
        finally:
            if was_on:
                gc.enable()
        yield
