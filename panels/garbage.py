# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's search for garbage in circles, put off while a capture comes in: it would hold the window up for long."""

from __future__ import annotations

import gc

RARELY = 1_000  # looks among what is young for one among all: it takes a tenth of a second, and events make no circles


def put_off() -> None:
    """Look for none from now on; what is no longer needed and in no circle goes at once, as always."""
    gc.disable()


def take_up() -> None:
    """Look for it again, but not among what there is by now: that would be looked through again and again."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], RARELY)
        gc.enable()
