# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: which words lead to which subcommand."""

from __future__ import annotations


def main(argv: list[str]) -> int:
    """Run the subcommand that `argv` names; returns the exit status."""
    raise SystemExit(2)
