# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as lines for a terminal: of processes that were started by hand, and of the live system without a window."""

from __future__ import annotations

from datetime import datetime

from app import events as e
from app.telling import said

_HERE = datetime.now().astimezone().tzinfo  # Django changes the process's time zone to that of its settings
Kinds = frozenset[type[e.Event]]
RARE: Kinds = frozenset({  # kinds that are worth a line wherever many messages pass
    e.SourceReady, e.SourceFailed, e.WorkerReady, e.WorkerExited, e.ConsumerFailed, e.LogLine, e.RedisLost, e.RedisBack,
})  # fmt: skip
EACH: Kinds = RARE | {e.ConsumerStarted, e.ConsumerFinished, e.GhostsPassed, e.MessageRefused}  # also of each message


def print_line(event: e.Event, kinds: Kinds = RARE) -> None:
    """Print an event that a person at the terminal wants to know of."""
    if type(event) in kinds:
        print(line_of(event), flush=True)


def line_of(event: e.Event) -> str:
    """Return an event as a line with time and process; a traceback follows it."""
    process, text = process_of(event), said(event)
    told = text if text.startswith(f"{process} ") else f"{process}: {text}"
    if isinstance(event, e.ConsumerFailed):
        told = f"{told}\n{event.traceback}"
    return f"{time_of(event)} {told}"


def time_of(event: e.Event) -> str:
    """Return when it was, to the second."""
    return f"{datetime.fromtimestamp(event.t, _HERE):%H:%M:%S}"


def process_of(event: e.Event) -> str:
    """Return the process that an event is about, or else the one that told it."""
    return getattr(event, "worker", "") or getattr(event, "name", "") or event.source


def words_of(event: e.Event) -> str:
    """Return what is said of an event where its process stands beside it."""
    return said(event).removeprefix(f"{process_of(event)} ")
