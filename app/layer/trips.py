# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operation of the layer asks for: trips to Redis as values, which a face makes.

An operation is a generator. It yields a `Trip` and is given the reply; it yields a list of trips, which leave together,
and is given their replies, errors among them; it yields a `Pause` and is given nothing. So the synchronous and the
asyncio face share every operation, and differ only in how they travel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from app.layer.resp import Word, command, word, words

_FOLDER = Path(__file__).parent / "lua"


@dataclass(frozen=True, eq=False)
class Script:
    """A Lua script; Redis knows it by the SHA-1 of its source once it has seen it."""

    by_sha: bytes  # the packed words EVALSHA, sha
    in_full: bytes  # the packed words EVAL, source; only these two need be allowed by an ACL, not SCRIPT LOAD

    @staticmethod
    def named(name: str) -> Script:
        """Return the script in `lua/<name>.lua`."""
        source = (_FOLDER / f"{name}.lua").read_bytes()
        return Script(words("EVALSHA", hashlib.sha1(source).hexdigest()), words("EVAL", source))

    def head(self, keys: int, args: int) -> bytes:
        """Return the beginning of a call with so many keys and arguments, up to the number of keys."""
        return b"*%d\r\n%b%b" % (3 + keys + args, self.by_sha, word(keys))


# Given the replies so far, errors among them: the commands that follow, and whether their replies are waited for.
Then = Callable[[list[Any]], tuple[tuple[bytes, ...], bool]]


class Trip(msgspec.Struct, frozen=True):
    """One packed command for the server of one shard, or `count` of them. `waits`: Redis may answer late: it blocks.

    What `then` says follows on the same line: the connection sends it as soon as it may, which is sooner than an
    operation that has to be asked. All replies are answered as one list, and behind them the seconds that it took to
    send what followed and, if they are waited for, to have its replies.
    """

    shard: int
    data: bytes
    script: Script | None = None
    waits: bool = False
    then: Then | None = None
    count: int = 1

    @property
    def in_full(self) -> bytes:
        """The command that also teaches Redis the script."""
        return self.data.replace(self.script.by_sha, self.script.in_full, 1) if self.script else self.data


class Pause(msgspec.Struct, frozen=True):
    """Do nothing for a while."""

    seconds: float


Result = TypeVar("Result")
Steps = Generator[Trip | list[Trip] | Pause, Any, Result]


def plain(shard: int, *values: Word, waits: bool = False) -> Trip:
    """Return the trip of a plain command."""
    return Trip(shard, command(*values), None, waits)


def run(shard: int, script: Script, keys: tuple[Word, ...], *args: Word) -> Trip:
    """Return the trip of a script."""
    return Trip(shard, script.head(len(keys), len(args)) + words(*keys, *args), script)
