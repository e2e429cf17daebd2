# SPDX-License-Identifier: GPL-3.0-or-later
"""One trip to Redis as a value: the command to send, and how to read the reply."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
Word = str | bytes | int | float

_FOLDER = Path(__file__).parent / "lua"


@dataclass(frozen=True)
class Script:
    """A Lua script; Redis knows it by the SHA-1 of its source once it has seen it."""

    source: str
    sha: str


def script(name: str) -> Script:
    """Return the script in `lua/<name>.lua`."""
    source = (_FOLDER / f"{name}.lua").read_text()
    return Script(source, hashlib.sha1(source.encode()).hexdigest())


SEND, SEND_GROUP, RECEIVE, TAKE = script("send"), script("send_group"), script("receive"), script("take")
GROUP_ADD, GROUP_CHANNELS, FLUSH = script("group_add"), script("group_channels"), script("flush")


@dataclass(frozen=True)
class Call(Generic[Result]):
    """What to say to Redis, and what its reply means."""

    command: tuple[Word, ...]
    read: Callable[[Any], Result]
    first_time: tuple[Word, ...] = ()  # instead of `command`, when Redis does not know the script


def command(read: Callable[[Any], Result], *words: Word) -> Call[Result]:
    """Return a call of a plain command."""
    return Call(words, read)


def run(lua: Script, read: Callable[[Any], Result], keys: Sequence[str], *args: Word) -> Call[Result]:
    """Return a call of a script. Only EVALSHA and EVAL are needed, which an ACL can allow without SCRIPT LOAD."""
    rest = (len(keys), *keys, *args)
    return Call(("EVALSHA", lua.sha, *rest), read, ("EVAL", lua.source, *rest))
