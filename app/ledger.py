# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: what became of all messages that were tried."""

from __future__ import annotations

from app.entities import Fate
from app.state import State

REFUSED, SKIPPED = "refused", "skipped in a group"
NAMES = (*(fate.value for fate in Fate), REFUSED, SKIPPED)


def ledger(state: State) -> dict[str, int]:
    """Return every fate with its number of messages; their sum is the number of attempts."""
    found = {fate.value: state.fates[fate] for fate in Fate}
    return found | {REFUSED: state.refused, SKIPPED: state.skipped}
