# SPDX-License-Identifier: GPL-3.0-or-later
"""What a line that is being typed may become, and a line of help on it."""

from __future__ import annotations

from collections.abc import Iterable

from app.console.commands import COMMANDS, Command, command_of, refusal
from app.console.words import typed

IDLE = "Tab completes · ↑ brings back earlier lines · help lists the commands · … stands for the rest of a key's name"


def completions(line: str, keys: Iterable[tuple[str, str]]) -> list[str]:
    """Return the lines that this one may be the beginning of; `keys` are names of keys and their types."""
    start, _, word = line.rpartition(" ")
    words = start.split()
    ways = [name for name in COMMANDS if name.startswith(line.lower())]
    if not words or ways:
        return [_begun(COMMANDS[name]) for name in ways]
    if words == ["help"]:
        return [f"help {name}" for name in COMMANDS if name.startswith(word.lower())]
    command, rest = command_of(words)
    if command is None or command.keys is None or (len(rest) != command.keys and command.keys >= 0):
        return []
    names = [name for name, kind in keys if kind == (command.kind or kind) and name not in rest]
    begun = [name for name in names if name.startswith(word)] or [name for name in names if word in name]
    return [f"{start} {typed(name)}" for name in begun]


def common_start(lines: list[str], line: str) -> str:
    """Return how far completing goes without a choice, and never less than what was typed."""
    first, last = min(lines, default=line), max(lines, default=line)
    start = first[: next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]
    return start if len(lines) == 1 or start.startswith(line) else line


def hint(line: str) -> str:
    """Return help on a line that is being typed: its command's arguments and what it does, or why it may not be."""
    words = line.split()
    if not words:
        return IDLE
    command, _ = command_of(words)
    if command:
        return f"{command.usage} · {command.does}"
    ways = [name for name in COMMANDS if name.startswith(line.lower().strip())]
    if ways and not line.endswith(" "):
        return " · ".join(COMMANDS[name].usage for name in ways[:6])
    if any(name.startswith(words[0].lower() + " ") for name in COMMANDS) and len(words) == 1:
        return " · ".join(one.usage for name, one in COMMANDS.items() if name.startswith(words[0].lower() + " "))
    return refusal(words)


def _begun(command: Command) -> str:
    """Return a command as it is typed first: with a space where arguments follow."""
    return f"{command.name} " if command.most else command.name
