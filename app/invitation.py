# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said between a lab and the workers that it invited from other machines, by way of the lab's Redis."""

from __future__ import annotations

import re
import secrets

import msgspec

from app.settings import STATS_PREFIX

USER = "guest"  # of Redis, as long as the invitation lasts; the token is its password
KEY = f"{STATS_PREFIX}invitation"  # holds the terms
TOLD = f"{STATS_PREFIX}told"  # brings batches of observations (PUBLISH)
CLAIM = f"{STATS_PREFIX}guest:"  # and a name: taken by the worker of this process id
CONNECTION = "guest:"  # begins the name of the connection that tells them
BEAT = 1.0  # seconds between two batches, at most; a batch without events says that the worker is there

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is easily taken for another
_CODE = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[^\s:/@\[\]]+):(?P<port>\d{1,5})/(?P<token>[a-z0-9-]+)")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How an invited worker works: options of `app.worker`; `only` are the channels it is asked to listen to."""

    prefix: str
    expiry: int
    group_expiry: int
    capacity: int
    receive: str
    settings: str
    routing: str
    only: tuple[str, ...] = ()


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """Who tells a batch; `now` is its clock, in seconds since the epoch."""

    worker: str
    host: str
    pid: int
    now: float
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


def new_token() -> str:
    """Return twelve letters and digits to type, about 59 bits."""
    letters = [secrets.choice(_LETTERS) for _ in range(12)]
    return "-".join("".join(letters[place : place + 4]) for place in (0, 4, 8))


def parts_of(code: str) -> tuple[str, int, str]:
    """Return host, port and token of "HOST:PORT/TOKEN"; raises ValueError."""
    match = _CODE.fullmatch(code.strip())
    if match is None or not 0 < int(match["port"]) < 65536:
        raise ValueError(f"{code!r} is no invitation: expected HOST:PORT/TOKEN, as the other window shows it")
    return match["host"].strip("[]"), int(match["port"]), match["token"]


def batch_of(hello: Hello, lines: list[bytes]) -> bytes:
    """Return what is published: the hello and events, a JSON line each."""
    return msgspec.json.encode(hello) + b"\n" + b"".join(lines)


def read_batch(data: bytes) -> tuple[Hello, list[bytes]]:
    """Return the hello and the lines of a batch; raises msgspec.DecodeError."""
    first, *lines = data.splitlines()
    return msgspec.json.decode(first, type=Hello), lines
