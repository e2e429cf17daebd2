# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of channels and groups, and what their type characters mean (ASGI 1.x)."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

MAXIMUM = 100  # bytes; names are ASCII, so also characters

_CHANNEL = re.compile(r"[a-zA-Z0-9._-]+(?:[?!][a-zA-Z0-9._-]*)?", re.ASCII)
_GROUP = re.compile(r"[a-zA-Z0-9._-]+", re.ASCII)


def check_channel(name: object) -> str:
    """Return a channel name that messages may be sent to.

    Raises:
        TypeError: it is none; the sentence says what is wrong.
    """
    return _checked_channel(name) if type(name) is str else _checked_channel.__wrapped__(name)


@lru_cache(4096)  # a message's names are checked in several places
def _checked_channel(name: str) -> str:
    checked = _check(name, _CHANNEL, "channel", "and at most one ? or !")
    if checked.endswith("?"):
        raise TypeError(f"Channel name {checked!r} ends in ?: use the full name that new_channel() made from it.")
    return checked


def check_receivable(name: object) -> str:
    """Return a channel name that may be read from: a process-specific one only up to its `!`.

    Raises:
        TypeError: it is none; the sentence says what is wrong.
    """
    checked = check_channel(name)
    if queue_of(checked) != checked:
        raise TypeError(f"Channel name {checked!r} has a part after the !: receive with {queue_of(checked)!r} instead.")
    return checked


def check_group(name: object) -> str:
    """Return a group name.

    Raises:
        TypeError: it is none; the sentence says what is wrong.
    """
    return _checked_group(name) if type(name) is str else _checked_group.__wrapped__(name)


@lru_cache(4096)
def _checked_group(name: str) -> str:
    return _check(name, _GROUP, "group", "and nothing else")


def queue_of(channel: str) -> str:
    """Return the name whose queue holds the channel's messages: itself, or for `prefix!local` the part up to `!`."""
    return channel[: channel.index("!") + 1] if "!" in channel else channel


def session_key(reply_channel: str) -> str:
    """Return the key of the session that belongs to a socket, as Channels 1.1.2 and later make it."""
    return "chn" + hashlib.sha1(reply_channel.encode()).hexdigest()[:29]


def _check(name: object, pattern: re.Pattern[str], what: str, ending: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"A {what} name must be a str, not {type(name).__name__}: {name!r}.")
    if not name or len(name) > MAXIMUM:
        raise TypeError(f"A {what} name must have 1 to {MAXIMUM} characters; {name!r} has {len(name)}.")
    if not pattern.fullmatch(name):
        raise TypeError(f"{what.capitalize()} name {name!r} may have ASCII letters, digits, '.', '-', '_', {ending}.")
    return name
