# SPDX-License-Identifier: GPL-3.0-or-later
"""`main.py serve`: the live system without a window."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable

from app import events as e
from app import ports
from app.commands.line import fail
from app.commands.live_options import add_live_options, problem_with, settings_of
from app.lab import Lab
from app.lines import line_of, print_line, time_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    add_live_options(parser)
    parser.add_argument("--echo", action="store_true", help="a raw WebSocket echo at /_scope/echo, for tests")


def run(args: argparse.Namespace) -> int:
    """Serve until TERM or Ctrl-C."""
    settings = settings_of(args)
    if problem := problem_with(settings):
        return fail(problem)
    try:
        ports.check(settings.host, settings.port)
    except ports.PortTaken as taken:
        return fail(str(taken))
    except OSError as error:
        return fail(f"cannot listen on {settings.host}: {error}")
    return serve(Lab(settings))


def serve(lab: Lab, leaving: threading.Event | None = None) -> int:
    """Run a lab until TERM or Ctrl-C, and print what it says for people; returns the exit status.

    One that has been started comes with the event that the two signals set.
    """
    if leaving is None:
        leaving = threading.Event()
        on_signal(leaving.set)
        lab.start()
    try:
        return _report(lab, leaving)
    except BrokenPipeError:  # whoever read our lines is gone
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the rest of the process
        return 0
    finally:
        lab.stop()
        no_more_signals()


def on_signal(leave: Callable[[], object]) -> None:
    """Have this done at TERM and at Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave())


def no_more_signals() -> None:
    """Let a second Ctrl-C, when all is done, not kill the interpreter that is tidying up."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def _report(lab: Lab, leaving: threading.Event) -> int:
    """Print what happens until it is time to leave; returns the exit status."""
    while not leaving.wait(0.1):
        for event in lab.inbox.take():
            if isinstance(event, e.SourceReady) and event.name == "server":
                print(f"{time_of(event)} The chat is at {event.detail}/  (Ctrl-C ends)", flush=True)
            elif isinstance(event, e.SourceFailed):
                print(line_of(event), file=sys.stderr, flush=True)
                if event.name in ("lab", "server"):
                    return 2
            else:
                print_line(event)
    print("Stopping.", flush=True)
    return 0
