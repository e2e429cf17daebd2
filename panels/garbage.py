# SPDX-License-Identifier: GPL-3.0-or-later
"""Python's search for garbage in circles, put off while a capture comes in: it would hold the window up for long."""

from __future__ import annotations

import gc

# Looks among the youngest for one among the young, and those for one among all: the last takes a tenth of a second,
# and events make no circles; often among the young, for the more there are the longer it takes.
OFTEN, RARELY = 3, 3_000


def put_off() -> None:
    """Look for none from now on; what is no longer needed and in no circle goes at once, as always."""
    gc.disable()


def take_up() -> None:
    """Look for it again, but not among what there is by now: that would be looked through again and again."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(gc.get_threshold()[0], OFTEN, RARELY)
        gc.enable()
