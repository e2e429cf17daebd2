# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: which words lead to which subcommand.

Each subcommand is a module with `HELP`, `add_arguments(parser)` and `run(args) -> exit status`. Without one of their
names the window starts.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from types import ModuleType

SUBCOMMANDS = ("serve", "worker", "decode", "lesson", "doctor")


def main(argv: list[str]) -> int:
    """Run the subcommand that `argv` names; returns the exit status: 0, or 2 with one clear line on stderr."""
    name, rest = (argv[0], argv[1:]) if argv and argv[0] in SUBCOMMANDS else ("window", argv)
    module = _module(name)
    prog = "main.py" if name == "window" else f"main.py {name}"
    parser = argparse.ArgumentParser(
        prog=prog,
        description=module.HELP,
        epilog=_epilog() if name == "window" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    status: int = module.run(parser.parse_args(rest))
    return status


def fail(reason: str) -> int:
    """Say what is wrong in one line on stderr; returns the exit status for it."""
    print(f"channelscope: {reason}", file=sys.stderr)
    return 2


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"app.commands.{name}")


def _epilog() -> str:
    lines = [f"  main.py {name:<8} {_module(name).HELP}" for name in SUBCOMMANDS]
    return "\n".join(["subcommands (each has a --help):", *lines])
