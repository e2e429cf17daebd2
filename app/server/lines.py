# SPDX-License-Identifier: GPL-3.0-or-later
"""What the interface server says, as lines for people: for one that was started by hand."""

from __future__ import annotations

from app import events as e


def print_line(event: e.Event) -> None:
    """Print what a person at the terminal wants to know of an event, if anything."""
    match event:
        case e.SourceReady():
            print(f"serves at {event.detail}", flush=True)
        case e.SourceFailed():
            print(f"failed: {event.reason} {event.remedy}".rstrip(), flush=True)
        case e.RedisLost():
            print(f"lost Redis and tries again: {event.reason}", flush=True)
        case e.RedisBack():
            print("has Redis back", flush=True)
        case e.LogLine():
            print(f"{event.level}: {event.text}", flush=True)
