# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and lengths of time as text, the same in every panel."""

from __future__ import annotations

from datetime import datetime


def clock(t: float) -> str:
    """Return a time of day to the millisecond, in this machine's zone."""
    return datetime.fromtimestamp(t).strftime("%H:%M:%S.%f")[:-3]


def clock_second(t: float) -> str:
    """Return a time of day to the second."""
    return datetime.fromtimestamp(t).strftime("%H:%M:%S")


def span(seconds: float) -> str:
    """Return a length of time with a fitting unit: 0.4 ms, 38 ms, 2.1 s, 3 m 05 s, 23 h 58 m."""
    seconds = max(seconds, 0.0)
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.00995 else f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} m {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} m"
