# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py export SESSION OUT.pcapng`: a saved session as packets that Wireshark opens."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.recording import RecordingError, read_recording
from app.traffic.session import export_session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the subcommand takes."""
    parser.add_argument("session", type=Path, metavar="SESSION", help="a session saved in the window (.cscope)")
    parser.add_argument("out", type=Path, metavar="OUT.pcapng", help="the file to be written")


def run(args: argparse.Namespace) -> int:
    """Write the file; returns the exit status."""
    if args.out.resolve() == args.session.resolve():
        return _fail(f"{args.out} is the session itself: name another file to write")
    try:
        count = export_session(read_recording(args.session), args.out)
    except RecordingError as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{args.out} was not written: {error.strerror or error}")
    print(f"{args.out}: {count.packets} packets, {count.frames} WebSocket frames among them")
    return 0


def _fail(text: str) -> int:
    print(f"channelscope export: {text}", file=sys.stderr)
    return 2
