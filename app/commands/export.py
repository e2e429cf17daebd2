# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py export SESSION OUT.pcapng`: a saved session as packets that Wireshark opens."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from app.events import Event
from app.recording import RecordingDamaged, RecordingError, read_recording
from app.traffic.session import export_session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the subcommand takes."""
    parser.add_argument("session", type=Path, metavar="SESSION", help="a session saved in the window (.cscope)")
    parser.add_argument("out", type=Path, metavar="OUT.pcapng", help="the file to be written")


def run(args: argparse.Namespace) -> int:
    """Write the file, of a damaged session what is whole; returns the exit status."""
    if args.out.resolve() == args.session.resolve():
        return _fail(f"{args.out} is the session itself: name another file to write")
    try:
        count = export_session(_whole(args.session), args.out)
    except RecordingError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{args.out} was not written: {error.strerror or error}")
    print(f"{args.out}: {count.packets} packets, {count.frames} WebSocket frames among them")
    return 0


def _whole(session: Path) -> Iterator[Event]:
    """Yield the events of a session; where it is damaged, say so and leave it at those before."""
    try:
        yield from read_recording(session)
    except RecordingDamaged as error:
        if not error.count:
            raise
        print(f"channelscope export: {error}", file=sys.stderr)


def _fail(text: str) -> int:
    print(f"channelscope export: {text}", file=sys.stderr)
    return 2
