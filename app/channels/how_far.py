# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a regular expression fits a value that it does not match, for people who wonder why."""

from __future__ import annotations

import re
import warnings

LONGEST = 400  # characters of an expression: every beginning of it is tried
CANNOT_SAY = (-1, 0)
_COUNTS = "*+?{"  # what says how often the thing before it may come: it must not be cut off from that


def how_far(pattern: re.Pattern[str], value: str) -> tuple[int, int]:
    """Return how many characters of an expression fit, and how many of the value they fit; CANNOT_SAY of a long one.

    Taken is the longest beginning of the expression that is an expression and matches.
    """
    whole = pattern.pattern
    if len(whole) > LONGEST:
        return CANNOT_SAY
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # half an expression may look odd
        for end in range(len(whole) - 1, 0, -1):
            if whole[end] not in _COUNTS and whole[end - 1] != "|" and (match := _match(whole[:end], pattern, value)):
                return end, match.end()
    return 0, 0


def _match(part: str, pattern: re.Pattern[str], value: str) -> re.Match[str] | None:
    try:
        return re.compile(part, pattern.flags).match(value)
    except (re.error, ValueError, OverflowError, RecursionError):  # cut in the middle of something
        return None
