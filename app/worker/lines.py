# SPDX-License-Identifier: GPL-3.0-or-later
"""What a worker says, as lines for people: for one that was started by hand."""

from __future__ import annotations

from datetime import datetime

from app import events as e

_HERE = datetime.now().astimezone().tzinfo  # Django changes the process's time zone to that of its settings


def print_line(event: e.Event) -> None:
    """Print what a person at the terminal wants to know of an event, if anything."""
    if text := line_of(event):
        print(f"{datetime.fromtimestamp(event.t, _HERE):%H:%M:%S}", event.source, text, flush=True)


def line_of(event: e.Event) -> str:
    """Return the event as a line, "" if it is not worth one."""
    match event:
        case e.WorkerReady():
            return "listens to " + " ".join(event.channels)
        case e.ConsumerStarted():
            return f"runs {event.consumer} for {event.key[:8]} from {event.channel}"
        case e.ConsumerFinished():
            return f"is done with {event.key[:8]} after {event.seconds * 1000:.1f} ms"
        case e.ConsumerFailed():
            return f"goes on after {event.consumer} raised for {event.key[:8]}:\n{event.traceback}"
        case e.GhostsPassed():
            return f"passed {len(event.keys)} expired messages in {event.channel}"
        case e.MessageRefused():
            return f"could not send to {event.channel}: {event.reason}"
        case e.RedisLost():
            return f"lost Redis and tries again: {event.reason}"
        case e.RedisBack():
            return "has Redis back"
        case e.LogLine():
            return f"{event.level}: {event.text}"
    return ""
