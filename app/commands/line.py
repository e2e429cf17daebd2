# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: which words lead to which subcommand.

Each subcommand is a module with `add_arguments(parser)` and `run(args) -> exit status`, imported when it is wanted;
one with `main(words)` reads its command line itself.
Without one of their names the window starts.
"""

from __future__ import annotations

import argparse
import importlib
import signal
import sys

WINDOW = "See how Django Channels and WebSockets work by running the real thing and looking inside."
SUBCOMMANDS = {
    "serve": "The live system without a window: private Redis, interface server, workers.",
    "worker": "One worker, here or on another machine.",
    "manage": "A command of Django's in the project of this folder, with Channels 1.x from here.",
    "bots": "Let 1 to 500 bots draw or chat on running pages, and say what it cost.",
    "decode": "The WebSocket frames of a capture file (pcap, pcapng).",
    "export": "A saved session as packets (pcapng) with comments, for Wireshark.",
    "explain": "What a routing does with a message, route by route; nothing is sent.",
    "lesson": "List the lessons, or check them against the real system.",
    "scenario": "List stories of faults, or play them and see whether they end as expected.",
    "doctor": "Say what is missing on this machine, and how to get it.",
}


def main(argv: list[str]) -> int:
    """Run the subcommand that `argv` names; returns the exit status: 0, or 2 with one clear line on stderr."""
    name, rest = (argv[0], argv[1:]) if argv and argv[0] in SUBCOMMANDS else ("window", argv)
    module = importlib.import_module(f"app.commands.{name}")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # main.py: not earlier
    if hasattr(module, "main"):  # its words are somebody else's
        own: int = module.main(rest)
        return own
    prog = "main.py" if name == "window" else f"main.py {name}"
    parser = argparse.ArgumentParser(
        prog=prog,
        description=SUBCOMMANDS.get(name, WINDOW),
        epilog=_epilog() if name == "window" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    status: int = module.run(parser.parse_intermixed_args(rest))
    return status


def fail(reason: str) -> int:
    """Say what is wrong in one line on stderr; returns the exit status for it."""
    print(f"channelscope: {reason}", file=sys.stderr)
    return 2


def _epilog() -> str:
    lines = [f"  main.py {name:<8} {purpose}" for name, purpose in SUBCOMMANDS.items()]
    return "\n".join(["subcommands (each has a --help):", *lines])
